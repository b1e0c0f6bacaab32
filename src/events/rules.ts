import { isDeepStrictEqual } from "node:util";
import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed, notFound } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { RuleDefinition } from "./rule-definition.ts";
import text from "./rules.sql";

const sql = namedQueries(text, "listRules", "saveRule", "updateRule", "switchRule", "namesInUse");

/** What happens to a contact, and what is then to be done. */
export interface Rule {
  id: string;
  name: string;
  triggerType: string;
  triggerConfig: object;
  conditions: object | null;
  actions: object[];
  enabled: boolean;
  createdAt: Date;
}

export function listRules(tx: Transaction, organizationId: string): Promise<Rule[]> {
  return tx.query(sql.listRules, [organizationId, null]);
}

/** By name or id. @throws UserError (4) with near names */
export async function findRule(tx: Transaction, organizationId: string, nameOrId: string): Promise<Rule> {
  const found = await tx.one<Rule>(sql.listRules, [organizationId, nameOrId]);
  if (found !== undefined) return found;
  const names = (await listRules(tx, organizationId)).map(({ name }) => name);
  throw notFound("rule", nameOrId, nearest(nameOrId, names));
}

/**
 * Saves a rule; an enabled one acts from now on. As operator.
 * @param ifNotExists answer an existing one that is alike
 * @throws UserError (1) when the name is taken, (5) for viewers
 */
export async function saveRule(
  tx: Transaction,
  organizationId: string,
  definition: RuleDefinition,
  ifNotExists = false,
): Promise<Rule> {
  await refuseViewer(tx);
  const saved = await tx.one<{ id: string }>(sql.saveRule, [
    organizationId,
    definition.name,
    ...columnsOf(definition),
    definition.enabled ?? true,
  ]);
  const rule = await findRule(tx, organizationId, saved?.id ?? definition.name);
  const isAlike = differences(rule, { ...definition, enabled: undefined }).length === 0;
  if (saved !== undefined || (ifNotExists && isAlike)) return rule;
  throw notAllowed(
    `a rule "${definition.name}" exists${isAlike ? "" : " that is different"}`,
    "Give it another name; --if-not-exists accepts one that is alike.",
  );
}

/**
 * Makes a rule what the definition of its name says, for what happens from now on; one that does not say whether it is
 * enabled stays as it was switched. As operator. @throws UserError (4) unknown, (5) for viewers
 */
export async function updateRule(
  tx: Transaction,
  organizationId: string,
  definition: RuleDefinition,
): Promise<Rule> {
  await refuseViewer(tx);
  const { id } = await findRule(tx, organizationId, definition.name);
  const columns = columnsOf(definition);
  await tx.run(sql.updateRule, [organizationId, id, ...columns, definition.enabled ?? null]);
  return findRule(tx, organizationId, id);
}

/** The fields in which a saved rule is another than this definition. */
export function differences(existing: Rule, wanted: RuleDefinition): (keyof RuleDefinition)[] {
  const { triggerType, triggerConfig, conditions, actions, enabled } = existing;
  const trigger = { ...triggerConfig, type: triggerType };
  const stored: Record<string, unknown> = { trigger, conditions: conditions ?? undefined, actions, enabled };
  return (["trigger", "conditions", "actions", "enabled"] as const).filter(
    (field) =>
      (field !== "enabled" || wanted.enabled !== undefined) &&
      !isDeepStrictEqual(plain({ [field]: stored[field] }), plain({ [field]: wanted[field] })),
  );
}

/** Trigger type and config, conditions, actions, as rules.sql takes them. */
function columnsOf({ trigger, conditions, actions }: RuleDefinition): unknown[] {
  const { type, ...config } = trigger;
  const kept = conditions === undefined ? null : JSON.stringify(conditions);
  return [type, JSON.stringify(config), kept, JSON.stringify(actions)];
}

/** As jsonb gives it back: without fields that have no value. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** As operator. @throws UserError (4) unknown, (5) for viewers */
export async function switchRule(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  enabled: boolean,
): Promise<Rule> {
  await refuseViewer(tx);
  const rule = await findRule(tx, organizationId, nameOrId);
  await tx.run(sql.switchRule, [organizationId, rule.id, enabled]);
  return { ...rule, enabled };
}

/** Drips and agents that actions name and nobody knows (yet): the rule can be kept, and will note it at its events. */
export async function strangeNames(
  tx: Transaction,
  organizationId: string,
  { actions }: RuleDefinition,
): Promise<string[]> {
  const ids = actions.flatMap((each) => ("campaign_id" in each ? [each.campaign_id ?? ""] : []));
  const known = await tx.one<{ drips: string[]; dripIds: string[]; agents: string[] }>(sql.namesInUse, [
    organizationId,
    ids,
  ]);
  const { drips = [], dripIds = [], agents = [] } = known ?? {};
  return actions.flatMap((each) => {
    if (each.type === "enroll_drip_campaign" && each.campaign !== undefined)
      return strange("drip", each.campaign, drips);
    if (each.type === "enroll_drip_campaign") return strange("drip", each.campaign_id ?? "", dripIds);
    return each.type === "assign" ? strange("agent", each.agent, agents) : [];
  });
}

function strange(noun: string, name: string, known: readonly string[]): string[] {
  const isKnown = known.some((each) =>
    noun === "agent" ? each.toLowerCase() === name.toLowerCase() : each === name,
  );
  if (isKnown) return [];
  const [near] = nearest(name, known, 1);
  return [`there is no ${noun} "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`];
}
