// What happens to contacts of an organization of its own, with rules and drips that listen.
import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { type Processed, processEvents } from "../../src/events/process.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip } from "../support/drip-factories.ts";
import { makeContacts, makeOrganization, type TestOrganization } from "../support/factories.ts";

/** An event as a test looks at it. */
export interface Happened {
  type: string;
  name: string | null;
  depth: number;
  isProcessed: boolean;
  note: string | null;
}

interface TestRule {
  name?: string;
  trigger: { type: string; [config: string]: unknown };
  conditions?: object;
  actions: readonly unknown[];
  enabled?: boolean;
}

export async function setup() {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url, connections: 6 });
  onTestFinished(async () => {
    await database.close();
    await testDatabase.drop();
  });
  const query = <R extends object>(sql: string, parameters: readonly unknown[] = []) =>
    database.transaction(worker, (tx) => tx.query<R>(sql, parameters));
  const organization = await makeOrganization(database, { slug: "jansen" });
  return {
    database,
    url: testDatabase.url,
    query,
    process: (): Promise<Processed> => processEvents(database),
    organization,
    ...tenant(database, organization, query),
    /** another organization, with the same actions */
    async neighbour() {
      const other = await makeOrganization(database, { slug: "pietersen" });
      return { organization: other, ...tenant(database, other, query) };
    },
  };
}

export type Setup = Awaited<ReturnType<typeof setup>>;

type Query = <R extends object>(sql: string, parameters?: readonly unknown[]) => Promise<R[]>;

function tenant(database: Database, organization: TestOrganization, query: Query) {
  return {
    contacts: (n: number, given: Parameters<typeof makeContacts>[3] = {}) =>
      makeContacts(database, organization, n, given),
    async contact(given: Parameters<typeof makeContacts>[3] = {}): Promise<string> {
      const [made] = await makeContacts(database, organization, 1, given);
      return made?.id as string;
    },
    drip: (given: Parameters<typeof makeDrip>[2] = {}) => makeDrip(database, organization, given),
    async rule({ trigger: { type, ...config }, ...given }: TestRule): Promise<string> {
      await query(
        `insert into automation_rules (organization_id, name, trigger_type, trigger_config, conditions, actions, enabled)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
          organization.id,
          given.name ?? `Rule ${randomUUID().slice(0, 8)}`,
          type,
          JSON.stringify(config),
          given.conditions === undefined ? null : JSON.stringify(given.conditions),
          JSON.stringify(given.actions),
          given.enabled ?? true,
        ],
      );
      return given.name ?? "";
    },
    /** what somebody tells by SQL */
    emit: (contactId: string, name: string, data: object = {}, type = "custom_event") =>
      query(
        "insert into contact_events (organization_id, contact_id, type, name, data) values ($1, $2, $3, $4, $5)",
        [organization.id, contactId, type, name, JSON.stringify(data)],
      ),
    tag: (contactId: string, ...tags: string[]) =>
      query(
        "insert into contact_tags (contact_id, tag) select $1, unnest($2::text[]) on conflict do nothing",
        [contactId, tags],
      ),
    tagsOf: async (contactId: string): Promise<string[]> =>
      (
        await query<{ tag: string }>("select tag from contact_tags where contact_id = $1 order by tag", [
          contactId,
        ])
      ).map(({ tag }) => tag),
    /** its events, oldest first */
    happened: (contactId: string) =>
      query<Happened>(
        `select type, name, depth, processed_at is not null as is_processed, note from contact_events where contact_id = $1 order by id`,
        [contactId],
      ),
    notes: async (): Promise<string[]> =>
      (
        await query<{ note: string }>(
          "select note from contact_events where organization_id = $1 and note is not null order by id",
          [organization.id],
        )
      ).map(({ note }) => note),
    /** the contact's enrollments: `Lead active`, `Lead dropped exited` */
    enrollmentsOf: async (contactId: string): Promise<string[]> =>
      (
        await query<{ text: string }>(
          `select concat_ws(' ', d.name, e.status, e.exit_reason) as text from drip_enrollments e join drip_campaigns d on d.id = e.campaign_id
            where e.contact_id = $1 order by d.name, e.entry_no`,
          [contactId],
        )
      ).map(({ text }) => text),
  };
}
