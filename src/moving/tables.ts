import type pg from "pg";
import { listMigrations } from "../db/migration-files.ts";
import { tablesMade } from "../db/migrations.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./moving.sql";

const sql = namedQueries(text, "tables", "references", "hiddenTables", "sequences", "setSequences");

export interface Table {
  name: string;
  /** row level security holds for its owner too, whom COPY then refuses */
  forced: boolean;
  /** for COPY, quoted */
  columns: string;
  /** every column, by name */
  whole: string;
}

/** What a database holds of a table: two that hold the same rows tell the same. */
export interface Fingerprint {
  table: string;
  rows: number;
  /** of all rows in whatever order, as a decimal number */
  checksum: string;
}

const ours = () => [...new Set(listMigrations().flatMap(tablesMade))];

/** The tables of adsapp's that a database has, each after those that it refers to. */
export async function tablesOf(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(sql.tables, [ours()]);
  const { rows: references } = await client.query<{ child: string; parent: string }>(sql.references);
  return parentsFirst(rows, references);
}

/** @throws Error when tables refer to each other in a circle: then no order serves */
export function parentsFirst<T extends { name: string }>(
  tables: readonly T[],
  references: readonly { child: string; parent: string }[],
): T[] {
  const sorted: T[] = [];
  let rest = [...tables];
  while (rest.length > 0) {
    const waits = new Set(rest.map(({ name }) => name));
    const free = rest.filter(
      ({ name }) => !references.some(({ child, parent }) => child === name && waits.has(parent)),
    );
    if (free.length === 0) throw new Error(`tables refer to each other: ${[...waits].join(", ")}`);
    sorted.push(...free);
    rest = rest.filter((table) => !free.includes(table));
  }
  return sorted;
}

/** Those of which the login would not see every row; a copy by it would leave some behind. */
export async function hiddenTables(client: pg.Client): Promise<string[]> {
  return (await client.query<{ name: string }>(sql.hiddenTables, [ours()])).rows.map(({ name }) => name);
}

/** The tables of adsapp's that hold rows. */
export async function filledTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<Table>(sql.tables, [ours()]);
  if (rows.length === 0) return [];
  const probes = rows.map(({ name }) => `select '${name}' as name where exists (select from public.${name})`);
  return (await client.query<{ name: string }>(probes.join(" union all "))).rows.map(({ name }) => name);
}

/** Rows and checksum of each table, in one statement and so of one moment. */
export async function fingerprints(client: pg.Client, tables: readonly Table[]): Promise<Fingerprint[]> {
  const one = ({ name, whole }: Table) =>
    `select '${name}' as "table", count(*) as rows, coalesce(sum(hashtextextended(row(${whole})::text, 0)::numeric), 0)::text as checksum from public.${name} t`;
  const { rows } = await client.query<{ table: string; rows: string; checksum: string }>(
    tables.map(one).join(" union all "),
  );
  return rows.map((row) => ({ ...row, rows: Number(row.rows) }));
}

/** The next numbers of the target go on where those of the source are. */
export async function takeOverSequences(source: pg.Client, target: pg.Client): Promise<void> {
  const { rows } = await source.query<{ name: string; value: string }>(sql.sequences);
  await target.query(sql.setSequences, [rows.map(({ name }) => name), rows.map(({ value }) => value)]);
}
