import { defineCommand } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { savedColumns } from "./columns.ts";
import type { BroadcastDefinition } from "./definition.ts";
import { findingsOf } from "./findings.ts";
import { fileDefinition } from "./named.ts";
import { saveCampaign } from "./save.ts";

export default defineCommand<[], { file?: string; ifNotExists?: boolean }>({
  description:
    "Saves a broadcast from a YAML file as a draft; campaign start arms it. What would keep it from starting is said at once. On a terminal\nwithout -f it asks step by step, shows whom it would reach, and saves the YAML if you like.",
  examples: [
    "adsapp campaign create -f fixtures/black-friday.yaml",
    "adsapp campaign create -f black-friday.yaml --if-not-exists --format json",
  ],
  writes: true,
  declare(command) {
    command
      .option("-f, --file <file>", "the definition (kind: broadcast); - reads stdin")
      .option("--if-not-exists", "accept an existing one that is alike");
  },
  async run(context, options) {
    const definition = await definitionFor(context, options.file);
    if (definition === undefined) return context.out.say("No campaign was made.");
    const { id } = await context.organization();
    const { campaign, findings } = await context.operator(async (tx) => ({
      campaign: await saveCampaign(tx, id, definition, options.ifNotExists === true),
      findings: await findingsOf(tx, id, definition),
    }));
    for (const text of [...findings.errors, ...findings.warnings]) context.out.warn(text);
    await context.out.record(campaign, savedColumns);
  },
});

/** A file's, or the one that answers make. */
async function definitionFor(
  context: Context,
  file: string | undefined,
): Promise<BroadcastDefinition | undefined> {
  if (file !== undefined) return fileDefinition(context, file);
  const { broadcastByAnswers } = await import("./create-by-answers.ts");
  return broadcastByAnswers(context);
}
