// Reading a contacts CSV without a database, for tests that say what stands in the file.
import { Readable } from "node:stream";
import { type ReadOptions, readContactsCsv } from "../../src/contacts/csv/read.ts";
import type { ContactRow, RejectedRow } from "../../src/contacts/csv/row.ts";

/** Reads a whole file; text is taken as UTF-8, and pieces arrive as they are cut. */
export async function readCsv(
  content: string | Buffer | readonly Buffer[],
  options: Partial<ReadOptions> = {},
) {
  const pieces = Array.isArray(content) ? content : [Buffer.from(content as string)];
  const file = await readContactsCsv(Readable.from(pieces), { country: "NL", ...options });
  const good: ContactRow[] = [];
  const bad: RejectedRow[] = [];
  for await (const batch of file.batches)
    for (const row of batch) "reason" in row ? bad.push(row) : good.push(row);
  return { format: file.format, columns: file.columns, header: file.header, good, bad };
}

/** The one contact of a file of one row, made of these cells. */
export async function readContact(
  cells: Record<string, string>,
  options: Partial<ReadOptions> = {},
): Promise<ContactRow> {
  const { good, bad } = await readCells(cells, options);
  if (good[0] === undefined) throw new Error(`rejected: ${bad[0]?.reason}`);
  return good[0];
}

/** Why a row of these cells is rejected. */
export async function reasonFor(
  cells: Record<string, string>,
  options: Partial<ReadOptions> = {},
): Promise<string | undefined> {
  return (await readCells(cells, options)).bad[0]?.reason;
}

function readCells(cells: Record<string, string>, options: Partial<ReadOptions>) {
  const lines = [Object.keys(cells), Object.values(cells)].map((line) => line.map(quoted).join(";"));
  return readCsv(`${lines.join("\n")}\n`, { delimiter: ";", ...options });
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** Where each bad row begins, with its reason. */
export function reasons(bad: readonly RejectedRow[]): [line: number, reason: string][] {
  return bad.map(({ line, reason }) => [line, reason]);
}
