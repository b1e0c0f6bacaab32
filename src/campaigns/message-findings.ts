import { UserError } from "../errors.ts";
import { headerMedia, neededValues, unfillableParts } from "../templates/components.ts";
import { lengthFaults } from "../templates/lengths.ts";
import { compileText } from "../templates/liquid.ts";
import type { MessageDefinition, TemplateMessage } from "../templates/message-schema.ts";
import { didYouMean, type Found, type StoredTemplate } from "./found.ts";

interface MessageFindings {
  errors: string[];
  warnings: string[];
}

/** What the database answers about one message and its sender. */
export type FoundMessage = Pick<Found, "provider" | "template" | "templateLanguages" | "templateNames">;

/** Whether the message can be sent by this sender: its template, its values, its Liquid. */
export async function messageFindings(
  message: MessageDefinition,
  found: FoundMessage,
): Promise<MessageFindings> {
  const liquid = await liquidErrors(message);
  if (message.type === "template") {
    const template =
      found.template === null
        ? { errors: [noTemplate(message, found)], warnings: [] }
        : templateFindings(message, found.template, found.provider);
    return { errors: [...template.errors, ...liquid], warnings: template.warnings };
  }
  const outside =
    found.provider === "whatsapp-cloud"
      ? ["this is no template: it reaches only people who wrote in the last 24 hours, the others are skipped"]
      : [];
  return { errors: liquid, warnings: outside };
}

function noTemplate(
  { template, language }: TemplateMessage,
  { templateLanguages, templateNames }: FoundMessage,
): string {
  const hint =
    templateLanguages.length > 0
      ? `; there is one in ${templateLanguages.join(", ")}`
      : didYouMean(template, templateNames);
  return `template "${template}" (${language}) does not exist${hint}`;
}

function templateFindings(
  message: TemplateMessage,
  template: StoredTemplate,
  provider: Found["provider"],
): MessageFindings {
  const name = `template "${template.name}" (${template.language})`;
  const errors = [
    ...unfillableParts(template.components).map((part) => `${name} has ${part}: adsapp cannot fill that in`),
    ...valueErrors(name, message, template),
    ...lengthFaults(template.components, message.variables ?? {}).map((fault) => `${name}: ${fault}`),
    ...headerErrors(name, message, template),
  ];
  if (template.status === "APPROVED") return { errors, warnings: [] };
  const isReal = provider === "whatsapp-cloud";
  const status = `${name} is ${template.status}${isReal ? ": Meta sends only APPROVED ones" : ""}`;
  return isReal ? { errors: [status, ...errors], warnings: [] } : { errors, warnings: [status] };
}

function valueErrors(name: string, message: TemplateMessage, { components }: StoredTemplate): string[] {
  const given = message.variables ?? {};
  const needed = neededValues(components).map((value) => value.name);
  const missing = needed.filter((value) => (given[value] ?? "") === "");
  const surplus = Object.keys(given).filter((value) => !needed.includes(value));
  return [
    ...(missing.length > 0 ? [`${name} needs a value for ${quoted(missing)} in message.variables`] : []),
    ...(surplus.length > 0 ? [`${name} has no variable ${quoted(surplus)}`] : []),
  ];
}

function headerErrors(name: string, { header }: TemplateMessage, { components }: StoredTemplate): string[] {
  const wanted = headerMedia(components);
  if (wanted !== undefined && !["image", "video", "document"].includes(wanted)) return [];
  const [given] = Object.entries(header ?? {}).find(([, media]) => media !== undefined) ?? [];
  if (given === wanted) return [];
  return [
    wanted === undefined
      ? `${name} has no media in its header`
      : `${name} has a header with ${an(wanted)}: write message.header.${wanted}`,
  ];
}

async function liquidErrors(message: MessageDefinition): Promise<string[]> {
  const errors = await Promise.all(
    textsOf(message).map(([field, text]) => compileText(text).then(() => [], faultOf(field))),
  );
  return errors.flat();
}

/** The parts in which Liquid may stand, by their field. */
function textsOf(message: MessageDefinition): (readonly [string, string])[] {
  if (message.type === "text") return [["message.text", message.text]];
  if (message.type !== "template") return [["message.caption", message.caption ?? ""]];
  return Object.entries(message.variables ?? {}).map(([name, text]) => [`message.variables.${name}`, text]);
}

function faultOf(field: string): (error: unknown) => string[] {
  return (error) => {
    if (!(error instanceof UserError)) throw error;
    return [`${field}: ${error.message}`];
  };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

function an(word: string): string {
  return `${word === "image" ? "an" : "a"} ${word}`;
}
