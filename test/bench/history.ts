import { rebuild } from "../../src/analytics/rebuild.ts";
import { makeDrip } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import type { BenchDatabase } from "./place.ts";

/** messages are made in multiples of these */
export const SMALLEST = 10_000;
export const DAYS = 30;
const CAMPAIGNS = 10;

/** An organization whose ten campaigns sent so many messages in the last 30 days; one in fifty as many people went through its drip. */
export async function makeHistory(bench: BenchDatabase, messages: number) {
  const { database } = bench;
  const organization = await makeOrganization(database);
  await makeSender(database, organization);
  await makeTemplate(database, organization);
  await makeContacts(database, organization, SMALLEST / CAMPAIGNS);
  for (let n = 0; n < CAMPAIGNS; n++) await makeCampaign(database, organization, { status: "completed" });
  await enterDrip(bench, await makeDrip(database, organization), Math.max(1, messages / 50_000));
  await addOccurrences(bench, 0, messages / SMALLEST);
  return organization;
}

/** Everybody has been in this drip so often, and is through. */
async function enterDrip({ database }: BenchDatabase, drip: { id: string }, times: number): Promise<void> {
  await database.transaction({ role: "owner" }, async (tx) => {
    await tx.run("set local session_replication_role = replica");
    await tx.run(
      `insert into drip_enrollments (organization_id, campaign_id, contact_id, version, entry_no, status, enrolled_at, entered_on, ended_at, messages_sent, messages_delivered)
       select n.organization_id, $1, n.id, 1, o.n, 'completed', d.at, (d.at at time zone 'Europe/Amsterdam')::date, adsapp_now(), 3, 3
         from generate_series(1, $2::int) as o(n)
        cross join (select id, organization_id, row_number() over () as seq from contacts) n
        cross join lateral (select adsapp_now() - make_interval(days => (n.seq % ${DAYS - 1})::int, secs => o.n) as at) d`,
      [drip.id, times],
    );
  });
}

/** Occurrences of every campaign to everybody, spread over the days, past the triggers; then counted from the rows. */
async function addOccurrences({ database, sql }: BenchDatabase, from: number, until: number): Promise<void> {
  const STEP = 50;
  for (let first = from; first < until; first += STEP)
    await database.transaction({ role: "owner" }, async (tx) => {
      await tx.run("set local session_replication_role = replica");
      await tx.run(
        `with jobs as (
           insert into bulk_message_jobs (organization_id, campaign_id, occurrence, seq, contact_id, status, attempts, dispatched_at, sent_at, delivered_at, read_at,
                                          failed_at, error_code, message_id, counted_on)
           select c.organization_id, c.id, adsapp_now() - make_interval(secs => o.n), n.seq, n.id, case when f.failed then 'failed' else 'read' end, 1, d.at,
                  case when not f.failed then d.at end, case when not f.failed then d.at end, case when not f.failed then d.at end,
                  case when f.failed then d.at end, case when f.failed then '131026' end, case when not f.failed then gen_random_uuid() end, (d.at at time zone 'Europe/Amsterdam')::date
             from bulk_campaigns c
            cross join generate_series($1::int, $2::int - 1) as o(n)
            cross join (select id, row_number() over () as seq from contacts) n
            cross join lateral (select adsapp_now() - make_interval(days => (n.seq % ${DAYS - 1})::int, secs => o.n) as at) d
            cross join lateral (select n.seq % 50 = 0 as failed) f
           returning id, organization_id, contact_id, message_id, sent_at)
         insert into messages (id, organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, body, provider_message_id, status, created_at, sent_at, delivered_at, read_at)
         select j.message_id, j.organization_id, 'outbound', j.contact_id, s.id, j.id, 1, 'text', 'Hoi', 'wamid.' || j.message_id, 'read', j.sent_at, j.sent_at, j.sent_at, j.sent_at
           from jobs j cross join (select id from senders limit 1) s where j.message_id is not null`,
        [first, Math.min(first + STEP, until)],
      );
    });
  await sql("analyze");
  await rebuild(database, { since: "2000-01-01", organizationId: null });
}
