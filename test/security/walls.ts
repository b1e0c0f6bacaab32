import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Transaction } from "../../src/db/database.ts";
import type { Tenant } from "../sql/tenant.ts";
import { type TenantTable, tenantTables } from "../sql/tenant-tables.ts";
import { DENIED, ruleAttempts } from "./wall-rules.ts";

/** Every table with what is in it: what the matrix of attempts is made from. */
export interface Walls {
  mine: Tenant;
  theirs: Tenant;
  tables: Walled[];
}

export interface Walled extends TenantTable {
  /** rows of each tenant, counted without any wall */
  own: number;
  other: number;
  /** a row of each, as the columns that people insert (all of them where they insert none) */
  ownRow: string;
  otherRow: string;
  key: string;
}

const literal = pg.escapeLiteral;

/** Reads the catalogue and the rows. As owner, who sees them all. */
export async function wallsOf(tx: Transaction, mine: Tenant, theirs: Tenant): Promise<Walls> {
  const tables: Walled[] = [];
  for (const table of await tenantTables(tx)) {
    const rows = async ({ id }: Tenant) =>
      tx.query<{ row: object }>(
        `select to_jsonb(t) as row from ${table.name} t where ${table.tenant} = $1 order by ctid`,
        [id],
      );
    const [own, other] = [await rows(mine), await rows(theirs)];
    const key = await tx.one<{ name: string }>(
      "select conname::text as name from pg_constraint where contype = 'p' and conrelid = $1::regclass",
      [table.name],
    );
    tables.push({
      ...table,
      own: own.length,
      other: other.length,
      ownRow: JSON.stringify(own[0]?.row),
      otherRow: JSON.stringify(other[0]?.row),
      key: key?.name ?? "",
    });
  }
  return { mine, theirs, tables };
}

/** Somebody who tries: SQL that makes the session theirs. */
export interface Who {
  name: string;
  role: "operator" | "worker";
  /** request.jwt.claim.sub; undefined: nobody said */
  claim?: string;
  /** request.jwt.claims, as Supabase's gateway sets them */
  claims?: string;
  sees: "own" | "nothing" | "error" | "all";
  writes: boolean;
}

export const whoTries = ({ mine }: Pick<Walls, "mine">): Who[] => [
  { name: "admin", role: "operator", claim: mine.profileId, sees: "own", writes: true },
  { name: "agent", role: "operator", claim: mine.agentId, sees: "own", writes: true },
  { name: "viewer", role: "operator", claim: mine.viewerId, sees: "own", writes: false },
  {
    name: "a profile that does not exist",
    role: "operator",
    claim: randomUUID(),
    sees: "nothing",
    writes: false,
  },
  { name: "nobody", role: "operator", sees: "nothing", writes: false },
  { name: "garbage", role: "operator", claim: "1 or true", sees: "error", writes: false },
  {
    name: "admin by the claims",
    role: "operator",
    claims: JSON.stringify({ sub: mine.profileId, role: "service_role", organization_id: "theirs" }),
    sees: "own",
    writes: true,
  },
  { name: "claims of nobody", role: "operator", claims: "{}", sees: "nothing", writes: false },
  { name: "claims that are none", role: "operator", claims: "{sub", sees: "error", writes: false },
  { name: "worker", role: "worker", sees: "all", writes: true },
];

export interface Attempt {
  what: string;
  sql: string;
  /** rows that it may touch, or SQLSTATEs that may refuse it */
  allowed: (number | string)[];
}

/** What somebody may try on a table, and every answer that keeps the wall. */
function attemptsOf({ mine, theirs }: Walls, t: Walled, who: Who): Attempt[] {
  const truncate = { what: "truncate", sql: `truncate ${t.name} cascade`, allowed: [DENIED] };
  const of = (tenant: Tenant) => `where ${t.tenant} = ${literal(tenant.id)}`;
  const seen = { own: [t.own], all: [t.own], nothing: [0], error: ["22P02"] }[who.sees];
  const selects = [
    { what: "select own", sql: `select from ${t.name} ${of(mine)}`, allowed: seen },
    {
      what: "select other",
      sql: `select from ${t.name} ${of(theirs)}`,
      allowed: { own: [0], all: [t.other], nothing: [0], error: ["22P02"] }[who.sees],
    },
  ];
  if (who.role === "worker") return [...selects, truncate];
  const refused = who.sees === "error" ? [DENIED, "22P02"] : [DENIED];
  const column = t.updatable[0] ?? t.columns[0];
  const untouched = who.sees === "error" ? refused : t.updatable.length > 0 ? [0] : [DENIED];
  const insert = (row: string, onConflict = "") => {
    const columns = (t.insertable.length > 0 ? t.insertable : t.columns).join(", ");
    return `insert into ${t.name} (${columns}) select ${columns} from jsonb_populate_record(null::${t.name}, ${literal(row)}) ${onConflict}`;
  };
  const overwrite = `on conflict on constraint ${t.key} do update set ${column} = excluded.${column}`;
  const others: Attempt[] = [
    ...selects,
    { what: "select all", sql: `select from ${t.name}`, allowed: seen },
    {
      what: "update other",
      sql: `update ${t.name} set ${column} = ${column} ${of(theirs)}`,
      allowed: untouched,
    },
    { what: "delete other", sql: `delete from ${t.name} ${of(theirs)}`, allowed: [0, ...refused] },
    { what: "insert other", sql: insert(t.otherRow), allowed: refused },
    { what: "upsert other, nothing", sql: insert(t.otherRow, "on conflict do nothing"), allowed: refused },
    { what: "upsert other, update", sql: insert(t.otherRow, overwrite), allowed: refused },
    {
      what: "move own away",
      sql: `update ${t.name} set ${t.tenant} = ${literal(theirs.id)} ${of(mine)}`,
      allowed: refused,
    },
    truncate,
  ];
  if (who.writes) return others;
  return [
    ...others,
    { what: "update own", sql: `update ${t.name} set ${column} = ${column}`, allowed: untouched },
    { what: "delete own", sql: `delete from ${t.name}`, allowed: [0, ...refused] },
    { what: "insert own", sql: insert(t.ownRow), allowed: refused },
  ];
}

