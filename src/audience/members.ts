import { type Contact, listContacts } from "../contacts/contacts.ts";
import type { ContactList } from "../contacts/lists.ts";
import type { Transaction } from "../db/database.ts";
import { filterSql } from "./dynamic-lists.ts";

/** Who is on a list now. */
export interface Members {
  count: number;
  /** the first of them, oldest first */
  first: Contact[];
}

/**
 * A list's people. A dynamic one is counted now; beside those who meet its filter, whoever an import put on it.
 * As worker: below a policy a filter would be asked of each contact in turn, so the queries name the organization.
 */
export async function membersOf(
  tx: Transaction,
  organizationId: string,
  list: ContactList,
  limit: number,
): Promise<Members> {
  if (list.filter === null)
    return {
      count: list.members ?? 0,
      first: await listContacts(tx, organizationId, { list: list.id, limit }),
    };
  const parameters: unknown[] = [organizationId, list.id];
  const meets = filterSql(list.filter)((value) => `$${parameters.push(value)}`);
  const from = `from contacts c where c.organization_id = $1 and c.erased_at is null
    and (exists (select from contact_list_members m where m.list_id = $2 and m.contact_id = c.id and m.organization_id = $1) or ${meets})`;
  const counted = await tx.one<{ count: number }>(`select count(*)::int as count ${from}`, parameters);
  const first = await tx.query<Contact>(
    `select c.id, c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.timezone, c.attributes,
            (select coalesce(array_agg(t.tag order by t.tag), '{}') from contact_tags t where t.contact_id = c.id and t.organization_id = $1) as tags,
            c.opted_in_at, c.opted_out_at, c.blocked_at, c.created_at
       ${from} order by c.created_at, c.id limit ${limit}`,
    parameters,
  );
  return { count: counted?.count ?? 0, first };
}
