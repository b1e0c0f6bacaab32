import { pipeline } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import type { Transaction } from "../db/database.ts";
import type { ContactRow } from "./csv/row.ts";

/** Streams rows into the staging table by COPY, with back-pressure from the database. */
export async function copyRows(
  tx: Transaction,
  copy: string,
  batches: AsyncIterable<readonly ContactRow[]>,
): Promise<void> {
  await pipeline(lines(batches), tx.client.query(copyFrom(copy)));
}

async function* lines(batches: AsyncIterable<readonly ContactRow[]>): AsyncGenerator<string> {
  for await (const batch of batches) {
    if (batch.length > 0) yield `${batch.map(copyLine).join("\n")}\n`;
  }
}

/** One line of COPY's text format, in the order of the staging table's columns. */
function copyLine(row: ContactRow): string {
  return [
    String(row.line),
    field(row.phone ?? row.bsuid),
    field(row.phone),
    field(row.bsuid),
    field(row.firstName),
    field(row.lastName),
    field(row.email),
    field(row.language),
    field(row.timezone),
    row.tags.length === 0 ? "\\N" : field(arrayLiteral(row.tags)),
    row.lists.length === 0 ? "\\N" : field(arrayLiteral(row.lists)),
    since(row.optIn, row.optInAt),
    field(row.optInSource),
    since(row.optOut, row.optOutAt),
    field(row.optOutSource),
    since(row.blocked, row.blockedAt),
    field(JSON.stringify(row.attributes)),
    field(row.phone === null || row.bsuid === null ? null : arrayLiteral(row.cells)),
  ].join("\t");
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function field(value: string | null): string {
  return value === null ? "\\N" : value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string);
}

/** A yes without a time is `infinity`: the import takes the earlier of it and now. */
function since(isSaid: boolean, at: string | null): string {
  return isSaid ? (at ?? "infinity") : "\\N";
}

function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/(["\\])/g, "\\$1")}"`).join(",")}}`;
}
