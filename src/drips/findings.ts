import { listsIn } from "../audience/condition-schema.ts";
import { senderErrors, senderWarnings } from "../campaigns/findings.ts";
import { didYouMean, type Found } from "../campaigns/found.ts";
import { type FoundMessage, messageFindings } from "../campaigns/message-findings.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { DripDefinition, StepDefinition } from "./definition.ts";
import text from "./drips.sql";

const sql = namedQueries(text, "findingsOf");

/** What a definition meets in the database: errors keep it from being active, warnings do not. */
export interface DripFindings {
  errors: string[];
  warnings: string[];
}

type FoundDrip = Pick<
  Found,
  "sender" | "provider" | "senderState" | "senderNames" | "templateNames" | "missingLists" | "listNames"
> & { steps: Pick<FoundMessage, "template" | "templateLanguages">[] };

/** Checks a definition against the organization's senders, templates and lists. As operator. */
export async function dripFindings(
  tx: Transaction,
  organizationId: string,
  definition: DripDefinition,
): Promise<DripFindings> {
  const { sender, steps } = definition;
  const templates = steps.map(({ message }) => (message.type === "template" ? message : undefined));
  const found = (await tx.one<FoundDrip>(sql.findingsOf, [
    organizationId,
    sender ?? null,
    templates.map((message) => message?.template ?? null),
    templates.map((message) => message?.language ?? null),
    [...new Set(conditionsOf(definition).flatMap(listsIn))],
  ])) as FoundDrip;
  const ofSteps = await Promise.all(steps.map((step, index) => stepFindings(step, index, found)));
  return {
    errors: [...senderErrors(definition, found), ...ofSteps.flatMap(({ errors }) => errors)],
    warnings: [
      ...senderWarnings(found),
      ...ofSteps.flatMap(({ warnings }) => warnings),
      ...triggerWarnings(definition),
      ...found.missingLists.map(
        (list) =>
          `there is no list "${list}": nobody meets that condition${didYouMean(list, found.listNames)}`,
      ),
    ],
  };
}

async function stepFindings(
  { message }: StepDefinition,
  index: number,
  { provider, templateNames, steps }: FoundDrip,
): Promise<DripFindings> {
  const { template = null, templateLanguages = [] } = steps[index] ?? {};
  const found = await messageFindings(message, { provider, templateNames, template, templateLanguages });
  const named = (finding: string) => `step ${index + 1}: ${finding}`;
  return { errors: found.errors.map(named), warnings: found.warnings.map(named) };
}

function triggerWarnings({ trigger }: DripDefinition): string[] {
  return trigger.type === "tag_added" && trigger.tag === undefined
    ? ["its trigger names no tag: it never fires (drip enroll still enters people)"]
    : [];
}

function conditionsOf({ exitWhen, steps }: DripDefinition) {
  return [...exitWhen, ...steps.flatMap(({ when }) => (when === undefined ? [] : [when]))];
}
