import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { migrateDown, migrateUp } from "../../src/db/migrate.ts";
import { createTestDatabase } from "../support/database.ts";
import { newHome, removeHomes } from "../support/embedded-homes.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";
import { runAdsappProcess } from "../support/program.ts";
import { type Pooler, plainClient, startPgBouncer } from "./pgbouncer.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let pooler: Pooler;
let url: string;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  pooler = await startPgBouncer(2);
  url = pooler.urlOf(testDatabase.url);
  database = new Database({ url, nowOffset: "1 day", connections: 10 });
});

afterAll(async () => {
  await database.close();
  await pooler.stop();
  await testDatabase.drop();
  await removeHomes();
});

const SESSION = `select current_user, current_setting('request.jwt.claim.sub', true) as sub, current_setting('request.jwt.claims', true) as claims,
  current_setting('adsapp.now_offset', true) as clock, current_setting('row_security') as row_security,
  current_setting('idle_in_transaction_session_timeout') as idle`;

describe("behind PgBouncer in transaction mode", () => {
  it("nothing of a transaction is left to whoever gets its server connection next, whether it committed or failed", async () => {
    const organization = await makeOrganization(database);
    const stranger = await plainClient(url);
    const fresh = (await stranger.query(SESSION)).rows;
    const pids = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const who = i % 2 === 0 ? operator(organization.profileId) : worker;
      const work = database.transaction(who, async (tx) => {
        const [row] = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
        pids.add(row?.pid ?? 0);
        if (i % 3 === 0) await tx.run("select 1 / 0");
      });
      await work.catch((error: { code?: string }) => expect(error.code).toBe("22012"));
      const after = (await stranger.query(SESSION)).rows;
      expect(
        after.map((row) => ({
          ...row,
          sub: row.sub ?? "",
          claims: row.claims ?? "",
          clock: row.clock ?? "",
        })),
      ).toEqual(fresh.map((row) => ({ ...row, sub: "", claims: "", clock: "" })));
    }
    await stranger.end();
    expect(pids.size).toBeLessThanOrEqual(2);
  });

  it("fifty transactions of two organizations at once each see their own rows alone", async () => {
    const organizations = [await makeOrganization(database), await makeOrganization(database)];
    for (const [i, organization] of organizations.entries())
      await makeContacts(database, organization, i + 3);
    const seen = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        database.transaction(operator(organizations[i % 2]?.profileId ?? ""), async (tx) => {
          const rows = await tx.query("select from contacts");
          const again = await tx.query("select distinct organization_id from contacts");
          return [rows.length, again.length];
        }),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => [(i % 2) + 3, 1]));
  });

  it("a statement that is prepared where the server is one's own is planned anew here: no name is met twice", async () => {
    const asked = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        database.transaction(worker, async (tx) => {
          const [row] = await tx.prepared<{ n: number }>("select $1::int as n", [i]);
          const named = await tx.query("select name from pg_prepared_statements where name like 'adsapp%'");
          return [row?.n, named.length];
        }),
      ),
    );
    expect(asked).toEqual(Array.from({ length: 40 }, (_, i) => [i, 0]));
  });

  it("a broadcast is sent by three ticks at once, each message once, and the books balance", async () => {
    const organization = await makeOrganization(database, { slug: "pooled" });
    for (const name of ["een", "twee"]) await makeSender(database, organization, { name });
    const people = await makeContacts(database, organization, 200);
    const campaign = await makeCampaign(database, organization, { name: "Actie" });
    await makeJobs(database, await makeRun(database, campaign), { pending: 200 }, { contacts: people });
    const home = await newHome();
    const adsapp = (words: string) => runAdsappProcess(words.split(" "), { databaseUrl: url, home });
    const ticks = await Promise.all([adsapp("tick"), adsapp("tick"), adsapp("tick")]);
    expect(ticks.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
      Array(3).fill({ exitCode: 0, stderr: expect.not.stringContaining("error") }),
    );
    for (let i = 0; i < 10; i++) await adsapp("tick");
    const rows = await database.transaction(worker, (tx) =>
      tx.query("select status, count(*) from bulk_message_jobs where campaign_id = $1 group by 1", [
        campaign.id,
      ]),
    );
    expect(rows).toEqual([{ status: "sent", count: 200 }]);
    expect(await adsapp("audit")).toMatchObject({ exitCode: 0 });
    expect(await adsapp("campaign show Actie --org pooled")).toMatchObject({ exitCode: 0 });
  });

  it("migrations go up, and down again, through it", async () => {
    const cluster = inject("cluster");
    const admin = new pg.Client({ ...cluster, database: "postgres", ssl: false });
    await admin.connect();
    const name = `p_${randomBytes(4).toString("hex")}`;
    await admin.query(`create database ${name}`);
    try {
      const direct = new URL(testDatabase.url);
      direct.pathname = `/${name}`;
      const pooled = pooler.urlOf(direct.href);
      expect((await migrateUp(pooled)).length).toBeGreaterThan(10);
      expect(await migrateUp(pooled)).toEqual([]);
      expect((await migrateDown(pooled, { to: "0" })).length).toBeGreaterThan(10);
    } finally {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    }
  });
});
