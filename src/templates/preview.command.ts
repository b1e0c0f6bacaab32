import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import { type Column, type Output, visible } from "../cli/output/index.ts";
import { findContact } from "../contacts/find.ts";
import { previewTemplate, recipientOf, type TemplatePreview } from "./preview.ts";
import { findTemplate } from "./templates.ts";

interface Options {
  language?: string;
  contact?: string;
  var?: Record<string, string>;
}

const columns: Column<TemplatePreview>[] = [
  { key: "name" },
  { key: "language" },
  { key: "status" },
  { key: "header" },
  { key: "body" },
  { key: "footer" },
  { key: "buttons" },
  { key: "missing" },
  { key: "payload" },
];

export default defineCommand<[string], Options>({
  description:
    "A template as a person would read it, with values in place: text, or Liquid over a real contact. What has no value keeps its braces,\nand is said. As JSON with the template object of the send, once every value is there. Changes nothing.",
  examples: [
    'adsapp template preview black_friday --var 1=Sanne --var "2=20 %"',
    'adsapp template preview black_friday --contact +31612345678 --var "1={{ contact.first_name }}" --var 2=20% --format json',
  ],
  declare(command) {
    command
      .argument("<name>", "name or id")
      .option("--language <code>", "where it has several")
      .option("--contact <contact>", "phone or id of the contact whom Liquid speaks of")
      .option(
        "--var <name=value>",
        "a value; repeatable. button_0, header_1: of a button, of the header",
        variable,
      );
  },
  async run(context, options, name) {
    const organization = await context.organization();
    const { template, recipient } = await context.operator(async (tx) => ({
      template: await findTemplate(tx, organization.id, name, options.language),
      recipient:
        options.contact === undefined
          ? undefined
          : await recipientOf(tx, organization.id, await findContact(tx, organization, options.contact)),
    }));
    const preview = await previewTemplate(template, {
      values: options.var ?? {},
      recipient,
      organizationName: organization.name,
    });
    if (context.out.format !== "table") await context.out.record(preview, columns);
    else print(context.out, preview);
    if (preview.missing.length > 0)
      context.out.warn(`no value for ${preview.missing.join(", ")} (--var name=value)`);
    if (preview.status !== "APPROVED")
      context.out.warn(`it is ${preview.status}: Meta sends only APPROVED ones`);
  },
});

function print(out: Output, { header, body, footer, buttons }: TemplatePreview): void {
  const parts = [header, body, footer, ...buttons.map((button) => `[ ${button} ]`)];
  for (const part of parts) if (part !== null) out.print(part.split("\n").map(visible).join("\n"));
}

function variable(text: string, others: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([A-Za-z0-9_]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("Write name=value, such as 1=Sanne.");
  return { ...others, [name]: value };
}
