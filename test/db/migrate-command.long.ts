import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { migrateUp } from "../../src/db/migrate.ts";
import { packageRoot } from "../../src/root.ts";
import { dumpSchema, SCHEMA_FILE } from "../support/dump.ts";
import { ask, newHome, removeHomes } from "../support/embedded-homes.ts";
import { runAdsappProcess, startAdsapp } from "../support/program.ts";
import { until } from "../support/until.ts";
import {
  folderOf,
  type MigratingDatabase,
  makeEmptyDatabase,
  makeMigratedDatabase,
  NAMES,
} from "./migrating.ts";

const SCHEMA = readFileSync(SCHEMA_FILE, "utf8");

afterAll(removeHomes);

async function setup(made: Promise<MigratingDatabase> = makeMigratedDatabase()) {
  const database = await made;
  const adsapp = (...args: string[]) => runAdsappProcess(args, { databaseUrl: database.url });
  return { ...database, adsapp };
}

const migrationsIn = (stdout: string) =>
  (JSON.parse(stdout) as { migration: string }[]).map(({ migration }) => migration);

describe("adsapp migrate", () => {
  it("says what it did, and that there was nothing to do", async () => {
    const { adsapp, url } = await setup(makeEmptyDatabase());
    const first = await adsapp("migrate", "up", "--json");
    expect([first.exitCode, migrationsIn(first.stdout)]).toEqual([0, NAMES]);
    const second = await adsapp("migrate", "up", "--json");
    expect([second.exitCode, migrationsIn(second.stdout)]).toEqual([0, []]);
    expect(second.stderr).toContain("up to date");
    expect(await dumpSchema(url)).toBe(SCHEMA);
    const down = await adsapp("migrate", "down", "--to", "0", "--yes", "--json");
    expect([down.exitCode, migrationsIn(down.stdout)]).toEqual([0, [...NAMES].reverse()]);
  });

  it("takes nothing back off a terminal without --yes", async () => {
    const { adsapp, url } = await setup();
    expect((await adsapp("migrate", "down", "--to", "0")).exitCode).toBe(2);
    expect(await dumpSchema(url)).toBe(SCHEMA);
  });

  it("refuses to drop data with exit 1, and says what would do it", async () => {
    const { adsapp, query } = await setup();
    await query("insert into organizations (name, slug) values ('Jansen', 'jansen')");
    const refused = await adsapp("migrate", "down", "--to", "0", "--yes");
    expect(refused).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(/organizations[\s\S]*--force/),
    });
    expect((await adsapp("migrate", "down", "--to", "0", "--yes", "--force")).exitCode).toBe(0);
  });

  it("twenty at once: one works, all succeed", async () => {
    const { adsapp, url } = await setup(makeEmptyDatabase());
    const ran = await Promise.all(Array.from({ length: 20 }, () => adsapp("migrate", "up", "--json")));
    expect(ran.map(({ exitCode }) => exitCode)).toEqual(Array(20).fill(0));
    const did = ran.map(({ stdout }) => migrationsIn(stdout)).filter((names) => names.length > 0);
    expect(did).toEqual([NAMES]);
    expect(await dumpSchema(url)).toBe(SCHEMA);
  });
});

describe("any command", () => {
  it("refuses a database that is newer than the program, with exit 1", async () => {
    const { adsapp, query } = await setup();
    await query("insert into adsapp_migrations (name, batch) values ('999_future', 2)");
    const commands = ["tick", "status", "org list", "campaign list", "migrate up", "migrate down --yes"];
    const ran = await Promise.all(commands.map((command) => adsapp(...command.split(" "))));
    const refused = {
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(/newer than this program.*999_future/),
    };
    expect(ran).toEqual(commands.map(() => refused));
  });

  it("says to run adsapp migrate up where the schema is missing, or (75) behind", async () => {
    const { adsapp, url } = await setup(makeEmptyDatabase());
    const advice = expect.stringContaining("Run: adsapp migrate up");
    expect(await adsapp("tick")).toMatchObject({ exitCode: 1, stderr: advice });
    expect((await adsapp("migrate", "status")).exitCode).toBe(1);
    await migrateUp(url, { folder: folderOf(NAMES.length - 2) });
    const behind = await adsapp("tick");
    expect(behind).toMatchObject({ exitCode: 75, stderr: advice });
    expect(behind.stderr).toContain(`behind by 2 of ${NAMES.length} migrations`);
    await adsapp("migrate", "up");
    expect((await adsapp("tick")).exitCode).toBe(0);
    expect((await adsapp("migrate", "status")).exitCode).toBe(0);
  });
});

