import { findCampaign } from "../campaigns/find.ts";
import { defineCommand } from "../cli/command.ts";
import type { Column } from "../cli/output/index.ts";
import { declareForms, type FormOptions, inItsForm } from "./form.ts";
import { type VariantNumbers, variantNumbers } from "./variants.ts";

export default defineCommand<[], FormOptions & { campaign: string }>({
  description:
    "The variants of a broadcast compared, and what sending it at all did: each is held against the people held out, or else\nagainst the first variant, by how many wrote within 7 days of its first message. The lift is in percentage points with its\n95 % interval; it is shown only where that leaves out zero.",
  examples: [
    'adsapp report variants --campaign "Black Friday Sale"',
    'adsapp report variants --campaign "Black Friday Sale" --format csv',
    'adsapp report variants --campaign "Black Friday Sale" --format html --output variants.html',
  ],
  html: true,
  declare(command) {
    command.requiredOption("--campaign <name>", "the broadcast (name or id)");
    declareForms(command);
  },
  async run(context, options) {
    const { id, name } = await context.organization();
    await inItsForm(context, options, {
      show: async (out) => {
        const arms = await context.operator(async (tx) =>
          variantNumbers(tx, id, [(await findCampaign(tx, id, options.campaign)).id]),
        );
        await out.list(arms, COLUMNS, { empty: "Nothing of it was sent yet." });
      },
      page: async () => {
        const { variantsPage } = await import("./html/page.ts");
        return context.operator(async (tx) =>
          variantsPage(tx, id, await findCampaign(tx, id, options.campaign), name),
        );
      },
    });
  },
});

const COLUMNS: Column<VariantNumbers>[] = [
  { key: "variant" },
  { key: "people" },
  { key: "delivered", yields: 3 },
  { key: "read", yields: 2 },
  { key: "replied", yields: 1 },
  { key: "optedOut", yields: 5 },
  { key: "wroteBack", yields: 4 },
  { key: "openRate", as: "percent" },
  { key: "replyRate", as: "percent" },
  { key: "wroteBackRate", as: "percent" },
  { key: "lift", as: "number" },
  { key: "liftLow", title: "From", as: "number" },
  { key: "liftHigh", title: "To", as: "number" },
  { key: "verdict" },
];
