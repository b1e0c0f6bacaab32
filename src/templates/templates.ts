import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { notFound, UserError } from "../errors.ts";
import { bodyVariables, type ParameterFormat, parameterFormatOf } from "./components.ts";
import type { Component, TemplateDefinition } from "./definition.ts";

/** A message template as the database holds it; key: name and language. */
export interface Template {
  id: string;
  name: string;
  language: string;
  category: "MARKETING" | "UTILITY" | "AUTHENTICATION";
  status: string;
  parameterFormat: ParameterFormat;
  components: Component[];
  /** of the body */
  variables: string[];
  quality: string | null;
  /** why Meta set the status, and when; null: it came from elsewhere */
  statusReason: string | null;
  statusAt: Date | null;
  /** its text was changed at Meta then, and is not known here */
  staleAt: Date | null;
  /** Meta's reason, of a rejected one */
  rejectedReason: string | null;
  updatedAt: Date;
}

const COLUMNS =
  "id, name, language, category, status, parameter_format, components, variables, quality, rejected_reason, status_reason, status_at, stale_at, updated_at";

/** Adds a template, or replaces the one of that name and language. As operator. */
export async function saveTemplate(
  tx: Transaction,
  organizationId: string,
  template: TemplateDefinition,
): Promise<Template> {
  const { name, language, category, status, components } = template;
  const saved = await tx.one<Template>(
    `insert into message_templates (organization_id, name, language, category, status, parameter_format, components, variables)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (organization_id, name, language) do update
        set category = excluded.category, status = excluded.status, parameter_format = excluded.parameter_format,
            components = excluded.components, variables = excluded.variables, updated_at = adsapp_now()
     returning ${COLUMNS}`,
    [
      organizationId,
      name,
      language,
      category,
      status,
      parameterFormatOf(components),
      JSON.stringify(components),
      bodyVariables(components),
    ],
  );
  return saved as Template;
}

export function listTemplates(tx: Transaction, organizationId: string): Promise<Template[]> {
  return tx.query(
    `select ${COLUMNS} from message_templates where organization_id = $1 order by name, language`,
    [organizationId],
  );
}

/**
 * By name (or id), and language where it has several.
 * @throws UserError (4) with near names, or the languages that there are; (2) when the language is left open
 */
export async function findTemplate(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  language?: string,
): Promise<Template> {
  const found = await templatesNamed(tx, organizationId, nameOrId);
  const languages = found.map((template) => template.language);
  const wanted = language === undefined ? found : found.filter((template) => template.language === language);
  if (wanted.length > 1) {
    throw new UserError(`template "${nameOrId}" has ${wanted.length} languages`, {
      hint: `Say which: --language ${languages.join("|")}`,
    });
  }
  if (wanted[0] !== undefined) return wanted[0];
  if (found.length > 0) {
    throw notFound(
      "template",
      `${nameOrId} (${language})`,
      languages.map((known) => `${nameOrId} (${known})`),
    );
  }
  const names = await tx.query<{ name: string }>(
    "select distinct name from message_templates where organization_id = $1",
    [organizationId],
  );
  const known = names.map(({ name }) => name);
  throw notFound("template", nameOrId, nearest(nameOrId, known));
}

/** Those of a name (or the one of an id), by language. */
export function templatesNamed(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<Template[]> {
  return tx.query<Template>(
    `select ${COLUMNS} from message_templates where organization_id = $1 and (name = $2 or id::text = $2) order by language`,
    [organizationId, nameOrId],
  );
}
