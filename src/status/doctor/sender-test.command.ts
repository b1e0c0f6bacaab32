import { defineCommand } from "../../cli/command.ts";
import { findSender } from "../../senders/senders.ts";
import { diagnosisOf } from "./finding.ts";
import { checkedSenders, senderFindings } from "./senders.ts";
import { showDiagnosis } from "./show.ts";

export default defineCommand<[string]>({
  description:
    "Whether a sender could send now: its state, its token and what Meta says of its number (one request), its templates. Each finding\ncomes with what mends it. It sends nothing and writes nothing, and ends with 1 when something is broken. All else that sending\nneeds: adsapp doctor; a message to a tester: adsapp campaign test.",
  examples: ["adsapp sender test main", "adsapp sender test main --format json"],
  declare(command) {
    command.argument("<name>", "name or id");
  },
  async run(context, _options, nameOrId) {
    const { env, out, stopping } = context;
    const organization = await context.organization();
    const { name } = await context.operator((tx) => findSender(tx, organization.id, nameOrId));
    const all = await context.worker((tx) => checkedSenders(tx, organization.id));
    const senders = all.filter((sender) => sender.name === name);
    return showDiagnosis(out, diagnosisOf(await senderFindings(senders, env, stopping)));
  },
});
