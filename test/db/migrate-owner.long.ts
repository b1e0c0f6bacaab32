import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { operator, owner } from "../../src/db/identity.ts";
import { migrateDown, migrateUp, migrationStates } from "../../src/db/migrate.ts";
import { exportForSupabase } from "../../src/db/supabase.ts";
import type { UserError } from "../../src/errors.ts";
import type { RunningCluster } from "../support/cluster.ts";
import { dumpSchema, SCHEMA_FILE } from "../support/dump.ts";
import { startEmbeddedCluster } from "../support/embedded-cluster.ts";
import { makeCampaign, makeJobs, makeOrganization, makeRun, makeSender } from "../support/factories.ts";
import { runAdsapp } from "../support/program.ts";
import {
  type MigratingDatabase,
  makeEmptyDatabase,
  makePlainLogin,
  NAMES,
  temporaryFolder,
} from "./migrating.ts";

const SCHEMA = readFileSync(SCHEMA_FILE, "utf8");

const FULLY = "with inherit true, set true";

/** 15 knows no options of a grant but ADMIN. */
async function isOld(query: MigratingDatabase["query"]): Promise<boolean> {
  const [server] = await query<{ old: boolean }>(
    "select current_setting('server_version_num')::int < 160000 as old",
  );
  return server?.old === true;
}

/** The first organization, a sender, and an operator's campaign: through every wall, as this owner's transactions. */
async function expectToWork(url: string): Promise<void> {
  const database = new Database({ url });
  try {
    const organization = await makeOrganization(database);
    await makeSender(database, organization);
    const asAdmin = <T extends object>(sql: string) =>
      database.transaction(operator(organization.profileId), (tx) => tx.query<T>(sql));
    const made = await asAdmin<{ createdBy: string }>(
      `insert into bulk_campaigns (name, message) values ('Black Friday Sale', '{"type": "text"}') returning created_by`,
    );
    expect(made).toEqual([{ createdBy: organization.profileId }]);
    const jobs = await makeRun(database, await makeCampaign(database, organization, { name: "Counted" }));
    await makeJobs(database, jobs, { read: 2, failed: 1, pending: 1 });
    expect(
      await asAdmin(
        "select statistics ->> 'messagesRead' as read from bulk_campaigns where name = 'Counted'",
      ),
    ).toEqual([{ read: "2" }]);
    const other = await makeOrganization(database);
    expect(await asAdmin("select id from organizations")).toEqual([{ id: organization.id }]);
    const all = await database.transaction(owner, (tx) => tx.query("select from organizations"));
    expect(all).toHaveLength(2);
    expect(other.id).not.toBe(organization.id);
  } finally {
    await database.close();
  }
}

