import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ImportOptions, type ImportReport, importContacts } from "../../src/contacts/import.ts";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, type TestOrganization } from "../support/factories.ts";

/** A contact as a test looks at it. */
export interface Known {
  phone: string | null;
  bsuid: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  attributes: object;
  tags: string[];
  lists: string[];
  optedInAt: Date | null;
  optInSource: string | null;
  optedOutAt: Date | null;
  optOutSource: string | null;
  blockedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

const KNOWN = `
  select c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.attributes, c.opted_in_at, c.opt_in_source, c.opted_out_at, c.opt_out_source,
         c.blocked_at, c.created_at, c.updated_at,
         array(select t.tag from contact_tags t where t.contact_id = c.id order by 1) as tags,
         array(select l.name from contact_list_members m join contact_lists l on l.id = m.list_id where m.contact_id = c.id order by 1) as lists
    from contacts c where c.organization_id = $1 order by coalesce(c.phone, c.bsuid)`;

/** Everything that an import may change, to compare before and after. */
const EVERYTHING = `
  select 'contact' as kind, to_jsonb(c) as row from contacts c union all select 'tag', to_jsonb(t) from contact_tags t
  union all select 'list', to_jsonb(l) from contact_lists l union all select 'member', to_jsonb(m) from contact_list_members m
  union all select 'import', to_jsonb(i) from contact_imports i order by 1, 2`;

/** A database and a folder of its own; each test takes an organization of its own with `tenant`. */
export async function setup() {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url, connections: 10 });
  const folder = mkdtempSync(join(tmpdir(), "adsapp-import-"));
  const query = <R extends object>(sql: string, parameters: readonly unknown[] = []) =>
    database.transaction(worker, (tx) => tx.query<R>(sql, parameters));
  const write = (content: string | Buffer, name?: string) => writeIn(folder, content, name);
  return {
    database,
    url: testDatabase.url,
    folder,
    query,
    /** a file in the folder */
    write,
    everything: () => query<{ kind: string; row: object }>(EVERYTHING),
    tenant: async () => tenantOf(database, await makeOrganization(database), folder),
    async end() {
      await database.close();
      await testDatabase.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Setup = Awaited<ReturnType<typeof setup>>;

const DEFAULTS = { country: "NL", tags: [], onDuplicate: "update", force: false, dryRun: false } as const;

let files = 0;

function writeIn(folder: string, content: string | Buffer, name = `file-${++files}.csv`): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** Imports into one organization, and its people. */
export function tenantOf(database: Database, organization: TestOrganization, folder: string) {
  const named = {
    id: organization.id,
    name: organization.slug,
    slug: organization.slug,
    timezone: "Europe/Amsterdam",
    defaultCountry: "NL",
  };
  const importAs = (profileId: string, path: string, options: Partial<ImportOptions> = {}) =>
    importContacts(database, operator(profileId), named, path, { ...DEFAULTS, ...options });
  const asWorker = <T>(work: (tx: Transaction) => Promise<T>) => database.transaction(worker, work);
  return {
    organization,
    /** imports a file as the organization's admin */
    importFile: (path: string, options?: Partial<ImportOptions>) =>
      importAs(organization.profileId, path, options),
    /** imports these lines */
    importLines: (lines: readonly string[], options?: Partial<ImportOptions>): Promise<ImportReport> =>
      importAs(organization.profileId, writeIn(folder, `${lines.join("\n")}\n`), options),
    /** imports a file into this organization as a profile, its own or not */
    importAs,
    people: () => asWorker((tx) => tx.query<Known>(KNOWN, [organization.id])),
    async person(phone: string): Promise<Known | undefined> {
      return (await asWorker((tx) => tx.query<Known>(KNOWN, [organization.id]))).find(
        (each) => each.phone === phone || each.bsuid === phone,
      );
    },
  };
}

/** The six numbers of a report. */
export function counts({ rows, created, updated, unchanged, skipped, rejected }: ImportReport) {
  return { rows, created, updated, unchanged, skipped, rejected };
}

export function sum({ created, updated, unchanged, skipped, rejected }: ImportReport): number {
  return created + updated + unchanged + skipped + rejected;
}
