import type { MessageDefinition } from "./message-schema.ts";
import { bodyVariables, type Component } from "./definition.ts";
import { type CompiledText, compileText, type LiquidScope } from "./liquid.ts";
import { fillIn, variablesOf } from "./variables.ts";

/** What a run froze at its start (campaigns/expand.sql, openRuns). */
export interface FrozenDefinition {
  name: string;
  message: MessageDefinition;
  template: FrozenTemplate | null;
}

export interface FrozenTemplate {
  name: string;
  language: string;
  parameterFormat: "POSITIONAL" | "NAMED";
  components: Component[];
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

/** The part of the Cloud API's request below the envelope, and what a person would read. */
export type RenderedMessage = { payload: Record<string, unknown>; text: string } | { missing: string };

export interface CompiledMessage {
  render(recipient: Recipient): RenderedMessage;
}

type Values = { values: Record<string, string> } | { missing: string };

/** Compiles a message once, for many recipients. @throws UserError for Liquid that cannot be parsed */
export async function compileMessage(definition: FrozenDefinition, names: { organizationName: string }): Promise<CompiledMessage> {
  const scopeOf = scopes(definition.name, names.organizationName);
  const { message, template } = definition;
  if (message.type === "template") return compileTemplate(message, template, scopeOf);
  if (message.type === "text") {
    const text = await compileText(message.text ?? "");
    return {
      render(recipient) {
        const filled = text.fill(scopeOf(recipient));
        return "missing" in filled ? filled : { payload: { type: "text", text: { body: filled.text.slice(0, 4096) } }, text: filled.text };
      },
    };
  }
  const caption = await compileText(message.caption ?? "");
  return {
    render(recipient) {
      const filled = caption.fill(scopeOf(recipient));
      if ("missing" in filled) return filled;
      const media = { ...mediaOf(message), ...(filled.text === "" ? {} : { caption: filled.text.slice(0, 1024) }) };
      return { payload: { type: message.type, [message.type]: media }, text: filled.text || `[${message.type}]` };
    },
  };
}

async function compileTemplate(
  message: Extract<MessageDefinition, { type: "template" }>,
  template: FrozenTemplate | null,
  scopeOf: (recipient: Recipient) => LiquidScope,
): Promise<CompiledMessage> {
  const given = Object.entries(message.variables ?? {});
  const compiled = await Promise.all(given.map(async ([name, text]) => [name, await compileText(String(text))] as const));
  const components = template?.components ?? [];
  const body = components.find((each) => each.type === "BODY")?.text ?? "";
  return {
    render(recipient) {
      const read = valuesFor(compiled, scopeOf(recipient));
      if ("missing" in read) return read;
      const parameters = componentsOf(components, template?.parameterFormat ?? "POSITIONAL", read.values, message.header);
      const payload = { name: message.template, language: { code: message.language }, ...(parameters.length > 0 ? { components: parameters } : {}) };
      return { payload: { type: "template", template: payload }, text: fillIn(body, read.values) };
    },
  };
}

/** Meta refuses empty parameters, newlines, tabs and runs of spaces (error 132018). */
function valuesFor(compiled: readonly (readonly [string, CompiledText])[], scope: LiquidScope): Values {
  const values: Record<string, string> = {};
  for (const [name, text] of compiled) {
    const filled = text.fill(scope);
    if ("missing" in filled) return filled;
    const value = filled.text.replace(/[\r\n\t]+/g, " ").replace(/ {4,}/g, "   ").trim();
    if (value === "") return { missing: `a value for {{${name}}}` };
    values[name] = value;
  }
  return { values };
}

/** The `components` of a template send (reference to Meta: template messages): only those that have something to fill in. */
function componentsOf(components: readonly Component[], format: string, values: Record<string, string>, header: object | undefined): object[] {
  const parameter = (name: string) => ({ type: "text", ...(format === "NAMED" ? { parameter_name: name } : {}), text: values[name] ?? "" });
  return components.flatMap((each): object[] => {
    if (each.type === "HEADER" && each.format !== "TEXT" && header !== undefined) {
      return Object.entries(header).map(([type, media]) => ({ type: "header", parameters: [{ type, [type]: media }] }));
    }
    if (each.type === "HEADER" && each.format === "TEXT") {
      const names = variablesOf(each.text ?? "");
      return names.length > 0 ? [{ type: "header", parameters: names.map((name) => ({ ...parameter(`header_${name}`), ...(format === "NAMED" ? { parameter_name: name } : {}) })) }] : [];
    }
    if (each.type === "BODY") {
      const names = bodyVariables([each]);
      return names.length > 0 ? [{ type: "body", parameters: names.map(parameter) }] : [];
    }
    if (each.type !== "BUTTONS") return [];
    return each.buttons.flatMap((button, index): object[] =>
      button.type === "URL" && variablesOf(button.url).length > 0
        ? [{ type: "button", sub_type: "url", index: String(index), parameters: [{ type: "text", text: values[`button_${index}`] ?? "" }] }]
        : [],
    );
  });
}

/**
 * Every value that a template needs: the body's variables; `header_<name>` for those of a text header; `button_<index>`
 * for the variable at the end of a URL button.
 */
export function neededVariables(components: readonly Component[]): string[] {
  return components.flatMap((each) => {
    if (each.type === "HEADER") return variablesOf(each.text ?? "").map((name) => `header_${name}`);
    if (each.type === "BODY") return bodyVariables([each]);
    if (each.type !== "BUTTONS") return [];
    return each.buttons.flatMap((button, index) => (button.type === "URL" && variablesOf(button.url).length > 0 ? [`button_${index}`] : []));
  });
}

function mediaOf(message: { link?: string | undefined; id?: string | undefined; filename?: string | undefined }): object {
  return { ...(message.id === undefined ? { link: message.link } : { id: message.id }), ...(message.filename === undefined ? {} : { filename: message.filename }) };
}

function scopes(campaign: string, organization: string): (recipient: Recipient) => LiquidScope {
  return (recipient) => ({
    contact: {
      phone: recipient.phone,
      first_name: recipient.firstName,
      last_name: recipient.lastName,
      email: recipient.email,
      language: recipient.language,
      attributes: recipient.attributes,
    },
    organization: { name: organization },
    campaign: { name: campaign },
  });
}
