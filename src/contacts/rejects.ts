import { once } from "node:events";
import { createWriteStream, lstatSync, openSync, renameSync, rmSync, type WriteStream } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { csvCell } from "../cli/output/csv.ts";
import { UserError } from "../errors.ts";
import type { RejectedRow } from "./csv/row.ts";

/** Bad rows, as CSV with their line, the reason and the cells as they were, so that they can be mended and imported. */
export interface RejectsFile {
  write(rows: readonly RejectedRow[]): Promise<void>;
  /** resolves when all of it is written; the file is not in its place yet */
  finish(): Promise<void>;
  /** puts the finished file in its place */
  publish(): void;
  discard(): void;
}

/** @throws UserError when the file exists (unless `force`), is no ordinary file, or cannot be made */
export function openRejects(
  path: string | undefined,
  header: readonly string[],
  force: boolean,
): RejectsFile {
  if (path === undefined)
    return { write: async () => {}, finish: async () => {}, publish() {}, discard() {} };
  refuse(path, force);
  const draft = `${path}.${process.pid}.tmp`;
  const stream = createDraft(path, draft);
  let fault: NodeJS.ErrnoException | undefined;
  stream.on("error", (error) => {
    fault = error;
  });
  const refuseFault = () => {
    if (fault !== undefined) throw unwritable(path, fault);
  };
  stream.write(lineOf(["line", "reason", ...header]));
  return {
    async write(rows) {
      refuseFault();
      if (rows.length > 0) await write(stream, rows.map(rejectLine).join("")).catch(() => {});
      refuseFault();
    },
    async finish() {
      stream.end();
      if (!stream.closed) await once(stream, "close").catch(() => {});
      refuseFault();
    },
    publish: () => renameSync(draft, path),
    discard() {
      stream.destroy();
      rmSync(draft, { force: true });
    },
  };
}

function refuse(path: string, force: boolean): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true) throw new UserError(`${path} is a link; name the file itself`);
  if (stat?.isFile() === false) throw new UserError(`${path} is no ordinary file; name one for the rejects`);
  if (stat !== undefined && !force)
    throw new UserError(`${path} exists`, { hint: "Name another file for the rejects, or say --force." });
}

function createDraft(path: string, draft: string): WriteStream {
  try {
    return createWriteStream(draft, { fd: openSync(draft, "wx", 0o600) });
  } catch (error) {
    throw unwritable(path, error as NodeJS.ErrnoException);
  }
}

function unwritable(path: string, { code }: NodeJS.ErrnoException): UserError {
  return new UserError(`${path} cannot be written (${code})`, { hint: "Nothing was imported." });
}

/** Guarded as everything that leaves as CSV; an import takes the guard off again. */
function rejectLine({ line, reason, cells }: RejectedRow): string {
  return lineOf([String(line), reason, ...cells]);
}

function lineOf(cells: readonly string[]): string {
  return stringify([cells.map((cell) => csvCell(cell, "phone"))]);
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, "drain");
}
