import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { owner } from "../../src/db/identity.ts";
import { newHome, removeHomes } from "../support/embedded-homes.ts";
import { makeOrganization } from "../support/factories.ts";
import { type Ran, runAdsapp } from "../support/program.ts";
import { makeWorld, type World } from "./world.ts";

const PASSWORD = "geheim-wachtwoord";
const TOKEN = `EAA${"G1h2".repeat(20)}`;
const NOBODY_LISTENS = `postgresql://adsapp:${PASSWORD}@127.0.0.1:1/adsapp`;

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  await makeOrganization(w.database, { slug: "jansen" });
});

afterAll(() => w.end());

/** One line of what is wrong and one of what to do; nothing of a stack, an URL or SQL. */
function expectShort({ stdout, stderr }: Ran): void {
  expect(stdout).toBe("");
  expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
  expect(stderr).toMatch(/^error: /);
  expect(stderr).not.toMatch(/^ +at |postgresql:|select /m);
}

describe("a database that is away", () => {
  it.each([
    ["where nobody listens", NOBODY_LISTENS, /cannot be reached \(ECONNREFUSED\)/],
    [
      "without a socket in the folder",
      "postgresql://adsapp@/adsapp?host=/nonexistent",
      /cannot be reached \(ENOENT\)/,
    ],
    [
      "on a host that does not exist",
      "postgresql://adsapp@db.invalid/adsapp",
      /cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/,
    ],
  ])("%s ends every kind of command with 75", async (_where, databaseUrl, said) => {
    for (const command of ["tick", "org list", "org create Jansen", "migrate up", "migrate status"]) {
      const ran = await w.adsapp(command, { databaseUrl });
      expect({ command, exitCode: ran.exitCode }).toEqual({ command, exitCode: 75 });
      expect(ran.stderr).toMatch(said);
      expectShort(ran);
    }
  });

  it("tells the stack with --verbose, and the password and tokens never", async () => {
    const env = { WHATSAPP_TOKEN: TOKEN, ADSAPP_WEBHOOK_APP_SECRET: PASSWORD };
    for (const command of ["tick --verbose", "org list --verbose", "migrate up --verbose"]) {
      const { stdout, stderr, exitCode } = await w.adsapp(command, { databaseUrl: NOBODY_LISTENS, env });
      expect({ command, exitCode }).toEqual({ command, exitCode: 75 });
      expect(stderr).toMatch(/^ +at /m);
      expect(stdout + stderr).not.toMatch(new RegExp(`${PASSWORD}|${TOKEN}`));
    }
  });

  it("that is read-only ends a command that writes with 75, and lets one read that reads", async () => {
    const databaseUrl = `${w.url}&options=${encodeURIComponent("-c default_transaction_read_only=on")}`;
    for (const command of ["org create Pietersen", "org pause --org jansen", "tick"]) {
      const ran = await w.adsapp(command, { databaseUrl });
      expect({ command, exitCode: ran.exitCode }).toEqual({ command, exitCode: 75 });
      expect(ran.stderr).toMatch(/^error: the database is read-only/);
      expectShort(ran);
    }
    expect(await w.adsapp("org show jansen", { databaseUrl })).toMatchObject({ stderr: "", exitCode: 0 });
  });

  it("that does not exist, or refuses the login, is no matter of trying again: 1", async () => {
    const url = new URL(w.url);
    url.pathname = "/no_such_database";
    const missing = await w.adsapp("org list", { databaseUrl: url.href });
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toMatch(/does not exist/);
    expectShort(missing);
    url.username = "no_such_user";
    expect((await w.adsapp("org list", { databaseUrl: url.href })).exitCode).toBe(1);
  });
});

describe("a URL that is none", () => {
  it.each([`mysql://root:${PASSWORD}@localhost/x`, `postgresql://adsapp:${PASSWORD}@[bad/adsapp`, PASSWORD])(
    "is wrong usage, and is not repeated",
    async (databaseUrl) => {
      const { stdout, stderr, exitCode } = await w.adsapp("org list --verbose", { databaseUrl });
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      expect(stderr).toMatch(/^error: DATABASE_URL /);
      expect(stderr).not.toContain(PASSWORD);
    },
  );
});

describe("a schema that is not this program's", () => {
  it("is not there, in a cluster that knows no adsapp: 1, and it says what to run", async () => {
    const home = await newHome();
    try {
      for (const command of ["tick", "org list"]) {
        const ran = await runAdsapp(command.split(" "), { home });
        expect({ command, exitCode: ran.exitCode }).toEqual({ command, exitCode: 1 });
        expect(ran.stderr).toMatch(/no adsapp schema yet\nRun: adsapp migrate up\n$/);
      }
    } finally {
      await removeHomes();
    }
  });

  it("is newer: 1, and it says which migration", async () => {
    const other = await makeWorld();
    const change = (sql: string) => other.database.transaction(owner, (tx) => tx.run(sql));
    await change(
      "insert into adsapp_migrations (name, batch, migration_time) values ('999_future', 9, now())",
    );
    const ran = await other.adsapp("tick");
    await other.end();
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toMatch(
      /^error: the database is newer than this program: it has the migration 999_future/,
    );
    expectShort(ran);
  });

  it("is missing: 1, and it says what to run", async () => {
    const other = await makeWorld();
    expect(await other.adsapp("migrate down --to 0 --force --yes")).toMatchObject({ exitCode: 0 });
    for (const command of ["tick", "org list", "org create Jansen"]) {
      const ran = await other.adsapp(command);
      expect({ command, exitCode: ran.exitCode }).toEqual({ command, exitCode: 1 });
      expect(ran.stderr).toMatch(/no adsapp schema yet\nRun: adsapp migrate up\n$/);
      expectShort(ran);
    }
    expect(await other.adsapp("migrate up")).toMatchObject({ exitCode: 0 });
    expect(await other.adsapp("org list")).toMatchObject({ exitCode: 0 });
    await other.end();
  });
});

describe("a bug of ours", () => {
  it("is one line without a stack, and has its stack with --verbose: 1", async () => {
    const broken = await makeWorld();
    try {
      await broken.database.transaction(owner, (tx) =>
        tx.run("alter table organizations rename column default_country to country"),
      );
      const ran = await broken.adsapp("org list");
      expect(ran.exitCode).toBe(1);
      expect(ran.stderr).toMatch(
        /^error: this is a bug in adsapp: .*default_country.*\nRun it again with --verbose/,
      );
      expectShort(ran);
      const verbose = await broken.adsapp("org list --verbose");
      expect(verbose.exitCode).toBe(1);
      expect(verbose.stderr).toMatch(/^ +at /m);
    } finally {
      await broken.end();
    }
  });
});
