import { defineCommand } from "../cli/command.ts";
import type { Column } from "../cli/output/index.ts";
import { type CampaignTest, testCampaign } from "./test.ts";

const columns: Column<CampaignTest>[] = [
  { key: "id", table: false },
  { key: "campaign" },
  { key: "sender" },
  { key: "to", as: "phone" },
  { key: "text", title: "Will read" },
  { key: "status" },
  { key: "warnings", table: false },
];

export default defineCommand<[string], { to: string; contact?: string }>({
  description:
    "Sends one message of a campaign to a tester, in whatever state the campaign is: filled in for the tester, or for another contact. It waits\nin the direct queue, which adsapp tick sends first, and counts in no statistics. The tester is a contact, and may be messaged.",
  examples: [
    'adsapp campaign test "Black Friday Sale" --to +31612345678',
    'adsapp campaign test "Black Friday Sale" --to +31612345678 --contact +31687654321 --format json',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<campaign>", "name or id")
      .requiredOption("--to <contact>", "phone or id of the tester")
      .option("--contact <contact>", "phone or id of the contact for whom it is filled in");
  },
  async run(context, { to, contact }, campaign) {
    const organization = await context.organization();
    const test = await testCampaign(context.operator, context.worker, organization, {
      campaign,
      to,
      contact,
    });
    for (const warning of test.warnings) context.out.warn(warning);
    await context.out.record(test, columns);
  },
});
