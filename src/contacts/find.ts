import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, notFound, UserError } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import text from "./contacts.sql";
import { type ContactFilter, contactsMeant } from "./contacts.ts";
import { findList } from "./lists.ts";
import { phoneReader } from "./phone.ts";

const sql = namedQueries(text, "findContacts", "contactsOfTag", "contactsOfList", "tagsInUse");

/** Whom a command is about: phones or ids, everyone with a tag, or everyone on a list. */
export interface Selection {
  contacts: readonly string[];
  tag?: string | undefined;
  list?: string | undefined;
  /** with it everyone who meets it, is on the list and has the tag, as far as these are given */
  filter?: ContactFilter | undefined;
}

export interface Selected {
  ids: string[];
  /** words that name nobody here */
  unknown: string[];
}

/**
 * The contacts that a selection names, in as many statements as it has kinds, whatever their number.
 * @throws UserError (2) for an empty selection, (4) for an unknown list or when it names nobody at all
 */
export async function selectContacts(
  tx: Transaction,
  organization: Organization,
  selection: Selection,
): Promise<Selected> {
  const { tag, filter } = selection;
  if (
    selection.contacts.length === 0 &&
    [tag, selection.list, filter].every((value) => value === undefined)
  ) {
    throw new UserError("say whom: phones or ids, --with-tag, --on-list, --file or a filter");
  }
  const { ids, unknown } = await byWords(tx, organization, selection.contacts);
  if (filter !== undefined) {
    const list =
      selection.list === undefined ? undefined : (await findList(tx, organization.id, selection.list)).id;
    for (const id of await contactsMeant(tx, organization.id, { ...filter, tag, list })) ids.add(id);
    if (ids.size === 0) throw await nobody(tx, organization.id, selection, unknown);
    return { ids: [...ids], unknown };
  }
  if (selection.tag !== undefined)
    for (const row of await tx.query<{ id: string }>(sql.contactsOfTag, [organization.id, selection.tag]))
      ids.add(row.id);
  if (selection.list !== undefined) {
    const list = await findList(tx, organization.id, selection.list);
    for (const row of await tx.query<{ id: string }>(sql.contactsOfList, [organization.id, list.id]))
      ids.add(row.id);
  }
  if (ids.size === 0) throw await nobody(tx, organization.id, selection, unknown);
  return { ids: [...ids], unknown };
}

/** One contact. @throws UserError (4) when there is none */
export async function findContact(
  tx: Transaction,
  organization: Organization,
  word: string,
): Promise<string> {
  const { ids } = await selectContacts(tx, organization, { contacts: [word] });
  return ids[0] as string;
}

async function nobody(
  tx: Transaction,
  organizationId: string,
  { tag, list, filter }: Selection,
  unknown: readonly string[],
): Promise<UserError> {
  if (unknown.length > 0) return notFound("contact", unknown.join(", ").slice(0, 200));
  if (filter !== undefined) return new UserError("nobody is meant by this", { exitCode: ExitCode.NotFound });
  if (tag === undefined)
    return new UserError(`nobody is on the list "${list}"`, { exitCode: ExitCode.NotFound });
  const tags = await tx.query<{ tag: string }>(sql.tagsInUse, [organizationId]);
  const near = nearest(
    tag,
    tags.map((row) => row.tag),
  );
  const hint =
    near.length === 0 ? {} : { hint: `Did you mean ${near.map((name) => `"${name}"`).join(" or ")}?` };
  return new UserError(`nobody has the tag "${tag}"`, { exitCode: ExitCode.NotFound, ...hint });
}

async function byWords(
  tx: Transaction,
  organization: Organization,
  words: readonly string[],
): Promise<{ ids: Set<string>; unknown: string[] }> {
  const readPhone = await phoneReader(organization.defaultCountry);
  const phones = words.map((word) => {
    const reading = readPhone(word);
    return "phone" in reading ? reading.phone : null;
  });
  const found =
    words.length === 0
      ? []
      : await tx.query<{ wanted: string; id: string }>(sql.findContacts, [organization.id, words, phones]);
  const known = new Set(found.map((row) => row.wanted));
  return { ids: new Set(found.map((row) => row.id)), unknown: words.filter((word) => !known.has(word)) };
}
