import { expect } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { Database, type Row } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { type Lane, takeLanes } from "../../src/sending/lane.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  type JobState,
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestJob,
  type TestOrganization,
} from "../support/factories.ts";
import { claimWindow, type Window } from "./claim.ts";

/** Friday 27 November 2026, 10:00 in Amsterdam. */
export const NOW = new Date("2026-11-27T09:00:00Z");
export const LEASE = 30;

export const minutesAfter = (minutes: number, from = NOW) => new Date(from.getTime() + minutes * 60_000);

/** A campaign with its run frozen and its jobs made. */
export interface TestBroadcast {
  id: string;
  name: string;
  jobs: TestJob[];
}

export interface BroadcastGiven {
  type?: "promotional" | "transactional" | "notification" | "survey";
  states?: Partial<Record<JobState, number>>;
  contacts?: readonly { id: string }[];
  senderId?: string;
  message?: object;
  settings?: object;
  perHour?: number;
  sendBefore?: Date;
  ago?: string;
}

/** A database of its own; each test works in an organization of its own (`world`). */
export async function setup() {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const rows = <R extends object = Row>(sql: string, parameters: readonly unknown[] = []) =>
    database.transaction(worker, (tx) => tx.query<R>(sql, parameters));
  const at = (time: Date) => database.setNowOffset(`${(time.getTime() - Date.now()) / 1000} seconds`);
  at(NOW);
  return {
    database,
    url: testDatabase.url,
    rows,
    /** sets the database's clock, which runs on from there */
    at,
    world: (
      given: Parameters<typeof makeOrganization>[1] & { sender?: Parameters<typeof makeSender>[2] } = {},
    ) => makeWorld(database, rows, given),
    async expectCleanAudit() {
      const { checks } = await database.transaction(worker, (tx) => audit(tx, null));
      expect(checks.filter((check) => !check.ok)).toEqual([]);
    },
    async end() {
      await database.close();
      await testDatabase.drop();
    },
  };
}

export type Setup = Awaited<ReturnType<typeof setup>>;
export type World = Awaited<ReturnType<typeof makeWorld>>;

async function makeWorld(
  database: Database,
  rows: <R extends object = Row>(sql: string, parameters?: readonly unknown[]) => Promise<R[]>,
  given: Parameters<typeof makeOrganization>[1] & { sender?: Parameters<typeof makeSender>[2] },
) {
  const organization = await makeOrganization(database, given);
  const sender = await makeSender(database, organization, given.sender);
  const lanes = () =>
    takeLanes(database, { leaseSeconds: LEASE, organizationId: organization.id, limit: 16 });
  return {
    organization,
    sender,
    rows,
    contacts: (n: number, of: Parameters<typeof makeContacts>[3] = {}) =>
      makeContacts(database, organization, n, of),
    broadcast: (of: BroadcastGiven = {}) => makeBroadcastIn(database, organization, of),
    lanes,
    /** the only lane that has due work */
    async lane(): Promise<Lane> {
      const [lane] = await lanes();
      if (lane === undefined) throw new Error("no lane has due work");
      return lane;
    },
    /** claims under a lane that the test took before, or takes it */
    async claim(size = 500, lane?: Lane): Promise<Window & { lane: Lane }> {
      const held = lane ?? (await this.lane());
      return { ...(await claimWindow(database, held, size)), lane: held };
    },
    jobs: (campaign: { id: string }) =>
      rows("select * from bulk_message_jobs where campaign_id = $1 order by seq", [campaign.id]),
    async job(job: { id: string }): Promise<Row> {
      return only(await rows("select * from bulk_message_jobs where id = $1", [job.id]));
    },
    async run(campaign: { id: string }): Promise<Row> {
      return only(await rows("select * from campaign_runs where campaign_id = $1", [campaign.id]));
    },
    async campaign(campaign: { id: string }): Promise<Row> {
      return only(await rows("select * from bulk_campaigns where id = $1", [campaign.id]));
    },
    async contact(contact: { id: string }): Promise<Row> {
      return only(await rows("select * from contacts where id = $1", [contact.id]));
    },
    /** the lease of this organization's lanes ran out */
    expireLeases: () =>
      rows(
        `update senders set lane_expires_at = clock_timestamp() - interval '1 second'
          where organization_id = $1 and lane_token is not null`,
        [organization.id],
      ),
  };
}

export function only(found: readonly Row[]): Row {
  expect(found).toHaveLength(1);
  return found[0] as Row;
}

function makeBroadcastIn(
  database: Database,
  organization: TestOrganization,
  given: BroadcastGiven,
): Promise<TestBroadcast> {
  return database.transaction(worker, async (tx) => {
    const { type, senderId, message, settings, perHour, sendBefore, contacts, ago } = given;
    const campaign = await makeCampaign(tx, organization, {
      ...(type === undefined ? {} : { type }),
      ...(senderId === undefined ? {} : { senderId }),
      ...(message === undefined ? {} : { message }),
      ...(settings === undefined ? {} : { settings }),
    });
    const run = await makeRun(tx, campaign, perHour === undefined ? {} : { perHour });
    if (sendBefore !== undefined)
      await tx.run(
        "update campaign_runs set definition = definition || jsonb_build_object('sendBefore', $2::timestamptz) where campaign_id = $1",
        [campaign.id, sendBefore],
      );
    const states = given.states ?? { pending: contacts?.length ?? 3 };
    const jobs = await makeJobs(tx, run, states, {
      ...(contacts === undefined ? {} : { contacts }),
      ...(ago === undefined ? {} : { ago }),
    });
    return { ...campaign, jobs };
  });
}
