import { defineCommand } from "../cli/command.ts";
import { savedColumns, savedOf } from "./columns.ts";
import { activateDrip } from "./transitions.ts";

export default defineCommand<[string]>({
  description:
    "Opens a draft: its trigger enters people, and drip enroll does. A paused drip goes on: whatever waited moves by the time that was\nlost, and keeps to its hours. Refused with the reasons when its sender, templates or values are not as they must be.",
  examples: [
    'adsapp drip activate "Nieuwe Lead Opvolging"',
    'adsapp drip activate "Nieuwe Lead Opvolging" && adsapp tick',
  ],
  writes: true,
  declare(command) {
    command.argument("<drip>", "name or id");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    const { drip, warnings } = await context.operator((tx) => activateDrip(tx, id, name));
    for (const text of warnings) context.out.warn(text);
    await context.out.record(savedOf(drip), savedColumns);
  },
});
