import { defineCommand } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { savedColumns, savedOf } from "./columns.ts";
import type { DripDefinition } from "./definition.ts";
import { dripFindings } from "./findings.ts";
import { fileDefinition } from "./named.ts";
import { saveDrip } from "./save.ts";

export default defineCommand<[], { file?: string; ifNotExists?: boolean }>({
  description:
    "Saves a drip from a YAML file as a draft; drip activate opens it. What would keep it from being active is said at once. On a terminal\nwithout -f it asks step by step, and saves the YAML if you like.",
  examples: [
    "adsapp drip create -f fixtures/lead.yaml",
    "adsapp drip create -f lead.yaml --if-not-exists --format json",
  ],
  writes: true,
  declare(command) {
    command
      .option("-f, --file <file>", "the definition (kind: drip); - reads stdin")
      .option("--if-not-exists", "accept an existing one that is alike");
  },
  async run(context, options) {
    const definition = await definitionFor(context, options.file);
    if (definition === undefined) return context.out.say("No drip was made.");
    const { id } = await context.organization();
    const { drip, findings } = await context.operator(async (tx) => ({
      drip: await saveDrip(tx, id, definition, options.ifNotExists === true),
      findings: await dripFindings(tx, id, definition),
    }));
    for (const text of [...findings.errors, ...findings.warnings]) context.out.warn(text);
    await context.out.record(savedOf(drip), savedColumns);
  },
});

/** A file's, or the one that answers make. */
async function definitionFor(
  context: Context,
  file: string | undefined,
): Promise<DripDefinition | undefined> {
  if (file !== undefined) return fileDefinition(file);
  const { dripByAnswers } = await import("./create-by-answers.ts");
  return dripByAnswers(context);
}