describe("a migration that is killed", () => {
  /** Kills a command once it waits for a lock that another session holds on a table; then lets go of the table. */
  async function killedAt(database: MigratingDatabase, table: string, ...args: string[]): Promise<void> {
    const holder = await database.session();
    await holder.query(`begin; lock table ${table}`);
    const child = startAdsapp(args, { databaseUrl: database.url });
    const gone = new Promise((resolve) => child.once("close", (_code, signal) => resolve(signal)));
    const waiting = "select from pg_locks where not granted and relation = $1::regclass";
    await until(
      `adsapp ${args.join(" ")} waits`,
      async () => (await database.query(waiting, [table])).length > 0,
    );
    child.kill("SIGKILL");
    expect(await gone).toBe("SIGKILL");
    await holder.query("rollback");
  }

  it("in the middle of up leaves nothing half-done, and the next one works", async () => {
    const database = await setup(makeEmptyDatabase());
    await migrateUp(database.url, { folder: folderOf(3) });
    const before = await dumpSchema(database.url);
    await killedAt(database, "contacts", "migrate", "up");
    expect(await dumpSchema(database.url)).toBe(before);
    expect(migrationsIn((await database.adsapp("migrate", "up", "--json")).stdout)).toEqual(NAMES.slice(3));
    expect(await dumpSchema(database.url)).toBe(SCHEMA);
  });

  it("in the middle of down leaves nothing half-done, and the next one works", async () => {
    const database = await setup();
    await killedAt(database, "messages", "migrate", "down", "--to", "0", "--force", "--yes");
    expect(migrationsIn((await database.adsapp("migrate", "up", "--json")).stdout)).toEqual([]);
    expect(await dumpSchema(database.url)).toBe(SCHEMA);
    expect((await database.adsapp("migrate", "down", "--to", "0", "--yes")).exitCode).toBe(0);
  });
});

describe("knex's own command line", () => {
  async function knex(env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
    const program = join(packageRoot(), "node_modules", ".bin", "knex");
    const { PATH } = process.env;
    return (
      await promisify(execFile)(process.execPath, ["--import", "tsx", program, ...args], {
        cwd: packageRoot(),
        env: { PATH, NO_COLOR: "1", ...env },
      })
    ).stdout;
  }

  it("migrate:latest does what adsapp migrate up does, and rollback takes it back", async () => {
    const { adsapp, url, query } = await setup(makeEmptyDatabase());
    const empty = await dumpSchema(url);
    const ran = await knex({ DATABASE_URL: url }, "migrate:latest");
    expect(ran).toContain(`Batch 1 run: ${NAMES.length} migrations`);
    expect(await dumpSchema(url)).toBe(SCHEMA);
    expect(await query("select from adsapp_migrations where checksum is null")).toEqual([]);
    expect(migrationsIn((await adsapp("migrate", "up", "--json")).stdout)).toEqual([]);
    expect((await adsapp("tick")).exitCode).toBe(0);
    await query("truncate tick_runs");
    await knex({ DATABASE_URL: url }, "migrate:rollback");
    expect(await dumpSchema(url)).toBe(empty);
    expect(migrationsIn((await adsapp("migrate", "up", "--json")).stdout)).toEqual(NAMES);
  });

  it("works on the embedded database where DATABASE_URL is unset", async () => {
    const home = await newHome();
    await knex({ ADSAPP_HOME: home }, "migrate:latest");
    expect(await ask(home, "select count(*)::int from adsapp_migrations")).toBe(NAMES.length);
  });
});
