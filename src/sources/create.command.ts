import { Option } from "commander";
import { findCampaign } from "../campaigns/find.ts";
import { defineCommand } from "../cli/command.ts";
import type { Transaction } from "../db/database.ts";
import { findDrip } from "../drips/find.ts";
import { UserError } from "../errors.ts";
import { sourceColumns } from "./columns.ts";
import { createSource, type SourceType, TYPES } from "./sources.ts";

interface Options {
  type: SourceType;
  text?: string;
  campaign?: string;
  drip?: string;
  ad?: string[];
}

export default defineCommand<[string], Options>({
  description:
    "Makes a source with a short code, which stands in the text that its link has people send: [ref: A7K2P9]. A conversation is counted for\nthe source whose code its first message has, else for the one that takes its ad, else for the one that takes the campaign it answers;\nthe rest is counted as Direct.",
  examples: [
    'adsapp source create "Poster in the shop" --type qr_code --text "Hoi! Ik heb een vraag"',
    'adsapp source create "Black Friday answers" --type campaign --campaign "Black Friday Sale"',
    "adsapp source create Advertentie --type campaign --ad 120210000000001",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<name>", "what it is called in lists")
      .addOption(new Option("--type <type>", "what kind").choices([...TYPES]).makeOptionMandatory())
      .option("--text <text>", "what its link has people send, in front of the code")
      .option("--campaign <name>", "takes the answers to this broadcast")
      .option("--drip <name>", "takes the answers to this drip")
      .option("--ad <id...>", "takes the people of these click-to-WhatsApp ads (Meta's ids)");
  },
  async run(context, options, name) {
    const { type, text, ad: adIds } = options;
    if (type !== "campaign" && (options.campaign ?? options.drip ?? adIds) !== undefined)
      throw new UserError("--campaign, --drip and --ad go with --type campaign");
    if (options.campaign !== undefined && options.drip !== undefined)
      throw new UserError("a source takes one campaign or one drip");
    const { id } = await context.organization();
    const source = await context.operator(async (tx) =>
      createSource(tx, id, { name, type, text, adIds, campaignId: await campaignOf(tx, id, options) }),
    );
    await context.out.record(source, sourceColumns);
    context.out.say(`Its link and QR code: adsapp source qr ${JSON.stringify(source.name)}`);
  },
});

async function campaignOf(tx: Transaction, organizationId: string, { campaign, drip }: Options) {
  if (campaign !== undefined) return (await findCampaign(tx, organizationId, campaign)).id;
  return drip === undefined ? undefined : (await findDrip(tx, organizationId, drip)).id;
}
