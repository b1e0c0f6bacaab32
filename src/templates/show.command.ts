import { defineCommand } from "../cli/command.ts";
import { visible } from "../cli/output/index.ts";
import { templateColumns } from "./columns.ts";
import { findTemplate } from "./templates.ts";

export default defineCommand<[string], { language?: string }>({
  description: "One template with its components and variables.",
  examples: [
    "adsapp template show black_friday",
    "adsapp template show black_friday --language nl --format json",
  ],
  declare(command) {
    command.argument("<name>", "name or id").option("--language <code>", "where it has several");
  },
  async run(context, options, name) {
    const { id } = await context.organization();
    const template = await context.operator((tx) => findTemplate(tx, id, name, options.language));
    await context.out.record(template, [
      ...templateColumns.map((column) => ({ ...column, table: column.key !== "id" })),
      { key: "components", table: false },
    ]);
    if (context.out.format !== "table") return;
    context.out.print("");
    for (const component of template.components) {
      const text =
        "text" in component
          ? (component.text ?? "")
          : "buttons" in component
            ? component.buttons.map((button) => `[${button.text ?? button.type}]`).join(" ")
            : "";
      context.out.print(`${component.type.padEnd(8)} ${visible(text)}`);
    }
  },
});
