import type { Database } from "../db/database.ts";
import type { Identity } from "../db/identity.ts";
import { ExitCode, UserError } from "../errors.ts";
import { type Contact, listContacts } from "./contacts.ts";

const PAGE = 1_000;

/**
 * Everyone of the organization but those who were erased, a page and a transaction at a time: memory stays flat, and a slow
 * reader keeps nothing open.
 * @throws UserError (75) when an import was undone meanwhile, so that the place to go on from is gone
 */
export async function* allContacts(
  database: Database,
  identity: Identity,
  organizationId: string,
): AsyncGenerator<Contact[]> {
  let after: string | undefined;
  for (;;) {
    const page = await database.transaction(identity, async (tx) => {
      if (after !== undefined && (await tx.one("select from contacts where id = $1", [after])) === undefined)
        throw new UserError("contacts were removed while they were exported", {
          hint: "Export them again.",
          exitCode: ExitCode.TryAgain,
        });
      return listContacts(tx, organizationId, { after, limit: PAGE });
    });
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}
