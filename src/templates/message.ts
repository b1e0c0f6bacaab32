import { neededValues, textOf } from "./components.ts";
import { compileText, type LiquidScope } from "./liquid.ts";
import type { MediaMessage, MessageDefinition, TemplateMessage } from "./message-schema.ts";
import { compilePayload, type FrozenTemplate } from "./payload.ts";
import { tooLong, valuesFor } from "./values.ts";
import { compileFillIn } from "./variables.ts";

/** What a run froze at its start (campaigns/expand.sql, openRuns). */
export interface FrozenDefinition {
  name: string;
  message: MessageDefinition;
  template: FrozenTemplate | null;
  /** of an A/B test: what a variant's people get instead */
  variants?: { name: string; message: MessageDefinition; template: FrozenTemplate | null }[] | null;
}

/** The contact as Liquid sees it, from a claimed job or a sample. */
export interface Recipient {
  phone: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  language: string | null;
  attributes: Record<string, unknown>;
}

/** The part of the Cloud API's request below the envelope and what a person would read; or what the contact has not got. */
export type RenderedMessage = { payload: Record<string, unknown>; text: string } | { missing: string };

export interface CompiledMessage {
  render(recipient: Recipient): RenderedMessage;
}

/** In characters, filled in (reference §1.2 to §1.4). */
const LONGEST = { text: 4096, caption: 1024, body: 1024 };

/** Compiles a message once, for many recipients. @throws UserError for Liquid that cannot be parsed */
export async function compileMessage(
  definition: FrozenDefinition,
  names: { organizationName: string },
): Promise<CompiledMessage> {
  const render = await rendererOf(definition);
  const shared = { organization: { name: names.organizationName }, campaign: { name: definition.name } };
  return { render: (recipient) => render({ contact: contactScope(recipient), ...shared }) };
}

type Render = (scope: LiquidScope) => RenderedMessage;

function rendererOf({ message, template }: FrozenDefinition): Promise<Render> {
  if (message.type === "template" && message.template !== undefined)
    return compileTemplate(message, template);
  if (message.type === "template" || message.type === "text") return compileInline(inlineText(message));
  return compileMedia(message);
}

/** A row that was written by other means may hold the source document's `content`. */
function inlineText(message: { text?: string; content?: string }): string {
  return message.text ?? message.content ?? "";
}

async function compileInline(text: string): Promise<Render> {
  const compiled = await compileText(text);
  return (scope) => {
    const filled = compiled.fill(scope);
    if ("missing" in filled) return filled;
    if (filled.text.trim() === "") return { missing: "text: the message would be empty" };
    return (
      tooLong("text", filled.text, LONGEST.text) ?? {
        payload: { type: "text", text: { body: filled.text } },
        text: filled.text,
      }
    );
  };
}

async function compileMedia(message: MediaMessage): Promise<Render> {
  const { type, caption: written = "", ...media } = message;
  const caption = await compileText(written);
  return (scope) => {
    const filled = caption.fill(scope);
    if ("missing" in filled) return filled;
    const captioned = filled.text.trim() === "" ? media : { ...media, caption: filled.text };
    return (
      tooLong("caption", filled.text, LONGEST.caption) ?? {
        payload: { type, [type]: captioned },
        text: filled.text || `[${type}]`,
      }
    );
  };
}

async function compileTemplate(message: TemplateMessage, template: FrozenTemplate | null): Promise<Render> {
  const frozen = template ?? {
    name: message.template,
    language: message.language,
    parameterFormat: "POSITIONAL",
    components: [],
  };
  const given = message.variables ?? {};
  const needed = neededValues(frozen.components);
  const compiled = await Promise.all(
    needed.map(async (value) => ({ ...value, text: await compileText(given[value.name] ?? "") })),
  );
  const payload = compilePayload(frozen, message.header);
  const body = compileFillIn(bodyOf(frozen));
  return (scope) => {
    const values = valuesFor(compiled, scope);
    if ("missing" in values) return values;
    const text = body(values.filled);
    return (
      tooLong("body", text, LONGEST.body) ?? {
        payload: { type: "template", template: payload(values.filled) },
        text,
      }
    );
  };
}

/** What a person would read. */
function bodyOf({ components }: FrozenTemplate): string {
  return components.map((each) => (each.type === "BODY" ? textOf(each) : "")).join("");
}

/** The contact as Liquid sees it: what it has not got is left out, since null would print as nothing. */
export function contactScope(recipient: Recipient): Record<string, unknown> {
  const scope: Record<string, unknown> = { attributes: known(recipient.attributes) };
  if (recipient.phone !== null) scope.phone = recipient.phone;
  if (recipient.firstName !== null) scope.first_name = recipient.firstName;
  if (recipient.lastName !== null) scope.last_name = recipient.lastName;
  if (recipient.email !== null) scope.email = recipient.email;
  if (recipient.language !== null) scope.language = recipient.language;
  return scope;
}

function known(fields: Record<string, unknown>): Record<string, unknown> {
  const values = Object.values(fields);
  if (!values.includes(null) && !values.includes(undefined)) return fields;
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
}
