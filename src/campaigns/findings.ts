import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { compileText } from "../templates/liquid.ts";
import { type FrozenTemplate, neededVariables } from "../templates/message.ts";
import { UserError } from "../errors.ts";
import text from "./campaigns.sql";
import type { BroadcastDefinition } from "./definition.ts";

const sql = namedQueries(text, "findingsOf");

/** What a definition meets in the database: errors keep it from starting, warnings do not. */
export interface Findings {
  errors: string[];
  warnings: string[];
  template: (FrozenTemplate & { category: string; status: string }) | null;
  /** messages a second; null without a sender */
  throughput: number | null;
}

interface Found {
  sender: string | null;
  provider: string | null;
  throughputPerSecond: number | null;
  senderState: string | null;
  template: Findings["template"];
  templateLanguages: string[];
  templateNames: string[];
  unusedTags: string[];
  missingLists: string[];
}

/** Checks a definition against the organization's senders, templates, tags and lists. As operator. */
export async function findingsOf(tx: Transaction, organizationId: string, definition: BroadcastDefinition): Promise<Findings> {
  const { message, targetAudience: audience } = definition;
  const template = message.type === "template" ? message : undefined;
  const tags = [...(audience.type === "tags" ? audience.tags : []), ...(audience.exclude?.tags ?? [])];
  const lists = [...(audience.type === "list" ? [audience.list] : []), ...(audience.exclude?.lists ?? [])];
  const found = (await tx.one<Found>(sql.findingsOf, [organizationId, definition.sender ?? null, template?.template ?? null, template?.language ?? null, tags, lists])) as Found;
  const findings: Findings = { errors: [], warnings: [], template: found.template, throughput: found.throughputPerSecond };
  checkSender(definition, found, findings);
  if (template !== undefined) await checkTemplate(template, found, findings);
  else await checkTexts(Object.values(message).filter((value) => typeof value === "string"), findings);
  if (template === undefined && found.provider === "whatsapp-cloud") {
    findings.warnings.push("this is no template: it reaches only people who wrote in the last 24 hours, the others are skipped");
  }
  for (const tag of found.unusedTags) findings.warnings.push(`no contact has the tag "${tag}"`);
  for (const list of found.missingLists) findings.errors.push(`there is no list "${list}"`);
  return findings;
}

function checkSender(definition: BroadcastDefinition, found: Found, findings: Findings): void {
  if (found.sender === null) {
    const what = definition.sender === undefined ? "the organization has no default sender" : `there is no sender "${definition.sender}"`;
    findings.errors.push(`${what}: adsapp sender add`);
  } else if (found.senderState === "halted") findings.warnings.push(`sender "${found.sender}" is halted: nothing goes out before adsapp sender resume`);
}

async function checkTemplate(
  message: { template: string; language: string; variables?: Record<string, string> | undefined; header?: object | undefined },
  found: Found,
  findings: Findings,
): Promise<void> {
  const name = `template "${message.template}" (${message.language})`;
  if (found.template === null) {
    const near = nearest(message.template, found.templateNames, 1)[0];
    const hint = found.templateLanguages.length > 0 ? `; it has ${found.templateLanguages.join(", ")}` : near === undefined ? "" : `; did you mean "${near}"?`;
    findings.errors.push(`${name} does not exist${hint}`);
  } else {
    if (found.template.status !== "APPROVED" && found.provider === "whatsapp-cloud") findings.errors.push(`${name} is ${found.template.status}: Meta sends only APPROVED ones`);
    const needed = neededVariables(found.template.components);
    const given = Object.keys(message.variables ?? {});
    const missing = needed.filter((variable) => !given.includes(variable));
    const surplus = given.filter((variable) => !needed.includes(variable));
    if (missing.length > 0) findings.errors.push(`${name} needs a value for ${missing.map((variable) => `"${variable}"`).join(", ")}`);
    if (surplus.length > 0) findings.errors.push(`${name} has no variable ${surplus.map((variable) => `"${variable}"`).join(", ")}`);
    const media = found.template.components.find((component) => component.type === "HEADER" && component.format !== "TEXT");
    if ((media === undefined) !== (message.header === undefined)) findings.errors.push(media === undefined ? `${name} has no media header` : `${name} has a media header: give message.header`);
  }
  await checkTexts(Object.values(message.variables ?? {}), findings);
}

async function checkTexts(texts: readonly string[], findings: Findings): Promise<void> {
  for (const each of texts) {
    await compileText(each).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      findings.errors.push(error.message);
    });
  }
}
