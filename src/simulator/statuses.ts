import type { Fate, Roll } from "./fate.ts";
import type { AcceptedMessage } from "./ledger.ts";
import type { Settings } from "./options.ts";
import type { Telling } from "./telling.ts";

/** Plans the statuses of an accepted message: some never come, some come twice, and shuffled ones come late. */
export function planStatuses(
  settings: Settings,
  telling: Telling,
  message: AcceptedMessage,
  fate: Fate,
  roll: Roll,
): void {
  const { dropStatuses, dropDelivered, duplicateStatuses, shuffle } = settings;
  const happens = (word: string, share: number) => share > 0 && roll(word) < share;
  const after = (seconds: number) => message.at.getTime() + seconds * 1000;
  const last = after(fate.steps.at(-1)?.afterSeconds ?? 0);
  for (const { status, afterSeconds } of fate.steps) {
    if (happens(`${status} dropped`, dropStatuses)) continue;
    if (status === "delivered" && happens("delivered alone dropped", dropDelivered)) continue;
    const at = after(afterSeconds);
    const errorCode = status === "failed" ? fate.errorCode : null;
    const told = { kind: "status" as const, message, status, at: new Date(at), errorCode };
    const add = (order: number) => telling.plan(told, at + (shuffle ? order * (last - at) : 0), order);
    add(roll(`${status} order`));
    if (happens(`${status} duplicated`, duplicateStatuses)) add(roll(`${status} duplicate's order`));
  }
}
