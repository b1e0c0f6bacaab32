import { Option } from "commander";
import { findCampaign } from "../campaigns/find.ts";
import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import type { Context } from "../cli/context.ts";
import { UserError } from "../errors.ts";
import { type Person, resolveCampaign, resolveJob, type Verdict } from "./resolve.ts";

interface Options {
  campaign?: string;
  /** what `--as sent|not-sent` becomes: the program itself takes --as EMAIL (CommandEntry.means) */
  verdict?: Verdict;
}

export default defineCommand<[string | undefined], Options>({
  description:
    "Says what became of a message whose outcome nobody knows, or of all those of a broadcast. sent: it counts as sent, at the time of its\ndispatch. not-sent: it is sent again while it has an attempt left (a completed campaign runs on for it), else it has failed; so has an agent's answer, which is written anew.\nOnly unknown ones are touched, and saying it twice changes nothing. Asks first about a whole broadcast. The audit log keeps who said so.",
  examples: [
    "adsapp job resolve 5f0c6f0e-6a4b-4f0e-9d5e-0a8a3f1f2b11 --as sent",
    'adsapp job resolve --campaign "Black Friday Sale" --as not-sent --yes',
  ],
  writes: true,
  declare(command) {
    command
      .argument("[id]", "of the message")
      .option("--campaign <name>", "every unknown message of this broadcast (name or id)")
      .option("--as <verdict>", "what became of it: sent, or not-sent")
      .addOption(
        new Option("--verdict <verdict>", "what became of it").choices(["sent", "not-sent"]).hideHelp(),
      );
  },
  async run(context, { campaign, verdict: as }, id) {
    if (as === undefined) throw new UserError("say what became of it: --as sent or --as not-sent");
    if ((id === undefined) === (campaign === undefined))
      throw new UserError("say which: the id of a message, or --campaign with a name");
    const organization = await context.organization();
    if (campaign !== undefined && !(await agreed(context, organization.id, campaign, as)))
      return context.out.say("Nothing was changed.");
    const [database, person] = [await context.database(), (await context.identity()) as Person];
    const resolved =
      id === undefined
        ? await resolveCampaign(database, person, organization.id, campaign as string, as)
        : await resolveJob(database, person, organization.id, id, as);
    if (resolved.resolved === 0) context.out.say("Nothing was unknown any more.");
    await context.out.record(resolved, [
      { key: "resolved" },
      { key: "sent" },
      { key: "pending", title: "Sent again" },
      { key: "failed" },
      { key: "cancelled" },
      { key: "reopened", title: "Campaign runs again" },
    ]);
  },
});

/** Of a whole broadcast it cannot be taken back: people get a message twice, or none. */
async function agreed(
  context: Context,
  organizationId: string,
  campaign: string,
  as: Verdict,
): Promise<boolean> {
  const { name } = await context.operator((tx) => findCampaign(tx, organizationId, campaign));
  const question =
    as === "sent"
      ? `Count every unknown message of "${name}" as sent?`
      : `Send every unknown message of "${name}" again?`;
  return confirm(question, context.yes);
}
