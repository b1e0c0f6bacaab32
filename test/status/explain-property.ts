import { expect, onTestFinished } from "vitest";
import type { Explanation } from "../../src/status/explain/explain.ts";
import { accept, apiThat } from "../sending/dispatching.ts";
import { setup } from "../sending/setup.ts";
import { type Case, explained, type MessageRow, makeCases, messagesNow, runTick } from "./explain-world.ts";

/** What a tick leaves alone as long as one of these says wait. */
const UNTOUCHED = new Set([
  ...["campaign", "organization", "lateness", "enrollment", "message", "next_attempt", "sender"],
  ...["canary", "hourly_limit", "messaging_limit"],
]);

/** The reasons for which the sending skips, by the gate that tells them. */
const SKIPS: Record<string, RegExp> = {
  send_before: /^expired$/,
  contact: /^(blocked|erased|no_address)$/,
  consent: /^(opted_out|no_opt_in)$/,
  service_window: /^outside_service_window$/,
  frequency_cap: /^frequency_cap$/,
  variables: /^missing_variable$/,
  exit: /^exited$/,
  condition: /^condition_not_met$/,
};

type Fate = "as it was" | "sent" | "skipped" | "put off" | "none";

/** What a tick does with a person's message, by what explain said of it. */
function foretold({ gates, status }: Explanation): { fate: Fate; by: string; until: Date | null } {
  const of = (verdict: string) => gates.filter((gate) => gate.verdict === verdict);
  const [stopped] = of("stop");
  const gone = of("stop").find(({ gate }) =>
    ["campaign", "audience", "enrollment", "message"].includes(gate),
  );
  if (gone !== undefined) return { fate: "as it was", by: gone.gate, until: null };
  const waits = of("wait");
  const asleep = waits.find(({ gate }) => ["campaign", "lateness", "message"].includes(gate));
  if (stopped?.gate === "send_before" && asleep === undefined)
    return { fate: "skipped", by: "send_before", until: null };
  const isWrittenOutAsSkipped = status === null && /^(contact|consent)$/.test(stopped?.gate ?? "");
  if (isWrittenOutAsSkipped && asleep === undefined)
    return { fate: "skipped", by: stopped?.gate ?? "", until: null };
  const isFilledIn = stopped?.gate === "variables"; // once it has been claimed
  const isLookedAt = (stopped !== undefined && !isFilledIn) || waits.some(({ gate }) => gate === "hours");
  const untouched = waits.find(
    ({ gate }) => UNTOUCHED.has(gate) && !(isLookedAt && gate === "messaging_limit"),
  );
  if (untouched !== undefined) return { fate: "as it was", by: untouched.gate, until: null };
  if (stopped !== undefined && !isFilledIn) return { fate: "skipped", by: stopped.gate, until: null };
  const later = waits.find(({ gate }) => gate === "hours" || gate === "pair_limit");
  if (later !== undefined) return { fate: "put off", by: later.gate, until: later.until };
  return isFilledIn
    ? { fate: "skipped", by: "variables", until: null }
    : { fate: "sent", by: "all", until: null };
}

/** What it really did. */
function cameTo(before: MessageRow | undefined, after: MessageRow | undefined): Fate {
  if (after === undefined) return "as it was";
  const { status = "pending", nextAttemptAt = null } = before ?? {}; // as it is written out
  if (status === after.status && Number(nextAttemptAt) === Number(after.nextAttemptAt)) return "as it was";
  if (after.status === "sent") return "sent";
  if (after.status === "skipped") return "skipped";
  return after.status === "pending" ? "put off" : "none";
}

/** In worlds of these seeds, a tick does with every message what explain said of it before. */
export async function expectWhatTicksDo(
  seeds: readonly number[],
  broadcasts = 4,
): Promise<Record<string, number>> {
  const s = await setup();
  onTestFinished(() => s.end());
  const api = await apiThat(accept);
  const met: Record<string, number> = {};
  for (const seed of seeds) {
    const { w, cases } = await makeCases(s, api.url, seed, broadcasts);
    const told = await explained(s, w, cases);
    const before = await messagesNow(w, cases);
    await runTick(s, w);
    const after = await messagesNow(w, cases);
    for (const [i, explanation] of told.entries())
      compare(seed, cases[i] as Case, explanation, before[i], after[i], met);
  }
  await s.expectCleanAudit();
  return met;
}

function compare(
  seed: number,
  which: Case,
  explanation: Explanation,
  before: MessageRow | undefined,
  after: MessageRow | undefined,
  met: Record<string, number>,
): void {
  const { fate, by, until } = foretold(explanation);
  met[`${fate} by ${by}`] = (met[`${fate} by ${by}`] ?? 0) + 1;
  const tale = {
    seed,
    ...which,
    before,
    after,
    gates: explanation.gates.filter(({ verdict }) => verdict !== "pass"),
  };
  expect(cameTo(before, after), JSON.stringify(tale, null, 1)).toBe(fate);
  if (fate === "skipped") expect(after?.skipReason, JSON.stringify(tale)).toMatch(SKIPS[by] as RegExp);
  if (fate === "put off")
    expect(Math.abs(Number(after?.nextAttemptAt) - Number(until)), JSON.stringify(tale)).toBeLessThan(
      120_000,
    );
}
