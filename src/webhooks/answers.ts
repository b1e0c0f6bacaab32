import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./answers.sql";

const sql = namedQueries(text, "holdAnswering", "moveAnswers", "attributeConversations");

/** A message of ours of which webhooks told what was not known: that it went out, that it failed, or that it arrived after all. */
export interface ChangedMessage {
  wamid: string;
  organizationId: string;
}

/**
 * An answer belongs to the same message whatever came in first: the answer, the news of the message that it answers, or that two contacts
 * are one. In the transaction that applied the news. @param messages that are news @param contacts that took another one in
 */
export async function moveAnswers(
  tx: Transaction,
  messages: readonly ChangedMessage[],
  contacts: readonly string[],
): Promise<void> {
  if (messages.length + contacts.length === 0) return;
  const columns = [messages.map(({ wamid }) => wamid), messages.map(({ organizationId }) => organizationId)];
  await tx.run(sql.holdAnswering, columns);
  const firsts = await tx.query<{ id: string }>(sql.moveAnswers, [...columns, contacts]);
  if (firsts.length > 0) await tx.run(sql.attributeConversations, [firsts.map(({ id }) => id)]);
}
