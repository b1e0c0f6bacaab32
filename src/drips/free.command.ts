import { defineCommand } from "../cli/command.ts";
import { writeDown } from "../organizations/audit-log.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { findDrip } from "./find.ts";
import { type Freed, freeStuck } from "./free.ts";

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
    const identity = await context.identity();
    const freed = await context.worker(async (tx) => {
      const done = await freeStuck(tx, id, drip?.id);
      if (totalOf(done) > 0)
        await writeDown(tx, {
          organizationId: id,
          actor: identity.role === "operator" ? identity.profileId : null,
          action: "free",
          subject: "drip_campaigns",
          subjectId: drip?.id ?? null,
          details: done,
        });
      return done;
    });
    await context.out.record({ freed: totalOf(freed), ...freed }, [
      { key: "freed" },
      { key: "dispatching", title: "Dispatched by nobody" },
      { key: "unseen", title: "Not looked at" },
      { key: "unplanned", title: "Without a next step" },
    ]);
  },
});

const totalOf = ({ dispatching, unseen, unplanned }: Freed) => dispatching + unseen + unplanned;
