/** pass: it does not keep the message. wait: it does, for now. stop: this message will not go out, unless somebody changes something. */
export type Verdict = "pass" | "wait" | "stop";

/** One thing that a message has to pass before it leaves. */
export interface Gate {
  gate: string;
  verdict: Verdict;
  /** in words, for people */
  reason: string;
  /** when the verdict changes by itself; null: it does not, or nobody knows when */
  until: Date | null;
}

export const pass = (gate: string, reason: string, until: Date | null = null): Gate => ({
  gate,
  verdict: "pass",
  reason,
  until,
});

export const wait = (gate: string, reason: string, until: Date | null = null): Gate => ({
  gate,
  verdict: "wait",
  reason,
  until,
});

export const stop = (gate: string, reason: string, until: Date | null = null): Gate => ({
  gate,
  verdict: "stop",
  reason,
  until,
});

/** What tells most of somebody whose message is stopped by more than one gate. */
const TELLING = ["enrollment", "message"];

/** What all gates come to: what became of the message, or the first gate that stops it; else all that it waits for. */
export interface Conclusion {
  verdict: Verdict;
  /** the gate that decides; null: none keeps it */
  gate: string | null;
  reason: string;
  /** when the last wait is over; null: at once, or nobody knows */
  until: Date | null;
}

export function conclusionOf(gates: readonly Gate[]): Conclusion {
  const stops = gates.filter(({ verdict }) => verdict === "stop");
  const stopped = stops.find(({ gate }) => TELLING.includes(gate)) ?? stops[0];
  if (stopped !== undefined) return stopped;
  const waits = gates.filter(({ verdict }) => verdict === "wait");
  const [first] = waits;
  if (first === undefined)
    return { verdict: "pass", gate: null, reason: "the next tick sends it", until: null };
  if (waits.some(({ until }) => until === null)) return { ...first, until: null };
  return waits.reduce((last, each) => (Number(each.until) > Number(last.until) ? each : last));
}
