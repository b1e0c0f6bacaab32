import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { migrateUp } from "../../src/db/migrate.ts";
import { move } from "../../src/moving/move.ts";
import { makeEmptyDatabase, makeMigratedDatabase, makePlainLogin } from "../db/migrating.ts";
import { dumpSchema, SCHEMA_FILE } from "../support/dump.ts";
import { until } from "../support/embedded-homes.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";
import { runAdsapp, startAdsapp } from "../support/program.ts";
import { contentsOf, fill, silent, using } from "./setup.ts";

describe("db move", () => {
  it("has numbers go on where they were", async () => {
    const [source, target] = [await makeMigratedDatabase(), await makeEmptyDatabase()];
    await fill(source.url);
    await move(source.url, target.url, silent);
    const [next] = await using(target.url, (database) =>
      database.transaction(worker, (tx) =>
        tx.query<{ id: number }>("insert into webhook_inbox (body) values ('{}') returning id"),
      ),
    );
    expect(next?.id).toBe(8);
  });

  it("takes a target whose schema is there, and refuses the source itself as a target", async () => {
    const [source, target] = [await makeMigratedDatabase(), await makeMigratedDatabase()];
    await using(source.url, (database) => makeOrganization(database));
    await expect(move(source.url, source.url, silent)).rejects.toMatchObject({
      exitCode: 75,
      message: "the target is being moved already, or is the same database as the other",
    });
    expect(await move(source.url, target.url, silent)).toMatchObject({ target: { ok: true } });
  });

  it("leaves the target empty and the source writable when a row does not arrive", async () => {
    const [source, target] = [await makeMigratedDatabase(), await makeMigratedDatabase()];
    await fill(source.url);
    await target.query("alter table contacts add constraint nobody check (phone is null) not valid");
    await expect(move(source.url, target.url, silent)).rejects.toThrow(/violates check constraint "nobody"/);
    expect(Object.values(await contentsOf(target.url)).flat()).toEqual([]);
    await using(source.url, (database) => makeOrganization(database));
    await target.query("alter table contacts drop constraint nobody");
    expect(await move(source.url, target.url, silent)).toMatchObject({ target: { ok: true } });
  });

  it("refuses a source that is behind, and says what to run", async () => {
    const [source, target] = [await makeEmptyDatabase(), await makeEmptyDatabase()];
    await expect(move(source.url, target.url, silent)).rejects.toMatchObject({
      message: "the database has no adsapp schema yet",
      hint: "Run: adsapp migrate up",
    });
  });

  it("as a command tells what it did and what to do now, with the password masked", async () => {
    const [source, target] = [await makeMigratedDatabase(), await makeEmptyDatabase()];
    await using(source.url, (database) => makeOrganization(database));
    const to = target.url.replace("adsapp@", "adsapp:geheim@");
    const ran = await runAdsapp(["db", "move", "--to", to, "--json"], { databaseUrl: source.url });
    expect(ran.exitCode, ran.stderr).toBe(0);
    const told = JSON.parse(ran.stdout) as { tables: { table: string }[] };
    expect(told).toMatchObject({ rows: expect.any(Number), same: true, auditOk: true });
    expect(told.tables.map(({ table }) => table)).toContain("organizations");
    expect(ran.stderr).toMatch(
      /^The old database is read only now[\s\S]*DATABASE_URL=postgresql:\/\/adsapp:/,
    );
    expect(ran.stderr).not.toContain("geheim");
    const tick = await runAdsapp(["tick"], { databaseUrl: source.url });
    expect(tick.exitCode).toBe(75);
    for (const words of [
      ["db", "move"],
      ["db", "move", "--to", to, "--cancel"],
    ])
      expect(await runAdsapp(words, { databaseUrl: source.url })).toMatchObject({ exitCode: 2 });
    const asked = await runAdsapp(["db", "move", "--cancel"], { databaseUrl: source.url });
    expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/this needs --yes/) });
    const cancelled = await runAdsapp(["db", "move", "--cancel", "--yes"], { databaseUrl: source.url });
    expect(cancelled).toMatchObject({ exitCode: 0, stderr: "It takes writes again.\n" });
  });
});