/**
 * Every attempt on the given tables that was answered as no wall may: "contacts: viewer: delete own: 2". As owner; nothing
 * of it stays.
 * @param names the tables; all of them unless given
 */
export async function breaches(tx: Transaction, walls: Walls, names?: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const table of walls.tables.filter(({ name }) => names?.includes(name) ?? true)) {
    if (table.own === 0 || table.other === 0) found.push(`${table.name}: unproven, it lacks rows`);
    for (const who of whoTries(walls))
      for (const { what, sql, allowed } of [
        ...attemptsOf(walls, table, who),
        ...ruleAttempts(walls, table.name, who),
      ]) {
        const answer = await answerOf(tx, who, sql);
        if (!allowed.includes(answer)) found.push(`${table.name}: ${who.name}: ${what}: ${answer}`);
      }
  }
  return found;
}

/**
 * Writes on the tables that are nobody's in particular (the heartbeat, the list of migrations), and readings of those that people have
 * no business with, that were answered by anything but a refusal. As owner; nothing of it stays.
 */
export async function commonBreaches(tx: Transaction, { mine }: Walls): Promise<string[]> {
  const found: string[] = [];
  for (const { name, column } of await commonTables(tx))
    for (const who of whoTries({ mine })) {
      const writes = {
        insert: `insert into ${name} default values`,
        update: `update ${name} set ${column} = ${column}`,
        delete: `delete from ${name}`,
        truncate: `truncate ${name}`,
      };
      const mayBeat = name === "tick_runs" && who.role === "worker"; // it writes the heartbeat
      for (const [verb, sql] of Object.entries(mayBeat ? { truncate: writes.truncate } : writes)) {
        const answer = await answerOf(tx, who, sql);
        if (answer !== DENIED) found.push(`${name}: ${who.name}: ${verb}: ${answer}`);
      }
      const answer = await answerOf(tx, who, `select from ${name}`);
      const isOpen = name === "adsapp_migrations"; // any program asks whether the schema is its own
      if (!isOpen && !mayBeat && answer !== DENIED) found.push(`${name}: ${who.name}: select: ${answer}`);
    }
  return found;
}

const commonTables = (tx: Transaction) =>
  tx.query<{ name: string; column: string }>(
    `select c.relname::text as name, min(a.attname) as column
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname <> 'organizations'
        and not exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'organization_id')
      group by 1 order by 1`,
  );

/** How many attempts `breaches` makes. */
export function attemptsCount(walls: Walls): number {
  const each = (table: Walled) =>
    whoTries(walls).map(
      (who) => attemptsOf(walls, table, who).length + ruleAttempts(walls, table.name, who).length,
    );
  return walls.tables.flatMap(each).reduce((sum, n) => sum + n, 0);
}

async function answerOf({ client }: Transaction, who: Who, sql: string): Promise<number | string> {
  try {
    const results = await client.query(`savepoint attempt; ${sessionOf(who)} ${sql}`);
    return ((results as unknown as pg.QueryResult[]).at(-1) as pg.QueryResult).rowCount ?? -1;
  } catch (error) {
    return String((error as { code?: string }).code);
  } finally {
    await client.query("rollback to savepoint attempt");
  }
}

/** The statements that make a transaction somebody's. */
export function sessionOf({ role, claim, claims }: Who): string {
  const said = (setting: string, value: string | undefined) =>
    value === undefined ? "" : `set local ${setting} = ${literal(value)};`;
  return `set local role adsapp_${role}; ${said("request.jwt.claim.sub", claim)} ${said("request.jwt.claims", claims)}`;
}
