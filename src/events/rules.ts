import { isDeepStrictEqual } from "node:util";
import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed, notFound } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { RuleDefinition } from "./rule-definition.ts";
import text from "./rules.sql";

const sql = namedQueries(text, "listRules", "saveRule", "switchRule", "namesInUse");

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
  const { name, conditions = null, actions, enabled } = definition;
  const { type, ...config } = definition.trigger;
  const saved = await tx.one<{ id: string }>(sql.saveRule, [
    organizationId,
    name,
    type,
    JSON.stringify(config),
    conditions === null ? null : JSON.stringify(conditions),
    JSON.stringify(actions),
    enabled,
  ]);
  const rule = await findRule(tx, organizationId, saved?.id ?? name);
  const wanted = { triggerType: type, triggerConfig: config, conditions, actions };
  const { triggerType, triggerConfig, conditions: kept, actions: done } = rule;
  const isAlike = isDeepStrictEqual(
    plain({ triggerType, triggerConfig, conditions: kept, actions: done }),
    plain(wanted),
  );
  if (saved !== undefined || (ifNotExists && isAlike)) return rule;
  throw notAllowed(
    `a rule "${name}" exists${isAlike ? "" : " that is different"}`,
    "Give it another name; --if-not-exists accepts one that is alike.",
  );
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
