import { Argument } from "commander";
import { defineCommand } from "../cli/command.ts";
import { FORMAT_NAMES, type FormatName, formatSchema } from "./schemas.ts";

export default defineCommand<[FormatName]>({
  description:
    "Prints the JSON Schema of a format, so that editors complete and check it: save it, and begin the YAML with\n# yaml-language-server: $schema=broadcast.schema.json (the path from the YAML file to it, or a URL).",
  examples: ["adsapp schema broadcast > broadcast.schema.json", "adsapp schema drip > drip.schema.json"],
  scope: "none",
  declare(command) {
    command.addArgument(new Argument("<format>", "which one").choices(FORMAT_NAMES));
  },
  async run(context, _options, format) {
    context.out.print(JSON.stringify(formatSchema(format), null, 2));
  },
});
