import { once } from "node:events";
import { createWriteStream, existsSync, lstatSync, renameSync, rmSync, type WriteStream } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { UserError } from "../errors.ts";
import type { RejectedRow } from "./csv/row.ts";

/** Bad rows, as CSV with their line, the reason and the cells as they were, so that they can be mended and imported. */
export interface RejectsFile {
  write(rows: readonly RejectedRow[]): Promise<void>;
  /** puts the file in its place */
  publish(): Promise<void>;
  discard(): void;
}

/** @throws UserError when the file exists (unless `force`) or is a link */
export function openRejects(
  path: string | undefined,
  header: readonly string[],
  force: boolean,
): RejectsFile {
  if (path === undefined) return { write: async () => {}, publish: async () => {}, discard() {} };
  refuse(path, force);
  const draft = `${path}.${process.pid}.tmp`;
  const stream = createWriteStream(draft, { mode: 0o600, flags: "wx" });
  let fault: NodeJS.ErrnoException | undefined;
  stream.on("error", (error) => {
    fault = error;
  });
  void write(stream, stringify([["line", "reason", ...header]]));
  return {
    async write(rows) {
      if (fault !== undefined) throw new UserError(`${path} cannot be written (${fault.code})`);
      if (rows.length > 0)
        await write(stream, stringify(rows.map((row) => [row.line, row.reason, ...row.cells])));
    },
    async publish() {
      stream.end();
      if (fault === undefined && !stream.closed) await once(stream, "close").catch(() => {});
      if (fault !== undefined) throw new UserError(`${path} cannot be written (${fault.code})`);
      renameSync(draft, path);
    },
    discard() {
      stream.destroy();
      rmSync(draft, { force: true });
    },
  };
}

function refuse(path: string, force: boolean): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true) throw new UserError(`${path} is a link; name the file itself`);
  if (stat !== undefined && existsSync(path) && !force)
    throw new UserError(`${path} exists`, { hint: "Name another file for the rejects, or say --force." });
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, "drain");
}
