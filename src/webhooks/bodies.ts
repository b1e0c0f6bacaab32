// Bodies of the inbox on the command line.
import { InvalidArgumentError } from "commander";
import type { Column } from "../cli/output/index.ts";
import type { StoredBody } from "./replay.ts";

export const STORED_BODY: Column<StoredBody>[] = [
  { key: "id" },
  { key: "receivedAt", title: "Received", as: "time" },
  { key: "source" },
  { key: "organization" },
  { key: "error" },
];

/** An argument that takes several. @param before what was read so far */
export function bodyId(text: string, before: number[]): number[] {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("It must be the id of a body.");
  return [...before, value];
}
