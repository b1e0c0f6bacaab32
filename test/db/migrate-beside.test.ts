import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { migrateDown, migrateUp } from "../../src/db/migrate.ts";
import { requireSchema } from "../../src/db/schema.ts";
import { dumpSchema } from "../support/dump.ts";
import { until } from "../support/until.ts";
import { folderOf, makeMigratedDatabase } from "./migrating.ts";

/** Our migrations, and one that changes tables which are written all the time. */
const WIDE = "999_wide";
function withWide(): string {
  const folder = folderOf();
  const each = (sql: (table: string) => string) => ["contacts", "messages"].map(sql).join("\n");
  writeFileSync(
    join(folder, `${WIDE}.up.sql`),
    each((table) => `alter table ${table} add column wide text;`),
  );
  writeFileSync(
    join(folder, `${WIDE}.down.sql`),
    each((table) => `alter table ${table} drop column wide;`),
  );
  return folder;
}

it("a table that somebody holds keeps nobody else waiting for long; who holds it is told in the end, and nothing is changed", async () => {
  const { url, session } = await makeMigratedDatabase();
  const folder = withWide();
  const before = await dumpSchema(url);
  const [holder, other] = [await session(), await session()];
  await holder.query("begin; select from messages; select from contacts");
  const pid = (await holder.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;
  const up = migrateUp(url, { folder, patience: 1 }).catch((error: Error) => error);
  const isWaiting = "select from pg_locks where not granted and relation = any ($1::regclass[])";
  await until("the migration waits", async () => {
    const { rows } = await other.query(isWaiting, ["{messages,contacts}"]);
    return rows.length > 0;
  });
  await other.query("set statement_timeout = '5s'; select from messages; select from contacts");
  expect(await up).toMatchObject({
    exitCode: 75,
    message: expect.stringMatching(new RegExp(`other sessions hold tables .*\\b${pid}\\b`)),
  });
  await holder.query("rollback");
  expect(await dumpSchema(url)).toBe(before);
});

it("a table that is let go of in time is waited for", async () => {
  const { url, session } = await makeMigratedDatabase();
  const folder = withWide();
  const [holder, other] = [await session(), await session()];
  await holder.query("begin; select from messages");
  const up = migrateUp(url, { folder });
  await until("the migration waits", async () => {
    const { rows } = await other.query(
      "select from pg_locks where not granted and relation = 'messages'::regclass",
    );
    return rows.length > 0;
  });
  await holder.query("rollback");
  expect(await up).toEqual([WIDE]);
  expect(await migrateDown(url, { folder })).toEqual([WIDE]);
});

it("what runs while a migration takes something away says so with 75, and goes on once it is back", async () => {
  const { url, query } = await makeMigratedDatabase();
  const database = new Database({ url, requireSchema });
  onTestFinished(() => database.close());
  await query("create function of_the_last_migration() returns int language sql as 'select 1'");
  await query("grant execute on function of_the_last_migration() to adsapp_worker");
  const work = () =>
    database.transaction(worker, (tx) => tx.prepared("select of_the_last_migration() as one", []));
  expect(await work()).toEqual([{ one: 1 }]);
  await query("drop function of_the_last_migration()");
  await migrateDown(url);
  await expect(work()).rejects.toMatchObject({
    exitCode: 75,
    message: expect.stringMatching(/behind by 1 of \d+ migrations: it was changed while this ran/),
  });
  await expect(work()).rejects.toMatchObject({ exitCode: 75 });
  await migrateUp(url);
  await query("create function of_the_last_migration() returns text language sql as $$ select 'two' $$");
  expect(await work()).toEqual([{ one: "two" }]);
});

it("a plan of before the migration is made anew", async () => {
  const { url, query } = await makeMigratedDatabase();
  const database = new Database({ url, requireSchema, connections: 1 });
  onTestFinished(() => database.close());
  await query("create table changing (a integer); grant select on changing to adsapp_worker");
  const work = () => database.transaction(worker, (tx) => tx.prepared("select * from changing", []));
  expect(await work()).toEqual([]);
  await query("alter table changing add b text; insert into changing values (1, 'x')");
  expect(await work()).toEqual([{ a: 1, b: "x" }]);
});
