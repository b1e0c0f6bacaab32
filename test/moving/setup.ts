import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import type { Telling } from "../../src/moving/move.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";

export const silent: Telling = { say() {}, begin() {}, copied() {} };

/** Two organizations with broadcasts in every state, a drip, webhooks and words that COPY has to escape. */
export async function fill(url: string): Promise<void> {
  const database = new Database({ url });
  try {
    for (const slug of ["jansen", "pietersen"]) {
      const organization = await makeOrganization(database, { slug, name: `Bakkerij\t${slug}\\N\n"x" é 🍞` });
      await makeSender(database, organization);
      await makeTemplate(database, organization, { name: "winter" });
      const campaign = await makeCampaign(database, organization, { name: "Black Friday Sale" });
      await makeJobs(database, await makeRun(database, campaign), {
        sent: 4,
        delivered: 3,
        read: 3,
        failed: 2,
        skipped: 2,
        unknown: 1,
        waiting: 1,
        dispatching: 2,
        cancelled: 1,
        pending: 5,
      });
      const drip = await makeDrip(database, organization, { steps: [{ minutes: 0 }, { days: 2 }] });
      const people = await makeEnrollments(database, drip, await makeContacts(database, organization, 9));
      await settleSteps(database, people.slice(0, 5), "read");
      await settleSteps(database, people.slice(5, 7), "failed");
    }
    await database.transaction(worker, (tx) =>
      tx.run(`insert into webhook_inbox (body) select '{"n":' || n || '}' from generate_series(1, 7) n`),
    );
    // of the ticks that the factories play; a move waits for those that hold one
    await database.transaction(worker, (tx) =>
      tx.run("update senders set lane_token = null, lane_holder = null, lane_expires_at = null"),
    );
  } finally {
    await database.close();
  }
}

/** Opens a database for a moment. */
export async function using<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = new Database({ url });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** The rows of every table of a schema as text, in no order of theirs: what a move must bring over to the letter. */
export async function contentsOf(url: string): Promise<Record<string, string[]>> {
  const database = new Database({ url });
  try {
    return await database.transaction({ role: "owner" }, async (tx) => {
      const tables = await tx.query<{ name: string }>(
        "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname !~ '^adsapp_' order by 1",
      );
      const rows = await tx.query<{ name: string; line: string }>(
        tables
          .map(({ name }) => `select '${name}' as name, to_jsonb(t)::text as line from public.${name} t`)
          .join(" union all "),
      );
      return Object.fromEntries(
        tables.map(({ name }) => [
          name,
          rows
            .filter((row) => row.name === name)
            .map(({ line }) => line)
            .sort(),
        ]),
      );
    });
  } finally {
    await database.close();
  }
}