describe("a plain login with CREATEROLE, on a cluster of its own", () => {
  let running: RunningCluster;

  beforeAll(async () => {
    running = await startEmbeddedCluster();
  });

  afterAll(() => running.stop());

  const roles = "select rolname from pg_roles where rolname ~ '^adsapp_(worker|operator)$' order by 1";
  const both = [{ rolname: "adsapp_operator" }, { rolname: "adsapp_worker" }];

  it("makes the roles and the schema, and takes both back", async () => {
    const login = await makePlainLogin(running.cluster);
    const { url, query } = await makeEmptyDatabase(login, running.cluster);
    const empty = await dumpSchema(url);
    expect(await migrateUp(url)).toEqual(NAMES);
    expect(await dumpSchema(url)).toBe(SCHEMA);
    expect(await query(roles)).toEqual(both);
    await expectToWork(url);
    await migrateDown(url, { to: "0", force: true });
    expect(await dumpSchema(url)).toBe(empty);
    expect(await query(roles)).toEqual([]);
  });

  it("shares the roles with a second database of its own; the first one's down leaves them to it", async () => {
    const login = await makePlainLogin(running.cluster);
    const first = await makeEmptyDatabase(login, running.cluster);
    const second = await makeEmptyDatabase(login, running.cluster);
    await migrateUp(first.url);
    await migrateUp(second.url);
    await migrateDown(first.url, { to: "0" });
    expect(await second.query(roles)).toEqual(both);
    await expectToWork(second.url);
    await migrateDown(second.url, { to: "0", force: true });
    expect(await second.query(roles)).toEqual([]);
  });

  it("needs the first owner's grant for a database of another owner, and says so with nothing changed", async () => {
    const [login, other] = [await makePlainLogin(running.cluster), await makePlainLogin(running.cluster)];
    const first = await makeEmptyDatabase(login, running.cluster);
    const second = await makeEmptyDatabase(other, running.cluster);
    const empty = await dumpSchema(second.url);
    await migrateUp(first.url);
    const refused = await runAdsapp(["migrate", "up"], { databaseUrl: second.url });
    expect(refused).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(/permission denied.*\n?[\s\S]*GRANT adsapp_worker, adsapp_operator TO/),
    });
    expect(await dumpSchema(second.url)).toBe(empty);
    const granting = new Database({ url: first.url });
    await granting.transaction(owner, (tx) =>
      tx.run(`grant adsapp_worker, adsapp_operator to ${other} with inherit true, set true`),
    );
    await granting.close();
    expect(await migrateUp(second.url)).toEqual(NAMES);
    expect(await dumpSchema(second.url)).toBe(SCHEMA);
    await expectToWork(second.url);
    await migrateDown(second.url, { to: "0", force: true });
    await expectToWork(first.url);
    await migrateDown(first.url, { to: "0", force: true });
  });
});

describe("a plain login, on a cluster where a superuser made the roles", () => {
  it("works once it is their member", async () => {
    const login = await makePlainLogin();
    const { url, query } = await makeEmptyDatabase(login);
    await query(`grant adsapp_worker, adsapp_operator to ${login} ${(await isOld(query)) ? "" : FULLY}`);
    await migrateUp(url);
    expect(await dumpSchema(url)).toBe(SCHEMA);
    await expectToWork(url);
  });

  it("inherits them by a grant of its own; before PostgreSQL 16 it is told to inherit", async () => {
    const login = await makePlainLogin();
    const { url, query } = await makeEmptyDatabase(login);
    const old = await isOld(query);
    await query(`alter role ${login} noinherit`);
    await query(`grant all on schema public to ${login}`);
    await query(
      `grant adsapp_worker, adsapp_operator to ${login} with ${old ? "admin option" : "admin true, inherit false"}`,
    );
    const outcome = await migrateUp(url).catch((error: UserError) => ({
      message: error.message,
      hint: error.hint,
    }));
    expect(outcome).toEqual(
      old
        ? {
            message: `${login} does not inherit adsapp_worker`,
            hint: `Nothing was changed. ALTER ROLE ${login} INHERIT;`,
          }
        : NAMES,
    );
  });
});

