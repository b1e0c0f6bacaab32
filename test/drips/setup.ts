import type { CommandSpec } from "../../src/cli/command.ts";
import type { Format } from "../../src/cli/output/index.ts";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { type DripDefinition, dripInput } from "../../src/drips/definition.ts";
import { type CommandRun, runCommand } from "../reports/run-command.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, type TestOrganization } from "../support/factories.ts";

/** Friday 27 November 2026, 10:00 in Amsterdam; the database's clock runs on from there. */
export const NOW = new Date("2026-11-27T09:00:00Z");

export const minutes = (n: number) => new Date(NOW.getTime() + n * 60_000);
export const days = (n: number) => minutes(n * 1440);

type Within = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

export interface Setup {
  database: Database;
  organization: TestOrganization;
  other: TestOrganization;
  /** as the organization's admin */
  asAdmin: Within;
  asViewer: Within;
  asWorker: Within;
  /** as worker, in a transaction of its own */
  query<R extends object>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
  /** one command, as its admin unless told otherwise; a word a string, as a shell gives them */
  run(
    spec: CommandSpec<never[], never>,
    argv: readonly string[],
    given?: { format?: Format; user?: string; organization?: string; yes?: boolean },
  ): Promise<CommandRun>;
  end(): Promise<void>;
}

/** A database of its own with two organizations. */
export async function setup(): Promise<Setup> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  database.setNowOffset(`${(NOW.getTime() - Date.now()) / 1000} seconds`);
  const organization = await makeOrganization(database, { name: "Bakkerij Jansen" });
  const asWorker: Within = (work) => database.transaction(worker, work);
  return {
    database,
    organization,
    other: await makeOrganization(database),
    asAdmin: (work) => database.transaction(operator(organization.profileId), work),
    asViewer: (work) => database.transaction(operator(organization.viewerId), work),
    asWorker,
    query: (sql, parameters) => asWorker((tx) => tx.query(sql, parameters)),
    run: (spec, argv, given = {}) =>
      runCommand(spec, argv, {
        databaseUrl: testDatabase.url,
        organization: organization.slug,
        now: NOW,
        format: "json",
        ...given,
      }),
    async end() {
      await database.close();
      await testDatabase.drop();
    },
  };
}

/** A drip of three texts like the source document's, but for what is given. */
export function drip(given: object = {}): DripDefinition {
  return dripInput.parse({
    name: "Leads",
    steps: [
      { delay: "0m", message: { type: "text", text: "Welkom!" } },
      { delay: "2d", message: { type: "text", text: "Heb je nog vragen?" } },
      { delay: "5d", message: { type: "text", text: "Laatste kans" } },
    ],
    ...given,
  });
}

/** A step with a text. */
export function says(text: string, delay = "0m", more: object = {}) {
  return { delay, message: { type: "text", text }, ...more };
}
