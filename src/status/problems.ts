import type { Status } from "./status.ts";

/** What a person has to look at, one sentence each with what to do; none: the machine goes on by itself. */
export function problemsOf(state: Omit<Status, "ok" | "problems">): string[] {
  const { inbox, ticks } = state;
  const halted = state.senders.filter((sender) => sender.state === "halted");
  const paused = state.campaigns.filter((campaign) => campaign.pausedByMachine === true);
  const pausedDrips = state.drips.filter((drip) => drip.pausedByMachine === true);
  return [
    ...(ticks.overdue
      ? [`no tick has run for five minutes although there is work: is the crontab in place? (adsapp crontab)`]
      : []),
    ...(ticks.error !== null ? [`the last tick on ${ticks.host} failed: ${ticks.error}`] : []),
    ...halted.map(
      ({ name, haltReason }) => `sender "${name}" is halted: ${haltReason} (adsapp sender resume)`,
    ),
    ...paused.map(
      ({ name, pauseReason }) => `campaign "${name}" was paused: ${pauseReason} (adsapp campaign resume)`,
    ),
    ...pausedDrips.map(
      ({ name, pauseReason }) =>
        `drip "${name}" was paused: ${pauseReason ?? "no reason was written down"} (adsapp drip activate)`,
    ),
    ...heldProblems("campaign", state.campaigns),
    ...heldProblems("drip", state.drips),
    ...(inbox.failed > 0
      ? [`${counted(inbox.failed, "webhook body", "webhook bodies")} could not be applied: ${inbox.failure}`]
      : []),
    ...(state.reviews > 0
      ? [
          `${counted(state.reviews, "message", "messages")} may be an opt-out: a person has to judge (adsapp contact review list)`,
        ]
      : []),
  ];
}

function heldProblems(kind: string, these: readonly { name: string; held: number }[]): string[] {
  return these.filter(({ held }) => held > 0).map(({ name, held }) => heldProblem(kind, name, held));
}

function heldProblem(kind: string, name: string, held: number): string {
  return `${kind} "${name}" holds ${counted(held, "message", "messages")} of which nobody knows whether it went out (adsapp job resolve --campaign)`;
}

export function counted(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