describe("on Supabase, where auth.uid() exists", () => {
  const SUPABASE = `create schema auth authorization supabase_auth;
    create table auth.users (id uuid primary key);
    alter table auth.users owner to supabase_auth;
    create function auth.uid() returns uuid language sql stable as
      $$ select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid $$;
    alter function auth.uid() owner to supabase_auth;`;
  const withoutAuth = (dump: string) =>
    dump
      .split("\n\n")
      .filter((block) => !/^\w+ auth\b/.test(block))
      .join("\n\n");
  /** As Supabase's program runs a file: all of its statements in one go, on a session of its own. */
  const pushed = async (url: string, file: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(readFileSync(file, "utf8"));
    } finally {
      await client.end();
    }
  };
  const ofAuth = (dump: string) =>
    dump
      .trimEnd()
      .split("\n\n")
      .filter((block) => /^\w+ auth\b/.test(block));

  it("uses what is there, and down leaves it as it was", async () => {
    const authOwner = await makePlainLogin();
    const login = await makePlainLogin();
    const { url, query } = await makeEmptyDatabase(login);
    await query(`grant adsapp_worker, adsapp_operator to ${login} ${(await isOld(query)) ? "" : FULLY}`);
    await query(SUPABASE.replaceAll("supabase_auth", authOwner));
    await query(`grant usage on schema auth to ${login}`);
    const before = await dumpSchema(url);
    await migrateUp(url);
    expect(ofAuth(await dumpSchema(url))).toEqual(ofAuth(before));
    expect(ofAuth(before)).toHaveLength(3);
    await expectToWork(url);
    await migrateDown(url, { to: "0", force: true });
    expect(await dumpSchema(url)).toBe(before);
  });

  it("takes the exported files by supabase db push: the same schema, known to adsapp, with nothing for anon and authenticated", async () => {
    const [authOwner, login] = [await makePlainLogin(), await makePlainLogin()];
    const { url, query } = await makeEmptyDatabase(login);
    const fully = (await isOld(query)) ? "" : FULLY;
    await query(`grant adsapp_worker, adsapp_operator to ${login} ${fully}`);
    await query(`alter role ${login} bypassrls`);
    await query(SUPABASE.replaceAll("supabase_auth", authOwner));
    await query(`grant usage on schema auth to ${login}`);
    for (const role of ["anon", "authenticated", "service_role"]) {
      await query(
        `do $$ begin create role ${role} nologin; exception when duplicate_object then null; end $$`,
      );
      for (const what of ["tables", "functions", "sequences"])
        await query(
          `alter default privileges for role ${login} in schema public grant all on ${what} to ${role}`,
        );
    }
    const project = temporaryFolder();
    for (const { file } of exportForSupabase(project, new Date("2026-11-27T10:00:00Z")))
      await pushed(url, file);
    const dump = await dumpSchema(url);
    const withoutTheirs = dump.replace(/^ +grant .* to service_role\n/gm, "");
    expect(dump).not.toBe(withoutTheirs);
    expect(withoutAuth(withoutTheirs)).toBe(withoutAuth(SCHEMA));
    expect(await query("select * from pg_class where relacl::text ~ 'anon|authenticated'")).toEqual([]);
    expect(await migrationStates(url)).toEqual(NAMES.map((name) => ({ name, applied: true, note: null })));
    expect(await migrateUp(url)).toEqual([]);
    await expectToWork(url);
    const again = pushed(url, exportForSupabase(project, new Date())[4]?.file as string);
    await expect(again).rejects.toThrow("adsapp migrate up has run 005_messages on this database already");
    await migrateDown(url, { to: "0", force: true });
    expect(await query("select name from adsapp_migrations")).toEqual([]);
  });

  it("by adsapp migrate up, too, gives nothing to anon and authenticated", async () => {
    const login = await makePlainLogin();
    const { url, query } = await makeEmptyDatabase(login);
    await query(`grant adsapp_worker, adsapp_operator to ${login} ${(await isOld(query)) ? "" : FULLY}`);
    for (const role of ["anon", "authenticated"]) {
      await query(
        `do $$ begin create role ${role} nologin; exception when duplicate_object then null; end $$`,
      );
      for (const what of ["tables", "functions", "sequences"])
        await query(
          `alter default privileges for role ${login} in schema public grant all on ${what} to ${role}`,
        );
    }
    await migrateUp(url);
    expect(await dumpSchema(url)).toBe(SCHEMA);
  });

  it("makes auth.uid() in a schema auth that has none, and leaves the schema", async () => {
    const { url, query } = await makeEmptyDatabase();
    await query("create schema auth");
    const before = await dumpSchema(url);
    await migrateUp(url);
    await expectToWork(url);
    await migrateDown(url, { to: "0", force: true });
    expect(await dumpSchema(url)).toBe(before);
  });
});
