import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isAlive } from "./locks.ts";

/** A builder that takes longer is no longer waited for: its pid may be another program's by now. */
const LONGEST_BUILD_NS = 120_000_000_000n;

/**
 * Builds a folder beside its place and moves it there in one step, so that a kill half-way leaves nothing in that place.
 * Of several processes the first builds and the others wait for it; should two build, the second throws its own away.
 * Drafts of killed processes are removed.
 * @param marker what the finished folder holds
 */
export async function publish(
  target: string,
  marker: string,
  build: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = draftName(target);
  await mkdir(draft, { mode: 0o700 }); // tells the others
  try {
    if (!(await isMyTurn(target, marker, draft))) return;
    await build(draft);
    await rename(draft, target);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await removeFolder(draft);
  }
}

/** Moves a folder out of its place in one step and removes it; a kill half-way leaves a draft for the next publish. */
export async function removeInOneStep(
  target: string,
  afterMove: (moved: string) => Promise<void>,
): Promise<void> {
  if (!existsSync(target)) return;
  const moved = draftName(target);
  await rename(target, moved);
  await afterMove(moved);
  await removeFolder(moved);
}

/** @returns false when the folder is there; waits while an earlier builder lives */
async function isMyTurn(target: string, marker: string, draft: string): Promise<boolean> {
  for (;;) {
    if (existsSync(join(target, marker))) return false;
    const others = (await draftsOf(target)).filter((name) => name !== basename(draft));
    const states = others.map((name) => ({ name, state: builderState(name) }));
    for (const { name, state } of states)
      if (state === "dead") await removeFolder(join(dirname(target), name));
    if (!states.some(({ name, state }) => state === "building" && name < basename(draft))) return true;
    await setTimeout(25);
  }
}

async function draftsOf(target: string): Promise<string[]> {
  const names = await readdir(dirname(target));
  return names.filter((name) => name.startsWith(`${basename(target)}.draft-`));
}

let drafts = 0;

/** Sorted by age: the machine's own monotonic clock, the same in every process, comes first. */
function draftName(target: string): string {
  const time = process.hrtime.bigint().toString().padStart(20, "0");
  return `${target}.draft-${time}-${process.pid}-${drafts++}`;
}

function builderState(draft: string): "building" | "late" | "dead" {
  const [time = "", pid = ""] = draft.slice(draft.lastIndexOf(".draft-") + 7).split("-");
  const age = /^\d+$/.test(time) ? process.hrtime.bigint() - BigInt(time) : -1n;
  if (age < 0n || !isAlive(Number(pid))) return "dead"; // made before this machine started, or its process is gone
  return age > LONGEST_BUILD_NS ? "late" : "building";
}

/** An orphan of a killed builder may still be writing there; then the next publish removes it. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}
