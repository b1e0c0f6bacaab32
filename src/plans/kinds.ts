import { type Findings, findingsOf } from "../campaigns/findings.ts";
import * as campaigns from "../campaigns/save.ts";
import * as storedCampaign from "../campaigns/stored.ts";
import type { Transaction } from "../db/database.ts";
import { dripFindings } from "../drips/findings.ts";
import * as drips from "../drips/save.ts";
import * as storedDrip from "../drips/stored.ts";
import { updateDrip } from "../drips/update.ts";
import { UserError } from "../errors.ts";
import * as rules from "../events/rules.ts";
import * as storedRule from "../events/stored-rule.ts";
import { type Sender, senderNamed } from "../senders/senders.ts";
import type { TemplateDefinition } from "../templates/definition.ts";
import { saveTemplate, type Template } from "../templates/templates.ts";
import { type Change, changesBetween } from "./changes.ts";
import type { Existing } from "./existing.ts";
import { type Definition, nameOf } from "./folder.ts";

/** What became of one definition. */
export interface Outcome {
  change: "created" | "changed" | "unchanged";
  /** of the campaign or drip that is there; null: there is none, or its kind has none */
  status: string | null;
  changes: Change[];
  /** of a drip: the version that people entered before, and the one that they enter now */
  fromVersion: number | null;
  version: number | null;
  /** who is in the drip; they stay on their version */
  people: number | null;
  warnings: string[];
  /** of a broadcast that is new or changed: what its audience is counted by */
  findings?: Findings;
}

type Of<K extends Definition["kind"]> = Extract<Definition, { kind: K }>;

const NOTHING = { status: null, changes: [], fromVersion: null, version: null, people: null, warnings: [] };

/**
 * Makes the database what a definition says, by the same doors as the commands of its kind, and tells what that was; what is
 * already so costs no query.
 * @throws UserError where it is not allowed: a started campaign, an archived drip, a sender that does not exist
 */
export function applyDefinition(
  tx: Transaction,
  organizationId: string,
  definition: Definition,
  existing: Existing,
): Promise<Outcome> {
  switch (definition.kind) {
    case "template":
      return applyTemplate(tx, organizationId, definition, existing.templates.get(nameOf(definition)));
    case "drip":
      return applyDrip(tx, organizationId, definition, existing);
    case "rule":
      return applyRule(tx, organizationId, definition, existing.rules.get(definition.name));
    case "broadcast":
      return applyBroadcast(tx, organizationId, definition, existing);
  }
}

async function applyTemplate(
  tx: Transaction,
  organizationId: string,
  { kind: _kind, ...definition }: Of<"template">,
  existing: Template | undefined,
): Promise<Outcome> {
  const changes = existing === undefined ? [] : changesBetween(partsOf(existing), partsOf(definition));
  if (existing !== undefined && changes.length === 0) return { ...NOTHING, change: "unchanged" };
  await saveTemplate(tx, organizationId, { kind: "template", ...definition });
  return { ...NOTHING, change: existing === undefined ? "created" : "changed", changes };
}

function partsOf({
  category,
  status,
  components,
}: Pick<TemplateDefinition, "category" | "components"> & { status: string }) {
  return { category, status, components };
}

async function applyDrip(
  tx: Transaction,
  organizationId: string,
  { kind: _kind, ...written }: Of<"drip">,
  { drips: named, senders }: Existing,
): Promise<Outcome> {
  const definition = withSenderName(written, senders);
  const existing = named.get(definition.name);
  if (existing === undefined) {
    const { status, version } = await drips.saveDrip(tx, organizationId, definition);
    const { errors, warnings } = await dripFindings(tx, organizationId, definition);
    return {
      ...NOTHING,
      change: "created",
      status,
      version,
      people: 0,
      warnings: [...errors, ...warnings],
    };
  }
  const people = existing.statistics.active;
  const before = { ...NOTHING, status: existing.status, fromVersion: existing.version, people };
  if (drips.differences(existing, definition).length === 0)
    return { ...before, change: "unchanged", version: existing.version };
  const { drip, warnings } = await updateDrip(tx, organizationId, definition);
  const changes = changesBetween(
    readable(() => storedDrip.definitionOf(existing)),
    definition,
  );
  return { ...before, change: "changed", version: drip.version, changes, warnings };
}

async function applyRule(
  tx: Transaction,
  organizationId: string,
  { kind: _kind, ...definition }: Of<"rule">,
  existing: rules.Rule | undefined,
): Promise<Outcome> {
  if (existing !== undefined && rules.differences(existing, definition).length === 0)
    return { ...NOTHING, change: "unchanged" };
  const warnings = await rules.strangeNames(tx, organizationId, definition);
  if (existing === undefined) {
    await rules.saveRule(tx, organizationId, definition);
    return { ...NOTHING, change: "created", warnings };
  }
  await rules.updateRule(tx, organizationId, definition);
  const before = readable(() => storedRule.definitionOf(existing));
  const changes = changesBetween(before, { ...definition, enabled: definition.enabled ?? existing.enabled });
  return { ...NOTHING, change: "changed", changes, warnings };
}

async function applyBroadcast(
  tx: Transaction,
  organizationId: string,
  { kind: _kind, ...written }: Of<"broadcast">,
  { campaigns: named, senders }: Existing,
): Promise<Outcome> {
  const definition = withSenderName(written, senders);
  const existing = named.get(definition.name);
  if (existing !== undefined && campaigns.differences(existing, definition).length === 0)
    return { ...NOTHING, change: "unchanged", status: existing.status };
  const before = existing === undefined ? undefined : storedCampaign.definitionOf(existing);
  const { status } =
    before === undefined
      ? await campaigns.saveCampaign(tx, organizationId, definition)
      : await campaigns.updateDraft(tx, organizationId, definition);
  const findings = await findingsOf(tx, organizationId, definition);
  return {
    ...NOTHING,
    change: before === undefined ? "created" : "changed",
    status,
    changes: before === undefined ? [] : changesBetween(before, definition),
    warnings: [...findings.errors, ...findings.warnings],
    findings,
  };
}

/** A file may name its sender by id. @throws UserError (4) for one that does not exist */
function withSenderName<D extends { sender?: string | undefined }>(
  definition: D,
  senders: readonly Sender[],
): D {
  const { sender: word } = definition;
  if (word === undefined) return definition;
  return { ...definition, sender: senderNamed(senders, word).name };
}

/** Nothing of what was written by other means, and cannot be read: all of it changes. */
function readable(definition: () => object): object {
  try {
    return definition();
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
}
