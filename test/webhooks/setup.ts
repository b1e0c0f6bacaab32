import { expect } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { Database, type Row } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import type { Lane } from "../../src/sending/lane.ts";
import { outcomeOf } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { opaqueId } from "../../src/sending/render.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  type JobState,
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestJob,
  type TestOrganization,
} from "../support/factories.ts";

export const NUMBER = "106540352242922";
export const OTHER_NUMBER = "106540352249999";
/** Long enough ago that every time of a status is in the past. */
const AGO = "2 hours";

export interface Setup {
  database: Database;
  url: string;
  organization: TestOrganization;
  /** another tenant, whose sender has OTHER_NUMBER */
  other: TestOrganization;
  sender: { id: string };
  /** a campaign of its own with jobs in these states */
  jobs(
    states: Partial<Record<JobState, number>>,
    given?: { contacts: readonly { id: string }[] },
  ): Promise<TestJob[]>;
  /** stores the bodies and applies all that wait */
  apply(...bodies: string[]): Promise<number>;
  /** what a worker that holds the lane writes down when the API has accepted a job */
  accepted(job: TestJob, wamid: string, at?: Date): Promise<void>;
  rows<R extends object = Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
  /** the only row of a query that changes or reads one */
  row<R extends object = Row>(sql: string, parameters?: readonly unknown[]): Promise<R>;
  job(job: TestJob): Promise<Row>;
  message(wamid: string): Promise<Row>;
  contact(job: TestJob): Promise<Row>;
  counters(job: TestJob): Promise<Row>;
  expectCleanAudit(): Promise<void>;
  end(): Promise<void>;
}

export async function setup(): Promise<Setup> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const organization = await makeOrganization(database);
  const other = await makeOrganization(database);
  const sender = await makeSender(database, organization, { phoneNumberId: NUMBER });
  await makeSender(database, other, { phoneNumberId: OTHER_NUMBER });
  const rows = <R extends object = Row>(sql: string, parameters: readonly unknown[] = []) =>
    database.transaction(worker, (tx) => tx.query<R>(sql, parameters));
  const row = async <R extends object = Row>(sql: string, parameters: readonly unknown[] = []) => {
    const found = await rows<R>(sql, parameters);
    expect(found).toHaveLength(1);
    return found[0] as R;
  };
  return {
    database,
    url: testDatabase.url,
    organization,
    other,
    sender,
    rows,
    row,
    jobs: async (states, given) =>
      makeJobs(database, await makeRun(database, await makeCampaign(database, organization)), states, {
        ago: AGO,
        ...given,
      }),
    async apply(...bodies) {
      await storeBodies(database, bodies, "test");
      return applyInbox(database);
    },
    accepted: (job, wamid, at = new Date()) => record(database, { organization, sender, job, wamid, at }),
    job: (job) => row("select * from bulk_message_jobs where id = $1", [job.id]),
    message: (wamid) => row("select * from messages where provider_message_id = $1", [wamid]),
    contact: (job) => row("select * from contacts where id = $1", [job.contactId]),
    counters: (job) =>
      row(
        `select c.messages_sent, c.messages_delivered, c.messages_read, c.messages_failed from bulk_campaigns c
          where c.id = (select j.campaign_id from bulk_message_jobs j where j.id = $1)`,
        [job.id],
      ),
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

/** Through the recorder itself, under the token that the job carries. */
async function record(
  database: Database,
  given: { organization: TestOrganization; sender: { id: string }; job: TestJob; wamid: string; at: Date },
): Promise<void> {
  const { organization, sender, job, wamid, at } = given;
  const [held] = await database.transaction(owner, (tx) =>
    tx.query<{ laneToken: string }>("select lane_token from senders where id = $1", [sender.id]),
  );
  const lane: Lane = {
    id: sender.id,
    organizationId: organization.id,
    name: "main",
    provider: "log",
    apiUrl: null,
    phoneNumberId: NUMBER,
    tokenEnv: null,
    tokenFile: null,
    throughputPerSecond: 80,
    laneToken: held?.laneToken ?? "00000000-0000-4000-8000-000000000000",
  };
  const recorder = new Recorder(database, lane, () => {});
  const outcome = outcomeOf({ kind: "accepted", providerMessageId: wamid }, { attempts: 1, waits: 0 });
  recorder.add({
    kind: "b",
    jobId: job.id,
    windowId: sender.id,
    attempt: 1,
    outcome,
    at,
    type: "text",
    body: "Hoi",
  });
  await recorder.drain();
}

export interface StatusGiven {
  id?: string;
  status: string;
  /** the job (or with kind d the drip's log) that it names by its opaque id, first attempt */
  job?: { id: string };
  kind?: "b" | "d";
  attempt?: number;
  /** ISO; whole seconds, as Meta's are */
  at?: string;
  code?: number;
  [further: string]: unknown;
}

/** One webhook body with these statuses, in the shape of the reference (§5.4). */
export function bodyOf(statuses: readonly StatusGiven[], number = NUMBER): string {
  const metadata = { display_phone_number: "31201234567", phone_number_id: number };
  const value = { messaging_product: "whatsapp", metadata, statuses: statuses.map(statusJson) };
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "102290129340398", changes: [{ field: "messages", value }] }],
  });
}

function statusJson({
  job,
  kind = "b",
  attempt = 1,
  at = "2026-11-24T10:00:00Z",
  code,
  ...given
}: StatusGiven): object {
  const error = { code, title: "Title", message: "Title", error_data: { details: `Details of ${code}` } };
  return {
    id: "wamid.1",
    timestamp: String(Date.parse(at) / 1000),
    recipient_id: "31612345678",
    ...(job === undefined ? {} : { biz_opaque_callback_data: opaqueId(kind, job.id, attempt) }),
    ...(code === undefined ? {} : { errors: [error] }),
    ...given,
  };
}
