import { defineCommand } from "../cli/command.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { findDrip } from "./find.ts";
import { freeStuck } from "./free.ts";

export default defineCommand<[string | undefined]>({
  description:
    "Finds people whose drip stands still, and frees them: a message that was being dispatched by nobody (its outcome is unknown), one\nthat waits and is not looked at, a next step that was not planned. There should be nobody; report it when there was.",
  examples: ["adsapp drip free", 'adsapp drip free "Nieuwe Lead Opvolging" --format json'],
  writes: true,
  declare(command) {
    command.argument("[drip]", "name or id; without it all drips of the organization");
  },
  async run(context, _options, name) {
    const { id } = await context.organization();
    const drip = await context.operator(async (tx) => {
      await refuseViewer(tx);
      return name === undefined ? undefined : findDrip(tx, id, name);
    });
    const freed = await context.worker((tx) => freeStuck(tx, id, drip?.id));
    const total = freed.dispatching + freed.unseen + freed.unplanned;
    await context.out.record({ freed: total, ...freed }, [
      { key: "freed" },
      { key: "dispatching", title: "Dispatched by nobody" },
      { key: "unseen", title: "Not looked at" },
      { key: "unplanned", title: "Without a next step" },
    ]);
  },
});
