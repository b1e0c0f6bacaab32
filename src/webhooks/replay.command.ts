import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { bodyId, STORED_BODY } from "./bodies.ts";
import { replayBodies } from "./replay.ts";

export default defineCommand<[number[]]>({
  description:
    "Applies bodies of the inbox again: all that were put aside with an error (a sender that was missing is there now), or those with these\nids. What is known already changes nothing. Exit code 3 when one is put aside again.",
  examples: ["adsapp webhook replay", "adsapp webhook replay 1017 1018 --format json"],
  writes: true,
  scope: "all",
  declare(command) {
    command.argument("[id...]", "ids of bodies", bodyId, []);
  },
  async run(context, _options, ids) {
    const replayed = await replayBodies(await context.database(), ids);
    await context.out.list(replayed, STORED_BODY, { empty: "No body waits with an error." });
    return replayed.some(({ error }) => error !== null) ? ExitCode.Partial : ExitCode.Done;
  },
});
