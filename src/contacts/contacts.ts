import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { UserError } from "../errors.ts";
import text from "./contacts.sql";

const sql = namedQueries(
  text,
  "listContacts",
  "showContact",
  "contactHistory",
  "consentEvidence",
  "tagContacts",
  "untagContacts",
  "optOut",
  "optIn",
);

/** A person whom the organization may message. Marketing consent is opted_in_at/opted_out_at; blocked_at is for everything. */
export interface Contact {
  id: string;
  phone: string | null;
  bsuid: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  language: string | null;
  timezone: string | null;
  attributes: object;
  tags: string[];
  optedInAt: Date | null;
  optedOutAt: Date | null;
  blockedAt: Date | null;
  createdAt: Date;
}

export interface ContactFilter {
  tag?: string | undefined;
  /** id of a list */
  list?: string | undefined;
  optedOut?: boolean | undefined;
  /** id of the last contact of the page before */
  after?: string | undefined;
  limit: number;
}

/** A page of contacts, oldest first. */
export function listContacts(
  tx: Transaction,
  organizationId: string,
  filter: ContactFilter,
): Promise<Contact[]> {
  const { tag = null, list = null, optedOut = null, after = null, limit } = filter;
  return tx.query(sql.listContacts, [organizationId, tag, list, optedOut, after, limit]);
}

export interface ContactDetails extends Contact {
  waId: string | null;
  optInSource: string | null;
  optOutSource: string | null;
  undeliverableAt: Date | null;
  lastInboundAt: Date | null;
  updatedAt: Date;
  lists: string[];
  importedFrom: string | null;
  /** what they said of marketing and what Meta reported of it, oldest first: who, when, by which message, in which words */
  evidence: Evidence[];
  /** what happened, oldest first: messages by campaign and changes of consent */
  history: { at: Date | null; what: string; details: string | null }[];
}

export interface Evidence {
  at: Date;
  says: "opt_out" | "opt_in" | "review";
  source: "reply" | "preferences" | "provider";
  /** the provider's */
  messageId: string;
  text: string | null;
}

export async function showContact(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<ContactDetails> {
  const contact = await tx.one<Omit<ContactDetails, "history" | "evidence">>(sql.showContact, [
    organizationId,
    id,
  ]);
  const history = await tx.query<ContactDetails["history"][number]>(sql.contactHistory, [organizationId, id]);
  const evidence = await tx.query<Evidence>(sql.consentEvidence, [organizationId, id]);
  return { ...(contact as Omit<ContactDetails, "history" | "evidence">), evidence, history };
}

/** @returns how many tags were added @throws UserError for a tag that is none */
export function tagContacts(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
  tags: readonly string[],
): Promise<number> {
  return tx.run(sql.tagContacts, [organizationId, ids, checkedTags(tags)]);
}

/** @returns how many tags were taken away */
export function untagContacts(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
  tags: readonly string[],
): Promise<number> {
  return tx.run(sql.untagContacts, [organizationId, ids, checkedTags(tags)]);
}

/** No marketing any more. @param source the evidence: how they said it @returns how many contacts this changed */
export function optOut(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
  source: string,
): Promise<number> {
  return tx.run(sql.optOut, [organizationId, ids, source]);
}

/** Marketing again, with the evidence; a block stays. @returns how many contacts this changed */
export function optIn(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
  source: string,
): Promise<number> {
  return tx.run(sql.optIn, [organizationId, ids, source]);
}

/** @throws UserError for a tag that is none */
export function checkedTags(tags: readonly string[]): string[] {
  const plain = tags.map((tag) => tag.trim());
  if (plain.some((tag) => tag === "" || tag.length > 100))
    throw new UserError("a tag has 1 to 100 characters");
  return plain;
}
