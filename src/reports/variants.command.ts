import { defineCommand } from "../cli/command.ts";
import type { Column, Output } from "../cli/output/index.ts";
import { watch } from "../cli/watch.ts";
import { variantNumbers } from "./variants.ts";

export default defineCommand<[], { campaign: string; watch?: boolean }>({
  description:
    "The variants of a broadcast compared, and what sending it at all did: each is held against the people held out, or else\nagainst the first variant, by how many wrote within 7 days of its first message. The lift is in percentage points with its\n95 % interval; it is shown only where that leaves out zero.",
  examples: [
    'adsapp report variants --campaign "Black Friday Sale"',
    'adsapp report variants --campaign "Black Friday Sale" --format csv',
  ],
  declare(command) {
    command
      .requiredOption("--campaign <name>", "the broadcast (name or id)")
      .option("--watch", "live, until it is interrupted");
  },
  async run(context, options) {
    const { id } = await context.organization();
    const show = async (out: Output) => {
      const arms = await context.operator((tx) => variantNumbers(tx, id, options.campaign));
      await out.list(arms, COLUMNS, { empty: "Nothing of it was sent yet." });
    };
    return options.watch === true ? watch(context.out, context.stopping, show) : show(context.out);
  },
});

const COLUMNS: Column<Awaited<ReturnType<typeof variantNumbers>>[number]>[] = [
  { key: "variant" },
  { key: "people" },
  { key: "delivered" },
  { key: "read" },
  { key: "replied" },
  { key: "optedOut" },
  { key: "wroteBack" },
  { key: "openRate", as: "percent" },
  { key: "replyRate", as: "percent" },
  { key: "wroteBackRate", as: "percent" },
  { key: "lift", as: "number" },
  { key: "liftLow", title: "From", as: "number" },
  { key: "liftHigh", title: "To", as: "number" },
  { key: "verdict" },
];
