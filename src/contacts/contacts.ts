import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { UserError } from "../errors.ts";
import text from "./contacts.sql";

const sql = namedQueries(
  text,
  "contactColumns",
  "contactFilter",
  "showContact",
  "contactHistory",
  "consentEvidence",
  "tagContacts",
  "untagContacts",
  "optOut",
  "optIn",
  "block",
  "unblock",
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
  tags: string[];
  lists: string[];
  attributes: object;
  optedInAt: Date | null;
  optInSource: string | null;
  optedOutAt: Date | null;
  optOutSource: string | null;
  blockedAt: Date | null;
  lastInboundAt: Date | null;
  createdAt: Date;
}

/** Who is meant: all that is given must hold. */
export interface ContactFilter {
  tag?: string | undefined;
  /** id of a list */
  list?: string | undefined;
  optedOut?: boolean | undefined;
  blocked?: boolean | undefined;
  /** how phones of a country begin, as patterns of LIKE */
  phones?: readonly string[] | undefined;
  /** `nl`: nl_BE too */
  language?: string | undefined;
  /** ISO 8601; without an offset it is the organization's time */
  createdAfter?: string | undefined;
  createdBefore?: string | undefined;
  inboundAfter?: string | undefined;
  /** who never wrote counts as before */
  inboundBefore?: string | undefined;
  attributes?: Readonly<Record<string, string>> | undefined;
  /** part of a name, email, phone or user id */
  search?: string | undefined;
}

/** A condition over `c` (contacts); `parameter` takes a value and says how SQL names it. */
type Meets = (parameter: (value: unknown) => string) => string;

export interface ContactPage extends ContactFilter {
  /** who meets it (src/audience) */
  meets?: Meets | undefined;
  /** id of the last contact of the page before */
  after?: string | undefined;
  limit: number;
}

/** A page of contacts, oldest first. */
export function listContacts(tx: Transaction, organizationId: string, page: ContactPage): Promise<Contact[]> {
  const parameters = parametersOf(organizationId, page);
  const meets = page.meets?.((value) => `$${parameters.push(value)}`) ?? "true";
  return tx.query(
    `${sql.contactColumns}\n${sql.contactFilter}\n   and (${meets})\norder by c.created_at, c.id limit ${Number(page.limit)}`,
    parameters,
  );
}

/** The ids of all whom the filter means. */
export async function contactsMeant(
  tx: Transaction,
  organizationId: string,
  filter: ContactFilter,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select c.id\n${sql.contactFilter}`,
    parametersOf(organizationId, filter),
  );
  return rows.map(({ id }) => id);
}

function parametersOf(
  organizationId: string,
  filter: ContactFilter & { after?: string | undefined },
): unknown[] {
  const { tag, list, optedOut, after, blocked, phones, language, attributes, search } = filter;
  const { createdAfter, createdBefore, inboundAfter, inboundBefore } = filter;
  const wanted = attributes === undefined ? undefined : Object.entries(attributes);
  const columns = [wanted?.map(([name]) => name), wanted?.map(([, value]) => value)];
  return [
    ...[organizationId, tag, list, optedOut, after, blocked, phones, language],
    ...[createdAfter, createdBefore, inboundAfter, inboundBefore, ...columns, search],
  ].map((value) => value ?? null);
}

export interface ContactDetails extends Contact {
  waId: string | null;
  undeliverableAt: Date | null;
  erasedAt: Date | null;
  updatedAt: Date;
  importedFrom: string | null;
  /** what they said of marketing and what Meta reported of it, oldest first: who, when, by which message, in which words */
  evidence: Evidence[];
  /** what happened, oldest first: campaigns, drips, messages, consent, events, imports, conversations */
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

/** No message of any kind, transactional ones too: jobs are skipped at their claim, drips are left. @returns how many contacts this changed */
export function block(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<number> {
  return tx.run(sql.block, [organizationId, ids]);
}

/** Messages again; an opt-out of marketing stays. @returns how many contacts this changed */
export function unblock(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<number> {
  return tx.run(sql.unblock, [organizationId, ids]);
}

/** @throws UserError for a tag that is none */
export function checkedTags(tags: readonly string[]): string[] {
  const plain = tags.map((tag) => tag.trim());
  if (plain.some((tag) => tag === "" || tag.length > 100))
    throw new UserError("a tag has 1 to 100 characters");
  return plain;
}
