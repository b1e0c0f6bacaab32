import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterFolders } from "../../src/db/embedded/folders.ts";
import {
  embeddedStatus,
  embeddedUrl,
  ensureEmbedded,
  resetEmbedded,
  stopEmbedded,
} from "../../src/db/embedded/index.ts";
import { ask, newHome, removeHomes, serverPid, startStarter } from "../support/embedded-homes.ts";

let home: string;

beforeAll(async () => {
  home = await newHome();
});

afterAll(removeHomes);

describe("the embedded PostgreSQL", () => {
  it("tells before the first start that there is none, and makes nothing", async () => {
    expect(await embeddedStatus(home)).toEqual({
      running: false,
      pid: null,
      version: null,
      dataFolder: join(home, "data"),
      socketFolder: join(home, "run"),
      logFile: join(home, "server.log"),
      sizeBytes: null,
    });
    expect(await stopEmbedded(home)).toBe(false);
    expect(existsSync(home)).toBe(false);
  });

  it("is made and started by the first who wants it", async () => {
    const connection = await ensureEmbedded(home, {
      fsync: false,
      settings: { max_connections: "17" },
    });
    expect(connection).toEqual({ host: join(home, "run"), port: 5432, user: "adsapp", database: "adsapp" });
    expect(await ask(home, "select current_user || ' in ' || current_database()")).toBe("adsapp in adsapp");
    expect(await ask(home, "show max_connections")).toBe("17");
  });

  it("has the settings of adsapp: UTF-8 in code point order, UTC, no just-in-time compiler", async () => {
    const names = [
      "server_encoding",
      "TimeZone",
      "jit",
      "fsync",
      "autovacuum",
      "max_wal_size",
      "random_page_cost",
    ];
    const sql = `select string_agg(name || '=' || setting, ' ' order by lower(name)) from pg_settings where name = any('{${names}}')`;
    expect(String(await ask(home, sql)).toLowerCase()).toBe(
      "autovacuum=on fsync=off jit=off max_wal_size=1024 random_page_cost=1.1 server_encoding=utf8 timezone=utc",
    );
    expect(await ask(home, "select 'Z' < 'a' and upper('é') = 'É' and 'É' ~* '^é$'")).toBe(true);
  });

  it("can be reached by a private socket only", async () => {
    expect(await ask(home, "show listen_addresses")).toBe("");
    const { mode, uid } = statSync(join(home, "run"));
    expect(mode & 0o777).toBe(0o700);
    expect(uid).toBe(clusterFolders(home).server?.uid ?? process.getuid?.());
  });

  it("does not run as root, and runs a copy of the programs, which npm cannot pull away", async () => {
    expect(clusterFolders(home).server?.uid ?? process.getuid?.()).not.toBe(0);
    const [copy] = readdirSync(home).filter((name) => name.startsWith("pg-18"));
    expect(existsSync(join(home, copy as string, "bin", "postgres"))).toBe(true);
  });

  it("is the same server for the next who wants it", async () => {
    const pid = serverPid(home);
    await ensureEmbedded(home);
    expect(serverPid(home)).toBe(pid);
  });

  it("tells where it is and how large", async () => {
    const status = await embeddedStatus(home);
    expect(status).toMatchObject({ running: true, pid: serverPid(home), version: "18" });
    expect(status.sizeBytes).toBeGreaterThan(20_000_000);
  });

  it("gives a URL that another server's PGSSLMODE, PGHOST and PGPORT do not spoil", async () => {
    const url = embeddedUrl(await ensureEmbedded(home));
    expect(url).toBe(
      `postgresql://adsapp@localhost/adsapp?host=${encodeURIComponent(join(home, "run"))}&port=5432&sslmode=disable`,
    );
    const foreign = { PGSSLMODE: "require", PGHOST: "nowhere.example", PGPORT: "1", PGDATABASE: "other" };
    Object.assign(process.env, foreign);
    try {
      expect(await ask(home, "select 1")).toBe(1);
    } finally {
      for (const name of Object.keys(foreign)) delete process.env[name];
    }
  });

  it("keeps what was committed over a stop and a start", async () => {
    await ask(home, "create table kept as select 42 as answer");
    expect(await stopEmbedded(home)).toBe(true);
    expect((await embeddedStatus(home)).running).toBe(false);
    expect(await stopEmbedded(home)).toBe(false);
    expect(await ask(home, "select answer from kept")).toBe(42);
  });

  it("outlives the command that started it, and the Ctrl-C that ends that command", async () => {
    await stopEmbedded(home);
    const { child, word } = startStarter(home);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    const pid = serverPid(home);
    process.kill(-(child.pid as number), "SIGINT"); // what a terminal sends: to the whole process group
    expect(await word).toBe("adsapp@adsapp"); // its stdout is closed: the server does not hold it open
    expect(child.exitCode === null ? child.signalCode : child.exitCode).not.toBe(0);
    expect(await ask(home, "select 1")).toBe(1);
    expect(serverPid(home)).toBe(pid);
  });

  it("begins anew after a reset, with the programs that are there", async () => {
    await resetEmbedded(home);
    expect(readdirSync(home).filter((name) => !name.startsWith("pg-18"))).toEqual(["server.log"]);
    await resetEmbedded(home);
    expect(await ask(home, "select to_regclass('kept') is null")).toBe(true);
  });
});
