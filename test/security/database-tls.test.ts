import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { withoutPassword } from "../../src/db/db-psql.command.ts";
import { owner } from "../../src/db/identity.ts";
import { migrateUp, migrationStates } from "../../src/db/migrate.ts";
import { secureUrl } from "../../src/db/secure-url.ts";
import { selfSigned } from "../faults/certificate.ts";
import { createTestDatabase } from "../support/database.ts";
import { serveWithTls } from "./tls-server.ts";

const PASSWORD = "geheim-wachtwoord";
const ours = selfSigned(); // for localhost, by itself
let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let folder: string;
let ca: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "adsapp-ca-"));
  ca = join(folder, "ca.pem");
  writeFileSync(ca, ours.cert);
});

afterAll(async () => {
  await testDatabase.drop();
  rmSync(folder, { recursive: true });
});

const urlOf = (host: string, port: number, query = "") =>
  `postgresql://adsapp:${PASSWORD}@${host}:${port}/${testDatabase.name}${query}`;

/** "works", or what a person is told and the exit code. */
async function attempt(url: string): Promise<string> {
  const database = new Database({ url, connectSeconds: 5 });
  try {
    const row = await database.transaction(owner, (tx) => tx.one<{ n: number }>("select 1 as n"));
    return row?.n === 1 ? "works" : "answers wrongly";
  } catch (error) {
    const { message, exitCode } = error as { message: string; exitCode?: number };
    return `${exitCode}: ${message}`;
  } finally {
    await database.close();
  }
}

// the kernel takes 0.0.0.0 for loopback; for TLS it is a host like any other
const ELSEWHERE = "0.0.0.0";

describe("PostgreSQL off this machine", () => {
  it("is refused with a certificate that nobody vouches for, by every door, before a word is said", async () => {
    const { port, heard } = await serveWithTls(testDatabase.url, ours);
    const refused = /^1: the database's certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/;
    for (const query of ["", "?sslmode=prefer", "?sslmode=require", "?sslmode=verify-ca", "?ssl=0"])
      expect(await attempt(urlOf(ELSEWHERE, port, query))).toMatch(refused);
    for (const query of ["?uselibpqcompat=true&sslmode=require", "?ssl=no-verify"])
      expect(await attempt(urlOf(ELSEWHERE, port, query))).toMatch(refused);
    await expect(migrateUp(urlOf(ELSEWHERE, port))).rejects.toThrow(/certificate is not trusted/);
    await expect(migrationStates(urlOf(ELSEWHERE, port))).rejects.toThrow(/certificate is not trusted/);
    expect(heard).toEqual({ plain: 0, secured: 0 });
  });

  it("is refused under another name than its certificate's", async () => {
    const { port, heard } = await serveWithTls(testDatabase.url, ours);
    expect(await attempt(urlOf(ELSEWHERE, port, `?sslrootcert=${ca}`))).toBe(
      "1: the database's certificate is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)",
    );
    expect(heard).toEqual({ plain: 0, secured: 0 });
    expect(await attempt(urlOf("localhost", port, `?sslmode=verify-full&sslrootcert=${ca}`))).toBe("works");
    expect(heard.secured).toBeGreaterThan(0);
  });

  it("is refused without TLS, and the password is not said", async () => {
    const { port, heard } = await serveWithTls(testDatabase.url);
    expect(await attempt(urlOf(ELSEWHERE, port))).toBe(
      "1: the database's certificate is not trusted (the server has no TLS)",
    );
    expect(heard).toEqual({ plain: 0, secured: 0 });
  });

  it("is asked no less by PGSSLMODE, and not at all by sslmode=no-verify", async () => {
    const { port } = await serveWithTls(testDatabase.url, ours);
    process.env.PGSSLMODE = "no-verify";
    try {
      expect(await attempt(urlOf(ELSEWHERE, port))).toMatch(/not trusted/);
    } finally {
      delete process.env.PGSSLMODE;
    }
    expect(await attempt(urlOf("localhost", port, "?sslmode=no-verify"))).toMatch(
      /^2: .*sslmode=no-verify: anybody/,
    );
  });

  it("migrates through a connection that is verified", async () => {
    const { port, heard } = await serveWithTls(testDatabase.url, ours);
    const url = urlOf("localhost", port, `?sslmode=require&sslrootcert=${ca}`);
    expect(await migrateUp(url)).toEqual([]);
    expect(heard.plain).toBe(0);
    expect(heard.secured).toBeGreaterThan(0);
  });
});

describe("a URL", () => {
  it.each([
    "postgresql://u:p@localhost/db",
    "postgresql://u@127.0.0.1:5433/db",
    "postgresql://u@[::1]/db",
    "postgresql://u@localhost/db?host=%2Frun%2Fpostgresql",
    "postgresql://u@/db?host=/run/postgresql",
    "postgresql:///db",
    "postgresql://u@db.example/db?sslmode=disable",
  ])("of this machine, or that says disable, stays as it is: %s", (url) => {
    expect(secureUrl(url)).toBe(url);
  });

  it.each([
    "postgresql://u:p@db.example/db",
    "postgresql://u:p@db.example/db?sslmode=require",
    "postgresql://u@localhost/db?host=db.example",
    "postgresql://u@localhost.evil.example/db",
    "postgresql://u@127.0.0.1.evil.example/db",
    "postgresql://u@10.0.0.4/db?application_name=x",
    "postgres://u@[::ffff:127.0.0.1]/db",
    "postgresql://u@localhost/db?sslmode=verify-ca",
  ])("of another machine verifies certificate and name: %s", (url) => {
    const { ssl } = new pg.Client({ connectionString: secureUrl(url) }) as unknown as { ssl: object };
    expect(ssl).toEqual({});
    expect(new URL(secureUrl(url)).searchParams.get("sslmode")).toBe("verify-full");
  });

  it.each([
    ["postgresql://u:p@h/db", "postgresql://u@h/db", "p"],
    ["postgresql://u:p%40s:/@h/db?sslmode=disable", "postgresql://u@h/db?sslmode=disable", "p@s:/"],
    ["postgresql://u@h/db?password=geheim", "postgresql://u@h/db", "geheim"],
    ["postgresql://u@/db?host=%2Frun", "postgresql://u@/db?host=%2Frun", undefined],
  ])("goes to psql without its password: %s", (whole, url, password) => {
    expect(withoutPassword(whole)).toEqual({ url, password });
  });
});
