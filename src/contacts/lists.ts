import { isDeepStrictEqual } from "node:util";
import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { ExitCode, notFound, UserError } from "../errors.ts";
import { listName } from "./csv/cells.ts";

/** A named set of contacts, for audiences. */
export interface ContactList {
  id: string;
  name: string;
  description: string | null;
  /** a dynamic one: whoever meets this condition now is on it (docs/reference/conditions.md) */
  filter: object | null;
  /** null: of a dynamic list, which list show counts */
  members: number | null;
  createdAt: Date;
}

const SELECT = `select l.id, l.name, l.description, l.filter, l.created_at,
  case when l.filter is null then
    (select count(*)::int from contact_list_members m where m.list_id = l.id and m.organization_id = l.organization_id) end as members
  from contact_lists l`;

/**
 * @param filter the condition of a dynamic list
 * @throws UserError when the name is taken (unless `ifNotExists`, by one of the same filter) or empty
 */
export async function createList(
  tx: Transaction,
  organizationId: string,
  wanted: string,
  description: string | undefined,
  ifNotExists: boolean,
  filter?: object,
): Promise<ContactList> {
  const name = checkedListName(wanted);
  const made = await tx.run(
    "insert into contact_lists (organization_id, name, description, filter) values ($1, $2, $3, $4) on conflict (organization_id, name) do nothing",
    [organizationId, name, description ?? null, filter === undefined ? null : JSON.stringify(filter)],
  );
  const list = await findList(tx, organizationId, name);
  if (made === 0) refuseOther(list, filter, ifNotExists);
  return list;
}

function refuseOther({ name, filter }: ContactList, wanted: object | undefined, ifNotExists: boolean): void {
  const isAlike = isDeepStrictEqual(filter, wanted ?? null);
  if (ifNotExists && isAlike) return;
  throw new UserError(`a list "${name}" exists${isAlike ? "" : " with another filter"}`, {
    hint: isAlike ? "--if-not-exists accepts it." : "Give it another name.",
    exitCode: ExitCode.Failed,
  });
}

/** A list that people are put on by name. @throws UserError (1) for a dynamic one, (4) with near names */
export async function findStaticList(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<ContactList> {
  const list = await findList(tx, organizationId, nameOrId);
  if (list.filter !== null)
    throw new UserError(`"${list.name}" is a dynamic list: its filter says who is on it`, {
      hint: "Tag them, or make a list without a filter.",
      exitCode: ExitCode.Failed,
    });
  return list;
}

/** @throws UserError for a name that is none */
export function checkedListName(name: string): string {
  const plain = name.trim();
  if (plain === "" || listName(plain) === undefined)
    throw new UserError("a list's name has 1 to 200 characters");
  return plain;
}

/** By name or id. @throws UserError (4) with near names */
export async function findList(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<ContactList> {
  const found = await tx.one<ContactList>(
    `${SELECT} where l.organization_id = $1 and (l.name = $2 or l.id::text = $2)`,
    [organizationId, nameOrId],
  );
  if (found !== undefined) return found;
  const names = await tx.query<{ name: string }>(
    "select name from contact_lists where organization_id = $1",
    [organizationId],
  );
  throw notFound(
    "list",
    nameOrId,
    nearest(
      nameOrId,
      names.map((row) => row.name),
    ),
  );
}

export function listLists(tx: Transaction, organizationId: string): Promise<ContactList[]> {
  return tx.query(`${SELECT} where l.organization_id = $1 order by l.name`, [organizationId]);
}

/** @returns how many contacts joined */
export function addMembers(
  tx: Transaction,
  organizationId: string,
  listId: string,
  ids: readonly string[],
): Promise<number> {
  return tx.run(
    `insert into contact_list_members (organization_id, list_id, contact_id)
     select $1, $2, c.id from unnest($3::uuid[]) as c(id) order by 3 on conflict do nothing`,
    [organizationId, listId, ids],
  );
}

/** @returns how many contacts left */
export function removeMembers(
  tx: Transaction,
  organizationId: string,
  listId: string,
  ids: readonly string[],
): Promise<number> {
  return tx.run(
    "delete from contact_list_members where organization_id = $1 and list_id = $2 and contact_id = any ($3::uuid[])",
    [organizationId, listId, ids],
  );
}
