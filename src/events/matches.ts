import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { type Action, readActions } from "./action.ts";
import text from "./events.sql";
import type { Notes } from "./notes.ts";
import { sparingOthers } from "./sparing.ts";

const sql = namedQueries(text, "matchRules", "meetRules", "loadRules");

/** A rule that acts on an event. */
export interface Match {
  eventId: number;
  organizationId: string;
  contactId: string;
  rule: Rule;
}

export interface Rule {
  name: string;
  actions: Action[];
}

interface Pair {
  eventId: number;
  organizationId: string;
  contactId: string;
  ruleId: string;
  hasConditions: boolean;
}

/** Which enabled rules act on these events: the trigger matches, and the contact meets the conditions. */
export async function matchRules(tx: Transaction, ids: readonly number[], notes: Notes): Promise<Match[]> {
  const pairs = await tx.query<Pair>(sql.matchRules, [ids]);
  if (pairs.length === 0) return [];
  const stored = await tx.query<{ id: string; name: string; actions: unknown[] }>(sql.loadRules, [
    [...new Set(pairs.map(({ ruleId }) => ruleId))],
  ]);
  const rules = new Map(stored.map(({ id, name, actions }) => [id, { name, ...readActions(actions) }]));
  const met = await meetingPairs(tx, pairs, (ruleId) => rules.get(ruleId)?.name ?? "", notes);
  return pairs.flatMap((pair) => {
    const rule = rules.get(pair.ruleId);
    if (rule === undefined || (pair.hasConditions && !met.has(keyOf(pair)))) return [];
    for (const fault of rule.faults) notes.add(pair.eventId, `rule "${rule.name}": ${fault}`);
    return [{ eventId: pair.eventId, organizationId: pair.organizationId, contactId: pair.contactId, rule }];
  });
}

async function meetingPairs(
  tx: Transaction,
  pairs: readonly Pair[],
  nameOf: (ruleId: string) => string,
  notes: Notes,
): Promise<Set<string>> {
  const met = new Set<string>();
  await sparingOthers(
    tx,
    pairs.filter(({ hasConditions }) => hasConditions),
    ({ ruleId }) => ruleId,
    async (some) => {
      const rows = await tx.query<{ eventId: number; ruleId: string }>(sql.meetRules, [
        some.map(({ eventId }) => eventId),
        some.map(({ ruleId }) => ruleId),
      ]);
      for (const row of rows) met.add(keyOf(row));
    },
    (refused, reason) => {
      for (const { eventId, ruleId } of refused)
        notes.add(eventId, `conditions of rule "${nameOf(ruleId)}": ${reason}`);
    },
  );
  return met;
}

function keyOf({ eventId, ruleId }: { eventId: number; ruleId: string }): string {
  return `${eventId} ${ruleId}`;
}
