import { defineCommand } from "../cli/command.ts";
import { namedDefinition } from "./named.ts";
import { previewCampaign } from "./preview.ts";

export default defineCommand<[string | undefined], { file?: string }>({
  description: "Whom a broadcast would reach now: the audience by reason, three messages as they would be read, and how long the sending takes.\nChanges nothing.",
  examples: ['adsapp campaign preview "Black Friday Sale"', "adsapp campaign preview -f black-friday.yaml --format json"],
  declare(command) {
    command.argument("[campaign]", "name or id").option("-f, --file <file>", "a definition instead");
  },
  async run(context, options, name) {
    const definition = await namedDefinition(context, name, options.file);
    const preview = await previewCampaign(context.operator, context.worker, await context.organization(), definition);
    for (const text of [...preview.errors, ...preview.warnings]) context.out.warn(text);
    await context.out.record(preview, [
      { key: "name" }, { key: "targets", title: "Audience" }, { key: "willBeSent" }, { key: "skipped" }, { key: "forecast" },
      { key: "samples", table: false }, { key: "errors", table: false }, { key: "warnings", table: false },
    ]);
    if (context.out.format === "table" && preview.samples.length > 0) {
      context.out.print("");
      await context.out.list(preview.samples, [{ key: "to", as: "phone" }, { key: "text", title: "Message" }, { key: "missing" }]);
    }
  },
});
