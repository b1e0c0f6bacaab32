import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { draftOf } from "../../cli/private-file.ts";
import { ExitCode, UserError } from "../../errors.ts";
import { isGzip } from "./tree.ts";

/** Is this the name of a file to pack a backup into, rather than of a folder? */
export function isArchive(name: string): boolean {
  return /\.(tar|tar\.gz|tgz)$/.test(name);
}

/**
 * Packs a folder into a file of mode 0600, by the machine's tar; it stands in its place when it is whole.
 * @param check asked before it does: throws when what was packed is not to be kept
 */
export async function pack(
  folder: string,
  file: string,
  onBytes: (bytes: number) => void,
  check: () => Promise<void>,
): Promise<void> {
  const draft = draftOf(file);
  try {
    const tar = spawn("tar", ["-C", folder, "-chf", "-", "."], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = endOf(tar);
    const streams = [tar.stdout, counting(onBytes), ...(file.endsWith(".tar") ? [] : [createGzip()])];
    await Promise.all([ended, pipeline([...streams, draft.stream])]);
    await check();
    draft.publish();
  } catch (error) {
    draft.discard();
    throw error;
  }
}

/** tar goes as soon as it has read the archive's end, before the padding behind that; whether all went well, its exit code says. */
const LEFT_EARLY = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_DESTROYED"]);

/** Unpacks such a file into a folder that is there and empty. */
export async function unpack(file: string, folder: string, onBytes: (bytes: number) => void): Promise<void> {
  const own = ["--no-same-owner", "--no-same-permissions"];
  const tar = spawn("tar", ["-C", folder, ...own, "-xf", "-"], { stdio: ["pipe", "ignore", "pipe"] });
  const ended = endOf(tar);
  const unzipped = (await isGzip(file)) ? [createGunzip()] : [];
  const read = pipeline([createReadStream(file), ...unzipped, counting(onBytes), tar.stdin]).catch(
    (error) => {
      if (!LEFT_EARLY.has((error as NodeJS.ErrnoException).code ?? "")) throw broken(file, error);
    },
  );
  await Promise.all([ended.catch((error) => Promise.reject(broken(file, error))), read]);
}

function counting(onBytes: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
}

async function endOf(tar: ReturnType<typeof spawn>): Promise<void> {
  let said = "";
  tar.stderr?.on("data", (text: Buffer) => {
    said = `${said}${text}`.slice(-500);
  });
  const code = await new Promise((resolve, reject) => {
    tar.once("error", (cause) => reject(noTar(cause)));
    tar.once("close", resolve);
  });
  if (code !== 0)
    throw new UserError(`tar failed: ${said.trim().split("\n").at(-1)}`, { exitCode: ExitCode.Failed });
}

function noTar(cause: Error): UserError {
  return new UserError("there is no tar on the PATH", {
    hint: "Name a folder instead: its files are copied as they are.",
    exitCode: ExitCode.Failed,
    cause,
  });
}

function broken(file: string, cause: unknown): UserError {
  if (cause instanceof UserError && !cause.message.startsWith("tar failed")) return cause;
  return new UserError(`${file} is no whole backup: ${(cause as Error).message}`, {
    hint: "Nothing was changed.",
    cause,
  });
}
