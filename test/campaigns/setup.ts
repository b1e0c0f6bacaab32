import { type BroadcastDefinition, broadcastInput } from "../../src/campaigns/definition.ts";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, type TestOrganization } from "../support/factories.ts";

/** Friday 27 November 2026, 10:00 in Amsterdam; the database's clock runs on from there. */
export const NOW = new Date("2026-11-27T09:00:00Z");

export interface Setup {
  database: Database;
  organization: TestOrganization;
  other: TestOrganization;
  /** as the organization's admin */
  asAdmin<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  asViewer<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

/** A database of its own with two organizations. */
export async function setup(): Promise<Setup> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  database.setNowOffset(`${(NOW.getTime() - Date.now()) / 1000} seconds`);
  const organization = await makeOrganization(database, { name: "Bakkerij Jansen" });
  return {
    database,
    organization,
    other: await makeOrganization(database),
    asAdmin: (work) => database.transaction(operator(organization.profileId), work),
    asViewer: (work) => database.transaction(operator(organization.viewerId), work),
    async end() {
      await database.close();
      await testDatabase.drop();
    },
  };
}

/** A broadcast of a text to everyone, but for what is given. */
export function broadcast(given: object = {}): BroadcastDefinition {
  return broadcastInput.parse({
    name: "Sale",
    type: "promotional",
    targetAudience: { type: "all" },
    message: {
      type: "template",
      template: "black_friday",
      language: "nl",
      variables: { "1": "{{ contact.first_name }}" },
    },
    ...given,
  });
}
