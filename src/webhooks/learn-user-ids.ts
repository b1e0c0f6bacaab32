import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./inbound.sql";
import type { Inbound } from "./inbound.ts";
import { uniteDoubles } from "./same-person.ts";
import type { Status } from "./statuses.ts";

const sql = namedQueries(text, "learnUserIds");

/** A user id that is told beside a message that we sent. */
interface Beside {
  phoneNumberId: string;
  wamid: string;
  bsuid: string;
}

/**
 * Who has a username writes under a user id alone (reference §9), and we sent to a phone: a status of that message, or an answer
 * that quotes it, tells whose id it is. Before what people wrote is applied, so that a STOP stops the contact that we send to.
 * @returns the contacts that took another one in
 */
export async function learnUserIds(
  tx: Transaction,
  statuses: readonly Status[],
  inbound: readonly Inbound[],
): Promise<string[]> {
  const told = besideMessages(statuses, inbound);
  if (told.length === 0) return [];
  const doubles = await tx.query<{ phoneNumberId: string; phone: string; bsuid: string }>(sql.learnUserIds, [
    told.map(({ phoneNumberId }) => phoneNumberId),
    told.map(({ wamid }) => wamid),
    told.map(({ bsuid }) => bsuid),
  ]);
  return uniteDoubles(tx, doubles);
}

/** Each once. An answer in a group may quote what went to somebody else. */
function besideMessages(statuses: readonly Status[], inbound: readonly Inbound[]): Beside[] {
  const told = new Map<string, Beside>();
  const add = (phoneNumberId: string, wamid: string, bsuid: string) =>
    told.set(`${phoneNumberId} ${wamid} ${bsuid}`, { phoneNumberId, wamid, bsuid });
  for (const { phoneNumberId, wamid, bsuid } of statuses)
    if (bsuid !== null) add(phoneNumberId, wamid, bsuid);
  for (const { phoneNumberId, contextId, phone, bsuid, opensWindow } of inbound)
    if (opensWindow && phone === null && bsuid !== null && contextId !== null)
      add(phoneNumberId, contextId, bsuid);
  return [...told.values()];
}
