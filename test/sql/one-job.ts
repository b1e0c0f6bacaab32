// One job whose messages get news, in a transaction of which nothing stays.
import { expect } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import type { Database, Transaction } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import {
  type JobState,
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";

class RolledBack extends Error {}

interface Row {
  status: string;
  sentAt: Date | null;
  deliveredAt: Date | null;
  readAt: Date | null;
  failedAt: Date | null;
  nextAttemptAt: Date | null;
  laneToken: string | null;
  errorCode: string | null;
  countedOn: string | null;
  messageId: string | null;
}

/** What a message says: its status, with its time unless the writer gives none. */
export interface News {
  status: "sent" | "delivered" | "read" | "failed";
  at?: string;
}

function actionsOf(tx: Transaction, campaignId: string, jobId: string) {
  const times = (news: News) => [news.status, news.at ?? null];
  return {
    tx,
    jobId,
    /** a new message of the job, as a webhook that comes before the POST's own answer makes it */
    insert: (news: News, attempt = 1) =>
      tx.one<{ id: string }>(
        `insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, provider_message_id, status,
                               sent_at, delivered_at, read_at, failed_at, error_code)
         select j.organization_id, 'outbound', j.contact_id, r.sender_id, j.id, $2, 'text', 'wamid.' || gen_random_uuid(), $3::text,
                case when $3 = 'sent' then $4::timestamptz end, case when $3 = 'delivered' then $4::timestamptz end,
                case when $3 = 'read' then $4::timestamptz end, case when $3 = 'failed' then $4::timestamptz end, case when $3 = 'failed' then '131026' end
           from bulk_message_jobs j join campaign_runs r on r.campaign_id = j.campaign_id where j.id = $1
         returning id`,
        [jobId, attempt, ...times(news)],
      ),
    /** later news of the job's messages, as anybody would write it */
    update: (news: News) =>
      tx.run(
        `update messages
            set status = $2::text, delivered_at = case when $2 = 'delivered' then $3::timestamptz else delivered_at end,
                read_at = case when $2 = 'read' then $3::timestamptz else read_at end,
                failed_at = case when $2 = 'failed' then $3::timestamptz else failed_at end,
                error_code = case when $2 = 'failed' then '131026' else error_code end
          where bulk_message_job_id = $1`,
        [jobId, ...times(news)],
      ),
    job: async () => (await tx.one<Row>("select * from bulk_message_jobs where id = $1", [jobId])) as Row,
    message: async () =>
      (await tx.one<Row>("select * from messages where bulk_message_job_id = $1", [jobId])) as Row,
    statistics: async () =>
      (
        await tx.one<{ statistics: object }>("select statistics from bulk_campaigns where id = $1", [
          campaignId,
        ])
      )?.statistics,
    days: () =>
      tx.query(
        `select date, messages_sent as sent, messages_delivered as delivered, messages_read as read, messages_failed as failed from campaign_analytics
          where campaign_id = $1 and (messages_sent, messages_delivered, messages_read, messages_failed) <> (0, 0, 0, 0) order by date`,
        [campaignId],
      ),
    async expectCleanAudit() {
      const { checks } = await audit(tx, null);
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    },
  };
}

/** A campaign with one job, dispatched an hour ago, in a transaction of which nothing stays. */
export async function withJob(
  database: Database,
  state: JobState,
  work: (job: ReturnType<typeof actionsOf>) => Promise<void>,
  timezone = "Europe/Amsterdam",
) {
  const run = database.transaction(worker, async (tx) => {
    const organization = await makeOrganization(tx, { timezone });
    await makeSender(tx, organization);
    const run = await makeRun(tx, await makeCampaign(tx, organization));
    const [job] = await makeJobs(tx, run, { [state]: 1 });
    await work(actionsOf(tx, run.campaignId, job?.id as string));
    throw new RolledBack();
  });
  await expect(run).rejects.toThrow(RolledBack);
}
