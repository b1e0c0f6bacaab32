// Agents of the random month: they answer some of who waits. What reports then say of them, and of where conversations came from, is counted
// once more from what they did and from the simulator's own log.
import { reply } from "../../src/conversations/answer.ts";
import { listConversations } from "../../src/conversations/conversations.ts";
import { operator } from "../../src/db/identity.ts";
import type { Answer } from "./log-counts.ts";
import type { World } from "./world.ts";

/** What an agent wrote to whom, and when by the clock of the month. */
export interface Act {
  tenant: string;
  messageId: string;
  /** a phone, as the simulator has it */
  to: string;
  at: number;
}

const WINDOW = 23 * 3_600_000;

/** The agent of each tenant answers up to three people who wait, within their service windows. @param now of the month */
export async function answerSome(world: World, random: () => number, now: number): Promise<Act[]> {
  const acts: Act[] = [];
  for (const [n, { id, profileId }] of world.tenants.entries())
    await world.database.transaction(operator(profileId), async (tx) => {
      const waiting = await listConversations(tx, id, { waiting: true, limit: 100 });
      const open = waiting.filter(
        ({ waitingSince }) => waitingSince !== null && waitingSince.getTime() > now - WINDOW,
      );
      for (const { id: conversation, phone } of open.filter(() => random() < 0.4).slice(0, 3))
        acts.push({
          tenant: String(n + 1),
          messageId: await reply(tx, conversation, "Dank je wel!"),
          to: phone as string,
          at: now,
        });
    });
  return acts;
}

/** Of an agent's day: averages in seconds, null where there are none. */
export interface AgentDay {
  conversations: number;
  sent: number;
  first: number | null;
  next: number | null;
}

/**
 * @param answers what people wrote, no STOP @param outcomeOf of an agent's message, by the log: none was accepted, or whether it failed
 * @returns by `tenant 2026-11-27`
 */
export function daysOfAgents(
  acts: readonly Act[],
  answers: readonly Answer[],
  outcomeOf: (messageId: string) => "none" | "failed" | "sent",
  dayOf: (at: number) => string,
): Map<string, AgentDay> {
  const days = new Map<string, { people: Set<string>; sent: number; first: number[]; next: number[] }>();
  for (const act of acts) {
    const key = `${act.tenant} ${dayOf(act.at)}`;
    const day = days.get(key) ?? { people: new Set(), sent: 0, first: [], next: [] };
    days.set(key, day);
    day.people.add(act.to);
    const outcome = outcomeOf(act.messageId);
    if (outcome !== "none") day.sent++;
    if (outcome !== "sent") continue;
    const before = acts.filter(
      (one) =>
        one.tenant === act.tenant &&
        one.to === act.to &&
        one.at < act.at &&
        outcomeOf(one.messageId) === "sent",
    );
    const last = Math.max(...before.map(({ at }) => at));
    const asked = answers.filter(
      (one) => one.tenant === act.tenant && one.from === act.to && one.at > last && one.at <= act.at,
    );
    if (asked.length === 0) continue;
    const waited = (act.at - Math.min(...asked.map(({ at }) => at))) / 1000;
    day.next.push(waited);
    if (before.length === 0) day.first.push(waited);
  }
  return new Map(
    [...days].map(([key, { people, sent, first, next }]) => [
      key,
      { conversations: people.size, sent, first: mean(first), next: mean(next) },
    ]),
  );
}

function mean(of: readonly number[]): number | null {
  return of.length === 0 ? null : of.reduce((sum, n) => sum + n, 0) / of.length;
}

/** Conversations that nobody closes: one a person, of the day of what they wrote first. @returns by `tenant source 2026-11-27` */
export function daysOfSources(
  answers: readonly Answer[],
  dayOf: (at: number) => string,
): Map<string, number> {
  const firsts = new Map<string, Answer>();
  for (const answer of answers.toSorted((a, b) => a.at - b.at)) {
    const person = `${answer.tenant} ${answer.from}`;
    if (!firsts.has(person)) firsts.set(person, answer);
  }
  const days = new Map<string, number>();
  for (const { tenant, at, answers: isAnswer } of firsts.values()) {
    const key = `${tenant} ${isAnswer ? "Campaigns" : "Direct"} ${dayOf(at)}`;
    days.set(key, (days.get(key) ?? 0) + 1);
  }
  return days;
}
