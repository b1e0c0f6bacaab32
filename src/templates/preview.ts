import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { UserError } from "../errors.ts";
import { neededValues } from "./components.ts";
import { compileText, type LiquidScope } from "./liquid.ts";
import { contactScope, type Recipient } from "./message.ts";
import { type ReadableParts, readableParts } from "./parts.ts";
import { compilePayload } from "./payload.ts";
import text from "./templates.sql";
import type { Template } from "./templates.ts";
import { cleanParameter, tooLong } from "./values.ts";

const sql = namedQueries(text, "recipient");

/** A template with values in place. */
export interface TemplatePreview extends ReadableParts {
  name: string;
  language: string;
  status: string;
  /** what of its values is not there: `1`, or why: `1: contact.first_name` */
  missing: string[];
  /** the `template` object of the send; null while values are missing. Media of a header are the campaign's to give */
  payload: object | null;
}

/** The contact as messages see it. As operator. */
export async function recipientOf(
  tx: Transaction,
  organizationId: string,
  contactId: string,
): Promise<Recipient> {
  return (await tx.one<Recipient>(sql.recipient, [organizationId, contactId])) as Recipient;
}

/**
 * Fills in a template: each value may be Liquid over the contact and the organization, as in a campaign's `variables`.
 * @param given.recipient undefined: Liquid that speaks of a contact stays without a value
 * @throws UserError for a value that the template does not take, and for Liquid that cannot be parsed
 */
export async function previewTemplate(
  template: Template,
  given: {
    values: Readonly<Record<string, string>>;
    recipient?: Recipient | undefined;
    organizationName: string;
  },
): Promise<TemplatePreview> {
  const needed = neededValues(template.components);
  refuseSurplus(
    template,
    given.values,
    needed.map(({ name }) => name),
  );
  const scope: LiquidScope = {
    contact: given.recipient === undefined ? {} : contactScope(given.recipient),
    organization: { name: given.organizationName },
    campaign: { name: template.name },
  };
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const { name, longest } of needed) {
    const written = given.values[name];
    const filled = written === undefined ? undefined : (await compileText(written)).fill(scope);
    const value = filled !== undefined && "text" in filled ? cleanParameter(filled.text) : "";
    const fault = filled !== undefined && "missing" in filled ? filled : tooLong("a value", value, longest);
    if (fault !== undefined) missing.push(`${name}: ${fault.missing}`);
    else if (value === "") missing.push(name);
    else values[name] = value;
  }
  const { name, language, status } = template;
  const payload = missing.length === 0 ? compilePayload(template)(values) : null;
  return { name, language, status, ...readableParts(template.components, values), missing, payload };
}

function refuseSurplus(
  { name, language }: Template,
  values: Readonly<Record<string, string>>,
  needed: readonly string[],
): void {
  const surplus = Object.keys(values).filter((value) => !needed.includes(value));
  if (surplus.length === 0) return;
  const [near] = nearest(surplus[0] as string, needed, 1);
  throw new UserError(
    `template "${name}" (${language}) has no value ${surplus.map((each) => `"${each}"`).join(", ")}`,
    {
      hint:
        needed.length === 0
          ? "It has none at all."
          : near === undefined
            ? `It has ${needed.join(", ")}.`
            : `Did you mean ${near}? It has ${needed.join(", ")}.`,
    },
  );
}
