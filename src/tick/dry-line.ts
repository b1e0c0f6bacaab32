import type { Foreseen } from "../sending/look.ts";

/** What a tick that began now would do with the messages of one broadcast or drip, or of a sender's direct queue. */
export interface DryLine {
  organization: string;
  sender: string | null;
  /** null: the direct queue */
  campaign: string | null;
  kind: "campaign" | "drip" | "direct";
  /** starts: its time has come; pauses: it is later than its maxLateness */
  would: "start" | "pause" | "send" | "wait";
  /** people whom it would first write out; what becomes of them is looked at when they are there */
  writesOut: number;
  /** messages whose time has come */
  due: number;
  send: number;
  /** by reason */
  skip: Record<string, number>;
  wait: Record<string, number>;
  /** when the first of those that wait is due, where that is known */
  until: Date | null;
}

/** A line with what was foreseen; what was not looked at waits for `rest`. */
export function counted(
  line: Pick<DryLine, "organization" | "sender" | "campaign" | "kind" | "writesOut" | "due">,
  seen: readonly Foreseen[],
  rest: string,
  restUntil: Date | null,
): DryLine {
  const of = (becomes: Foreseen["becomes"]) => seen.filter((each) => each.becomes === becomes);
  const by = (some: readonly Foreseen[]) =>
    Object.fromEntries(some.map(({ reason, messages }) => [reason ?? "", messages]));
  const sum = (some: readonly Foreseen[]) => some.reduce((total, { messages }) => total + messages, 0);
  const left = line.due - sum(seen);
  const send = sum(of("send"));
  return {
    ...line,
    would: send > 0 ? "send" : "wait",
    send,
    skip: by(of("skip")),
    wait: left > 0 ? { ...by(of("wait")), [rest]: left } : by(of("wait")),
    until: seen.map(({ until }) => until).reduce(earliest, left > 0 ? restUntil : null),
  };
}

/** null: not known */
export function earliest(a: Date | null, b: Date | null): Date | null {
  return a === null || (b !== null && b < a) ? b : a;
}

/** All lines together. */
export function totalOf(lines: readonly DryLine[]): Pick<DryLine, "due" | "send" | "skip" | "wait"> {
  const sum = (key: "due" | "send") => lines.reduce((total, line) => total + line[key], 0);
  const by = (key: "skip" | "wait") => {
    const total: Record<string, number> = {};
    for (const line of lines)
      for (const [reason, count] of Object.entries(line[key])) total[reason] = (total[reason] ?? 0) + count;
    return total;
  };
  return { due: sum("due"), send: sum("send"), skip: by("skip"), wait: by("wait") };
}