describe("a move between databases of plain logins", () => {
  it("works with neither side a superuser's, and the walls stand again after it", async () => {
    const [from, to] = [await makePlainLogin(), await makePlainLogin()];
    const [source, target] = [await makeEmptyDatabase(from), await makeEmptyDatabase(to)];
    const fully = await inFull(source);
    await source.query(`grant adsapp_worker, adsapp_operator to ${from}, ${to} ${fully}`);
    await migrateUp(source.url);
    await fill(source.url);
    const stranger = await source.session(); // a superuser's, which this login may not end
    await stranger.query("select 1");
    await expect(move(source.url, target.url, silent)).rejects.toMatchObject({
      exitCode: 75,
      message: expect.stringMatching(/^sessions that may write do not end: /),
    });
    await using(source.url, (database) => makeOrganization(database)); // and all is as it was
    await source.leave();
    const moved = await move(source.url, target.url, silent);
    expect(moved).toMatchObject({ source: { ok: true }, target: { ok: true } });
    expect(await dumpSchema(target.url)).toBe(readFileSync(SCHEMA_FILE, "utf8"));
    const [seen] = await target.query<{ rows: number }>("select count(*)::int as rows from organizations");
    expect(seen?.rows).toBe(3);
  });

  it("refuses a login that does not see all rows, and one that does not own the database", async () => {
    const [owner, other] = [await makePlainLogin(), await makePlainLogin()];
    const [source, target] = [await makeEmptyDatabase(owner), await makeEmptyDatabase()];
    const fully = await inFull(source);
    await source.query(`grant adsapp_worker, adsapp_operator to ${owner} ${fully}`);
    await source.query(`grant adsapp_worker to ${other} ${fully}`);
    await migrateUp(source.url);
    const url = source.url.replace(owner, other);
    await source.leave();
    await expect(move(url, target.url, silent)).rejects.toMatchObject({
      message: "this login may not stop writes to the database: it does not own it",
    });
    await source.query(`drop policy "Workers serve all organizations" on contacts`);
    await source.leave();
    await expect(move(source.url, target.url, silent)).rejects.toMatchObject({
      message: "this login does not see every row of contacts",
    });
  });
});

describe("a move while ticks send", () => {
  it("waits for the tick; what it left is sent from the new database, and nobody gets a message twice", async () => {
    const [source, target] = [await makeMigratedDatabase(), await makeMigratedDatabase()];
    const home = mkdtempSync(join(tmpdir(), "adsapp-move-"));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const PEOPLE = 6_000;
    await using(source.url, async (database) => {
      const organization = await makeOrganization(database);
      await makeSender(database, organization, { throughput: 400 });
      const campaign = await makeCampaign(database, organization, { status: "running" });
      await makeJobs(database, await makeRun(database, campaign), { pending: PEOPLE });
    });
    await source.query("update senders set lane_token = null, lane_holder = null, lane_expires_at = null");
    await source.leave();
    const lines = () => {
      const file = join(home, "messages.ndjson");
      return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    };
    const ticking = runAdsapp(["tick", "--budget", "8"], { databaseUrl: source.url, home });
    await until(() => lines().length > 100);
    const moving = await runAdsapp(["db", "move", "--to", target.url], { databaseUrl: source.url, home });
    expect(moving, moving.stderr).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^Waiting for ticks that send: /),
    });
    expect((await ticking).exitCode).toBe(0);
    const before = lines().length;
    expect(before).toBeLessThan(PEOPLE);
    expect((await runAdsapp(["tick"], { databaseUrl: source.url, home })).exitCode).toBe(75);
    expect(lines().length).toBe(before);
    const rest = await runAdsapp(["tick", "--drain"], { databaseUrl: target.url, home });
    expect(rest.exitCode, rest.stderr).toBe(0);
    expect(lines().length).toBe(PEOPLE);
    expect(new Set(lines().map((line) => (JSON.parse(line) as { to: string }).to)).size).toBe(PEOPLE);
    expect((await runAdsapp(["audit"], { databaseUrl: target.url, home })).exitCode).toBe(0);
  });

  it("killed half-way leaves the target empty; run again it moves all", async () => {
    const [source, target] = [await makeMigratedDatabase(), await makeMigratedDatabase()];
    await using(source.url, async (database) => {
      const organization = await makeOrganization(database);
      await makeContacts(database, organization, 60_000);
    });
    await source.leave();
    const child = startAdsapp(["db", "move", "--to", target.url], { databaseUrl: source.url });
    const copying =
      "select exists (select from pg_stat_progress_copy where relid = 'contacts'::regclass) as copying";
    for (;;) if ((await target.query<{ copying: boolean }>(copying))[0]?.copying === true) break;
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    const ran = await runAdsapp(["org", "create", "X", "--slug", "x"], { databaseUrl: source.url });
    expect(ran.exitCode).toBe(75); // still frozen: nothing is sent from it meanwhile
    const again = await runAdsapp(["db", "move", "--to", target.url], { databaseUrl: source.url });
    expect(again.exitCode, again.stderr).toBe(0);
    expect((await target.query<{ n: number }>("select count(*)::int as n from contacts"))[0]?.n).toBe(60_000);
  });
});

/** How a grant says that the roles may be used; 15 does not know the words, and does so anyway. */
async function inFull({ query }: { query: (sql: string) => Promise<object[]> }): Promise<string> {
  const [server] = await query("select current_setting('server_version_num')::int < 160000 as old");
  return (server as { old: boolean }).old ? "" : "with inherit true, set true";
}
