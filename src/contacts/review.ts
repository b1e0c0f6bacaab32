import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notFound } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import text from "./review.sql";

const sql = namedQueries(text, "openReviews", "dismissReviews");

/** A message with a word of no in it, of which only a person can tell whether it is an opt-out. */
export interface Review {
  id: string;
  /** the provider's */
  messageId: string;
  receivedAt: Date;
  contactId: string;
  phone: string | null;
  bsuid: string | null;
  firstName: string | null;
  lastName: string | null;
  text: string | null;
}

/** Those that nobody has judged yet, oldest first; whoever opted out or in since needs no judgement. */
export function openReviews(tx: Transaction, organizationId: string): Promise<Review[]> {
  return tx.query(sql.openReviews, [organizationId, null]);
}

/**
 * Says of messages that they are no opt-outs. As operator.
 * @param messages the provider's ids, or ours
 * @returns what was dismissed @throws UserError (4) when one is not open here, (5) for viewers; then nothing changes
 */
export async function dismissReviews(
  tx: Transaction,
  organizationId: string,
  messages: readonly string[],
): Promise<Review[]> {
  await refuseViewer(tx);
  const found = await tx.query<Review>(sql.openReviews, [organizationId, messages]);
  const known = new Set(found.flatMap(({ id, messageId }) => [id, messageId]));
  const strange = messages.find((message) => !known.has(message));
  if (strange !== undefined) throw notFound("message to review", strange);
  await tx.run(sql.dismissReviews, [organizationId, found.map(({ id }) => id)]);
  return found;
}
