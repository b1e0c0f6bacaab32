// Campaigns to count, and what their counters must say: a model of the counting triggers in TypeScript.
import fc from "fast-check";
import { Database, type Transaction } from "../../src/db/database.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestJob,
  type TestRun,
} from "../support/factories.ts";

export interface Counted {
  url: string;
  database: Database;
  /** three, in the order of their keys, with twelve pending jobs each */
  campaigns: { run: TestRun; jobs: TestJob[] }[];
  end(): Promise<void>;
}

export async function makeCounted(): Promise<Counted> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const organization = await makeOrganization(database);
  await makeSender(database, organization);
  const contacts = await makeContacts(database, organization, 12);
  const campaigns = [];
  for (const _ of Array(3)) {
    const run = await makeRun(database, await makeCampaign(database, organization));
    campaigns.push({ run, jobs: await makeJobs(database, run, { pending: 12 }, { contacts }) });
  }
  campaigns.sort((a, b) => (a.run.campaignId < b.run.campaignId ? -1 : 1));
  const end = async () => {
    await database.close();
    await testDatabase.drop();
  };
  return { url: testDatabase.url, database, campaigns, end };
}

/** What a row says that counters count, whatever came before. */
export interface Said {
  status: "pending" | "sent" | "delivered" | "read" | "failed" | "skipped" | "cancelled";
  sent: boolean;
  replied: boolean;
  optedOut: boolean;
  /** the local day */
  day: string | null;
}

export const NOTHING: Said = { status: "pending", sent: false, replied: false, optedOut: false, day: null };
const isDelivered = ({ status }: Said) => status === "delivered" || status === "read";

export const said: fc.Arbitrary<Said> = fc
  .record({
    status: fc.constantFrom<Said["status"]>(
      "pending",
      "sent",
      "delivered",
      "read",
      "failed",
      "skipped",
      "cancelled",
    ),
    sent: fc.boolean(),
    replied: fc.boolean(),
    optedOut: fc.boolean(),
    day: fc.constantFrom("2026-10-24", "2026-10-25", "2026-10-26"),
  })
  .map((row) => {
    const sent = row.status === "sent" || isDelivered(row) || (row.sent && row.status === "failed");
    const counted = sent || row.status === "failed";
    return {
      ...row,
      sent,
      replied: row.replied && sent,
      optedOut: row.optedOut && sent,
      day: counted ? row.day : null,
    };
  });

export const SAY = `update bulk_message_jobs j
     set status = s.status, counted_on = s.day::date, skip_reason = case s.status when 'skipped' then 'opted_out' end,
         sent_at = case when s.sent then s.day::timestamptz end, failed_at = case s.status when 'failed' then s.day::timestamptz end,
         delivered_at = case when s.status in ('delivered', 'read') then s.day::timestamptz end,
         read_at = case s.status when 'read' then s.day::timestamptz end,
         replied_at = case when s.replied then s.day::timestamptz end, opted_out_at = case when s.opted_out then s.day::timestamptz end
    from unnest($1::uuid[], $2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::text[]) as s(id, status, sent, replied, opted_out, day)
   where j.id = s.id`;

export function sayParameters(batch: ReadonlyMap<string, Said>): unknown[] {
  const rows = [...batch.values()];
  return [
    [...batch.keys()],
    rows.map((row) => row.status),
    rows.map((row) => row.sent),
    rows.map((row) => row.replied),
    rows.map((row) => row.optedOut),
    rows.map((row) => row.day),
  ];
}

const count = <T>(rows: readonly T[], is: (row: T) => boolean) => rows.filter(is).length;
const rate = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((10_000 * part) / whole) / 100);

/** What a campaign's statistics must say of its rows. */
export function statisticsOf(rows: readonly Said[]) {
  const messagesSent = count(rows, (row) => row.sent);
  const messagesDelivered = count(rows, isDelivered);
  const messagesRead = count(rows, (row) => row.status === "read");
  const repliesReceived = count(rows, (row) => row.replied);
  return {
    totalTargets: rows.length,
    messagesSent,
    messagesDelivered,
    messagesRead,
    messagesFailed: count(rows, (row) => row.status === "failed"),
    messagesSkipped: count(rows, (row) => row.status === "skipped"),
    repliesReceived,
    optOuts: count(rows, (row) => row.optedOut),
    deliveryRate: rate(messagesDelivered, messagesSent),
    openRate: rate(messagesRead, messagesSent),
    replyRate: rate(repliesReceived, messagesSent),
  };
}

/** What campaign_analytics must say of each day; a day of zeros is no day. */
export function daysOf(rows: readonly Said[]) {
  const days = [...new Set(rows.flatMap(({ day }) => day ?? []))].sort();
  return days.map((date) => {
    const { totalTargets, messagesSkipped, ...statistics } = statisticsOf(
      rows.filter((row) => row.day === date),
    );
    return { date, ...statistics };
  });
}

export async function countersOf(tx: Transaction, campaignId: string) {
  const campaign = await tx.one<{ statistics: object }>(
    "select statistics from bulk_campaigns where id = $1",
    [campaignId],
  );
  const days = await tx.query(
    `select date, messages_sent, messages_delivered, messages_read, messages_failed, replies_received, opt_outs,
            delivery_rate, open_rate, reply_rate
       from campaign_analytics
      where campaign_id = $1 and (messages_sent, messages_delivered, messages_read, messages_failed, replies_received, opt_outs) <> (0, 0, 0, 0, 0, 0)
      order by date`,
    [campaignId],
  );
  return { statistics: campaign?.statistics, days };
}
