import { defineCommand } from "../cli/command.ts";
import { bodyId, STORED_BODY } from "./bodies.ts";
import { dismissBodies } from "./replay.ts";

export default defineCommand<[number[]]>({
  description:
    "Lets bodies be that were put aside with an error that nobody can mend: status, doctor and metrics count them no more. They stay in the inbox with\ntheir error until prune; webhook replay takes them up again by their ids. adsapp webhook replay lists what waits.",
  examples: ["adsapp webhook dismiss 1017", "adsapp webhook dismiss 1017 1018 --format json"],
  writes: true,
  scope: "all",
  declare(command) {
    command.argument("<id...>", "ids of bodies", bodyId, []);
  },
  async run(context, _options, ids) {
    await context.out.list(await dismissBodies(await context.database(), ids), STORED_BODY);
  },
});
