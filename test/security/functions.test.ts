// What works with the owner's rights and may be called by people: each, with another organization's ids.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import { makeTenant, type Tenant } from "../sql/tenant.ts";
import { tenantTables } from "../sql/tenant-tables.ts";
import { createTestDatabase } from "../support/database.ts";
import { sessionOf, type Who, whoTries } from "./walls.ts";

const ERASED = "+31699999999";

/** Whose id each of them takes, by signature; null: it takes none, and tells of the caller alone. */
const CALLS: Record<string, { sql: string; of: string } | null> = {
  "adsapp_organization_id()": null,
  "adsapp_profile_role()": null,
  "adsapp_suppressed_here(text[])": { sql: "adsapp_suppressed_here(array[$1])", of: "erased" },
  "erase_contact(uuid)": { sql: "erase_contact($1)", of: "contacts" },
  "reply_in_conversation(uuid,text)": { sql: "reply_in_conversation($1, 'Hoi')", of: "conversations" },
  "schedule_next_drip_message(uuid)": { sql: "schedule_next_drip_message($1)", of: "drip_enrollments" },
  "schedule_next_drip_messages(uuid[])": {
    sql: "schedule_next_drip_messages(array[$1]::uuid[])",
    of: "drip_enrollments",
  },
  "survey_conversation(uuid,text,text)": {
    sql: "survey_conversation($1, 'Hoe was het?', 'Kies')",
    of: "conversations",
  },
  "undo_contact_import(uuid)": { sql: "undo_contact_import($1)", of: "contact_imports" },
};

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let mine: Tenant;
let theirs: Tenant;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  mine = await makeTenant(database, "mine");
  theirs = await makeTenant(database, "theirs");
  await database.transaction(owner, async (tx) => {
    for (const { id } of [mine, theirs])
      await tx.run(
        `insert into suppressions (organization_id, address_hash)
         select organization_id, adsapp_address_hash(key, $2) from suppression_keys where organization_id = $1`,
        [id, ERASED],
      );
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

class RolledBack extends Error {}

/** What a call answers somebody, with the given id read as "…", and the rows of the other organization after it. Nothing of it stays. */
async function called(who: Who, sql: string, given: string): Promise<{ answer: string; theirRows: string }> {
  let seen = { answer: "", theirRows: "" };
  const run = database.transaction(owner, async (tx) => {
    await tx.run("savepoint call");
    const answer = await tx.client
      .query(sessionOf(who))
      .then(() => tx.query(`select ${sql} as answer`, [given]))
      .then((rows) => JSON.stringify(rows))
      .catch(({ code, message }: { code: string; message: string }) => `${code}: ${message}`);
    if (/^\w{5}: /.test(answer)) await tx.run("rollback to savepoint call");
    await tx.run("reset role");
    seen = { answer: answer.replaceAll(given, "…"), theirRows: await rowsOf(tx, theirs) };
    throw new RolledBack();
  });
  await run.catch((error: Error) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return seen;
}

async function rowsOf(tx: Transaction, { id }: Tenant): Promise<string> {
  const digests = (await tenantTables(tx)).map(
    ({ name, tenant }) =>
      `select '${name} ' || md5(coalesce(string_agg(t::text, '' order by t::text), '')) as digest from ${name} t where ${tenant} = $1`,
  );
  const rows = await tx.query<{ digest: string }>(digests.join(" union all "), [id]);
  return rows.map(({ digest }) => digest).join("\n");
}

async function idOf(what: string, { id }: Tenant): Promise<string> {
  if (what === "erased") return ERASED;
  const row = await database.transaction(owner, (tx) =>
    tx.one<{ id: string }>(`select id from ${what} where organization_id = $1 limit 1`, [id]),
  );
  return row?.id ?? "";
}

it("are all in this list: a new one that people may call has to be judged", async () => {
  const functions = await database.transaction(owner, (tx) =>
    tx.query<{ name: string }>(
      `select p.oid::regprocedure::text as name from pg_proc p
        where p.prosecdef and p.pronamespace = 'public'::regnamespace and has_function_privilege('adsapp_operator', p.oid, 'execute') order by 1`,
    ),
  );
  expect(functions.map(({ name }) => name)).toEqual(Object.keys(CALLS).toSorted());
});

it.each(Object.entries(CALLS).filter(([, call]) => call !== null))(
  "%s answers another organization's id as a random one, whoever asks, and leaves its rows",
  async (_name, call) => {
    const { sql, of } = call as { sql: string; of: string };
    const before = await database.transaction(owner, (tx) => rowsOf(tx, theirs));
    const random = of === "erased" ? "+31688888888" : randomUUID();
    for (const who of whoTries({ mine }).filter(({ role }) => role === "operator")) {
      if (of === "erased" && who.sees === "own") continue; // their own list has it too: below
      const other = await called(who, sql, await idOf(of, theirs));
      expect({ who: who.name, ...other }).toEqual({ who: who.name, ...(await called(who, sql, random)) });
      expect(other.theirRows).toBe(before);
    }
  },
);

it("and their own is found: what is refused above is not refused to everybody", async () => {
  const admin = whoTries({ mine })[0] as Who;
  for (const call of Object.values(CALLS)) {
    if (call === null) continue;
    const { answer } = await called(admin, call.sql, await idOf(call.of, mine));
    expect(answer).not.toMatch(/^P0002|^42501|:null}|^\[\]$/);
  }
});

it("of who was erased, each organization's people hear of their own alone", async () => {
  await database.transaction(owner, (tx) =>
    tx.run("delete from suppressions where organization_id = $1", [mine.id]),
  );
  const admin = whoTries({ mine })[0] as Who;
  const call = (CALLS["adsapp_suppressed_here(text[])"] as { sql: string }).sql;
  expect(await called(admin, call, ERASED)).toMatchObject({ answer: "[]" });
});
