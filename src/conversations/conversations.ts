import { phoneReader } from "../contacts/phone.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notFound } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import text from "./conversations.sql";

const sql = namedQueries(
  text,
  "listConversations",
  "findConversation",
  "showConversation",
  "conversationThread",
);

export const STATUSES = ["open", "assigned", "closed"] as const;
export type Status = (typeof STATUSES)[number];

/** What one person wrote about, until an agent closed it. */
export interface Conversation {
  id: string;
  status: Status;
  phone: string | null;
  /** of somebody who shows neither a name nor a phone: the user id, which commands take */
  name: string | null;
  /** e-mail of whose it is */
  agent: string | null;
  source: string | null;
  /** since when the person waits for an answer; null: not now */
  waitingSince: Date | null;
  openedAt: Date;
  firstResponseAt: Date | null;
  resolvedAt: Date | null;
  /** 1 to 5 */
  rating: number | null;
  lastMessage: string | null;
  lastMessageAt: Date | null;
}

export interface ConversationFilter {
  /** any of these; undefined: all */
  statuses?: readonly Status[] | undefined;
  /** id of whose they are; "none": nobody's */
  agentId?: string | undefined;
  waiting?: boolean | undefined;
  limit: number;
}

/** The inbox: who has waited longest comes first, then the newest. */
export function listConversations(
  tx: Transaction,
  organizationId: string,
  { statuses, agentId, waiting, limit }: ConversationFilter,
): Promise<Conversation[]> {
  const nobodys = agentId === "none";
  return tx.query(sql.listConversations, [
    organizationId,
    statuses ?? null,
    nobodys ? null : (agentId ?? null),
    nobodys,
    waiting ?? null,
    limit,
  ]);
}

export interface FoundConversation {
  id: string;
  contactId: string;
  status: Status;
}

/**
 * By its id, or by a contact's phone or id: that person's open conversation, else the latest one.
 * @throws UserError (4) when there is none
 */
export async function findConversation(
  tx: Transaction,
  organization: Organization,
  word: string,
): Promise<FoundConversation> {
  const reading = (await phoneReader(organization.defaultCountry))(word);
  const phone = "phone" in reading ? reading.phone : null;
  const found = await tx.one<FoundConversation>(sql.findConversation, [organization.id, word, phone]);
  if (found === undefined) throw notFound("conversation", word.slice(0, 200));
  return found;
}

export interface ThreadMessage {
  id: string;
  at: Date;
  direction: "inbound" | "outbound";
  /** an agent's e-mail, a campaign's or drip's name, or the person */
  by: string | null;
  type: string;
  body: string | null;
  status: string;
  error: string | null;
}

export interface ConversationDetails extends Omit<Conversation, "lastMessage" | "lastMessageAt"> {
  contactId: string;
  sourceType: string | null;
  /** what was written with the rating */
  comment: string | null;
  /** until when free text may be sent; null: the conversation is closed, or the person never wrote */
  windowClosesAt: Date | null;
  messages: ThreadMessage[];
}

/** One conversation with all that went to and fro in it, and the campaign messages that led to it. */
export async function showConversation(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<ConversationDetails> {
  const details = await tx.one<Omit<ConversationDetails, "messages">>(sql.showConversation, [
    organizationId,
    id,
  ]);
  if (details === undefined) throw notFound("conversation", id);
  const messages = await tx.query<ThreadMessage>(sql.conversationThread, [organizationId, id]);
  return { ...details, messages };
}
