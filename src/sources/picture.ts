import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  writeSync,
} from "node:fs";
import { UserError } from "../errors.ts";

/**
 * Writes a picture under its name: a new file, or with `force` over an ordinary one; never through a link.
 * @throws UserError (2) when it exists, is no ordinary file, or cannot be written
 */
export function writePicture(path: string, content: string | Buffer, force: boolean): void {
  refuse(path, force);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const exists = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  let file: number;
  try {
    file = openSync(path, O_WRONLY | O_NOFOLLOW | (exists ? 0 : O_CREAT | O_EXCL), 0o644);
  } catch (error) {
    throw new UserError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    if (!fstatSync(file).isFile()) throw new UserError(`${path} is no ordinary file`);
    ftruncateSync(file);
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fchmodSync(file, 0o644);
  } finally {
    closeSync(file);
  }
}

/** The same question before any work. @throws UserError (2) */
export function refuse(path: string, force: boolean): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isSymbolicLink()) throw new UserError(`${path} is a link; name the file itself`);
  if (!stat.isFile()) throw new UserError(`${path} is no ordinary file`);
  if (!force) throw new UserError(`${path} exists`, { hint: "--force writes over it." });
}

/** Black on white, whatever the terminal's colours: on a dark one the code would be its negative, which not every phone reads. */
export function onWhite(code: string, color: boolean): string {
  if (!color) return code;
  return code
    .split("\n")
    .map((line) => `\u001b[30;107m${line}\u001b[0m`)
    .join("\n");
}
