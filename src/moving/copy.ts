import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from, to } from "pg-copy-streams";
import type { Table } from "./tables.ts";

const NEWLINE = 10;

/**
 * Copies the tables as streams, each after those that it refers to, within the transactions that the clients have open. Triggers of
 * the target rest meanwhile (what they would count or plan is copied too); its keys and constraints judge every row.
 * @param target the tables' owner, in a transaction: its walls come back with the commit or the rollback
 */
export async function copyTables(
  source: pg.Client,
  target: pg.Client,
  tables: readonly Table[],
  onRows: (table: string, count: number) => void,
): Promise<void> {
  await target.query(tables.map(opened).join("; "));
  for (const table of tables) {
    const place = `public.${table.name} (${table.columns})`;
    // a query, for COPY of a table by name does not know row level security
    const rows = source.query(to(`copy (select ${table.columns} from public.${table.name}) to stdout`));
    const counted = counting((count) => onRows(table.name, count));
    await pipeline(rows, counted, target.query(from(`copy ${place} from stdin`)));
  }
  await target.query("set constraints all immediate");
  await target.query(tables.map(closed).join("; "));
}

/** FORCE would keep its owner from COPY. */
function opened({ name, forced }: Table): string {
  const wall = forced ? ", no force row level security" : "";
  return `alter table public.${name} disable trigger user${wall}`;
}

function closed({ name, forced }: Table): string {
  const wall = forced ? ", force row level security" : "";
  return `alter table public.${name} enable trigger user${wall}`;
}

/** A row of COPY's text is a line: what breaks lines in a value is written as \n. */
function counting(onRows: (count: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let count = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count++;
      onRows(count);
      done(null, chunk);
    },
  });
}
