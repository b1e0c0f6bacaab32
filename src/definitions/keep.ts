import { lstatSync } from "node:fs";
import { writePrivateFile } from "../cli/private-file.ts";
import type { Questions } from "../cli/questions.ts";

/** What becomes of a definition that was made by answers. */
export interface Kept {
  /** undefined: it is not saved as a file */
  file: string | undefined;
  /** in the database */
  create: boolean;
}

/** Asks whether to save the YAML, and whether to create it. Does neither: all questions come before all changes. */
export async function askKeeping(ask: Questions, noun: string, name: string): Promise<Kept> {
  const file = (await ask.confirm("Save it as YAML?", false))
    ? await ask.text("File", { default: `${slugOf(name) || noun}.yaml`, check: isFree })
    : undefined;
  return { file, create: await ask.confirm(`Create the ${noun} as a draft?`, true) };
}

/** @throws UserError when the file cannot be written */
export async function keepFile({ file }: Kept, yaml: string, ask: Questions): Promise<void> {
  if (file === undefined) return;
  await writePrivateFile(file, [yaml], false);
  ask.say(`Saved as ${file}.`);
}

function isFree(path: string): true | string {
  if (path.trim() === "") return "Name a file.";
  return lstatSync(path, { throwIfNoEntry: false }) === undefined || "There is one already; name another.";
}

function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
