import { once } from "node:events";
import type { WriteStream } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { csvCell } from "../cli/output/csv.ts";
import { draftOf, refuseExisting } from "../cli/private-file.ts";
import { UserError } from "../errors.ts";
import { isGuarded } from "./csv/cells.ts";
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
  refuseExisting(path, force);
  const { stream, publish, discard } = createDraft(path);
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
    publish,
    discard,
  };
}

function createDraft(path: string): ReturnType<typeof draftOf> {
  try {
    return draftOf(path);
  } catch (error) {
    throw unwritable(path, error as NodeJS.ErrnoException);
  }
}

function unwritable(path: string, { code }: NodeJS.ErrnoException): UserError {
  return new UserError(`${path} cannot be written (${code})`, { hint: "Nothing was imported." });
}

function rejectLine({ line, reason, cells }: RejectedRow): string {
  return lineOf([String(line), reason, ...cells]);
}

/** Guarded as everything that leaves as CSV. What has the guard already keeps that one: an import takes one off. */
function lineOf(cells: readonly string[]): string {
  return stringify([cells.map((cell) => (isGuarded(cell) ? cell : csvCell(cell, "phone")))]);
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, "drain");
}
