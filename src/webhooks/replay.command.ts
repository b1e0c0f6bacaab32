import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import type { Column } from "../cli/output/index.ts";
import { ExitCode } from "../errors.ts";
import { type Replayed, replayBodies } from "./replay.ts";

export default defineCommand<[number[]]>({
  description:
    "Applies bodies of the inbox again: all that were put aside with an error (a sender that was missing is there now), or those with these\nids. What is known already changes nothing. Exit code 3 when one is put aside again.",
  examples: ["adsapp webhook replay", "adsapp webhook replay 1017 1018 --format json"],
  writes: true,
  scope: "all",
  declare(command) {
    command.argument("[id...]", "ids of bodies", id, []);
  },
  async run(context, _options, ids) {
    const replayed = await replayBodies(await context.database(), ids);
    await context.out.list(replayed, COLUMNS, { empty: "No body waits with an error." });
    return replayed.some(({ error }) => error !== null) ? ExitCode.Partial : ExitCode.Done;
  },
});

const COLUMNS: Column<Replayed>[] = [
  { key: "id" },
  { key: "receivedAt", title: "Received", as: "time" },
  { key: "source" },
  { key: "organization" },
  { key: "error" },
];

function id(text: string, before: number[]): number[] {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("It must be the id of a body.");
  return [...before, value];
}
