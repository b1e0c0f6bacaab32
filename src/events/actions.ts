import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Action } from "./action.ts";
import { enter } from "./enter.ts";
import text from "./events.sql";
import type { Match } from "./matches.ts";
import type { Notes } from "./notes.ts";

const sql = namedQueries(text, "addTags", "removeTags", "emitEvents", "assignConversations", "findDrips");

type Kind<T extends Action["type"]> = Extract<Action, { type: T }>;
interface Due<A extends Action = Action> extends Match {
  action: A;
}

/**
 * Does what the rules say: the first action of all of them, then the second, and so on, each kind in one statement.
 * @returns how many were entered into a drip
 */
export async function runActions(tx: Transaction, matches: readonly Match[], notes: Notes): Promise<number> {
  const turns = matches.reduce((most, { rule }) => Math.max(most, rule.actions.length), 0);
  let enrolled = 0;
  for (let turn = 0; turn < turns; turn++) {
    const due = matches.flatMap((match) => {
      const action = match.rule.actions[turn];
      return action === undefined ? [] : [{ ...match, action }];
    });
    await changeTags(tx, sql.removeTags, ofType(due, "remove_tag"));
    await changeTags(tx, sql.addTags, ofType(due, "add_tag"));
    await assign(tx, ofType(due, "assign"), notes);
    await emit(tx, ofType(due, "emit_event"));
    enrolled += await enroll(tx, ofType(due, "enroll_drip_campaign"), notes);
  }
  return enrolled;
}

function ofType<T extends Action["type"]>(due: readonly Due[], type: T): Due<Kind<T>>[] {
  return due.filter((each): each is Due<Kind<T>> => each.action.type === type);
}

/** The first two columns of every action's statement. */
function people(due: readonly Due[]): [string[], string[]] {
  return [due.map(({ organizationId }) => organizationId), due.map(({ contactId }) => contactId)];
}

async function changeTags(
  tx: Transaction,
  query: string,
  due: readonly Due<Kind<"add_tag" | "remove_tag">>[],
): Promise<void> {
  if (due.length > 0) await tx.run(query, [...people(due), due.map(({ action }) => action.tag)]);
}

async function emit(tx: Transaction, due: readonly Due<Kind<"emit_event">>[]): Promise<void> {
  if (due.length === 0) return;
  await tx.run(sql.emitEvents, [
    ...people(due),
    due.map(({ action }) => action.event),
    due.map(({ action }) => JSON.stringify(action.data)),
  ]);
}

async function assign(tx: Transaction, due: readonly Due<Kind<"assign">>[], notes: Notes): Promise<void> {
  if (due.length === 0) return;
  const rows = await tx.query<{ lacks: "agent" | "conversation" | null }>(sql.assignConversations, [
    ...people(due),
    due.map(({ action }) => action.agent),
  ]);
  due.forEach(({ eventId, rule, action }, n) => {
    const lacks = rows[n]?.lacks ?? null;
    if (lacks === null) return;
    const what = lacks === "agent" ? `no agent "${action.agent}"` : "no open conversation to assign";
    notes.add(eventId, `rule "${rule.name}": ${what}`);
  });
}

async function enroll(
  tx: Transaction,
  due: readonly Due<Kind<"enroll_drip_campaign">>[],
  notes: Notes,
): Promise<number> {
  if (due.length === 0) return 0;
  const idOf = await dripFinder(tx, due);
  const entries = due.flatMap(({ eventId, organizationId, contactId, rule, action }) => {
    const campaignId = idOf(organizationId, action.campaign);
    if (campaignId === undefined) {
      notes.add(eventId, `rule "${rule.name}": no drip "${action.campaign}"`);
      return [];
    }
    const isTold = !action.skipIfAlreadyEnrolled;
    return [{ eventId, organizationId, contactId, campaignId, campaign: action.campaign, isTold }];
  });
  return enter(tx, entries, notes);
}

type FindDrip = (organizationId: string, word: string) => string | undefined;

async function dripFinder(
  tx: Transaction,
  due: readonly Due<Kind<"enroll_drip_campaign">>[],
): Promise<FindDrip> {
  const keyOf = (organizationId: string, word: string) => `${organizationId} ${word}`;
  const wanted = new Map(
    due.map((each) => [keyOf(each.organizationId, each.action.campaign), each] as const),
  );
  const words = [...wanted.values()];
  const found = await tx.query<{ n: number; id: string }>(sql.findDrips, [
    words.map(({ organizationId }) => organizationId),
    words.map(({ action }) => action.campaign),
  ]);
  const keys = [...wanted.keys()];
  const ids = new Map(found.map(({ n, id }) => [keys[n - 1], id]));
  return (organizationId, word) => ids.get(keyOf(organizationId, word));
}
