import { rebuild } from "../../src/analytics/rebuild.ts";
import { operator } from "../../src/db/identity.ts";
import { pageOf } from "../../src/reports/html/page.ts";
import type { Window } from "../../src/reports/window.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import { type Bench, type Figure, interleaved, median, timed } from "./measure.ts";
import type { BenchDatabase } from "./place.ts";

const LARGE = process.env.ADSAPP_BENCH_LARGE === "1" ? 5_000_000 : 1_000_000;
const SMALL = 10_000;
const CAMPAIGNS = 10;
const DAYS = 30;
const PEOPLE = SMALL / CAMPAIGNS;
const ROUNDS = 15;
const SECTIONS = ["overview", "campaigns", "drips", "agents", "channels", "templates", "failures"] as const;

/**
 * Each report of 30 days, as its part of a page, of the same ten campaigns: at 10,000 messages and at a million (5M with
 * ADSAPP_BENCH_LARGE=1), in turn.
 */
export const reports: Bench = async ({ newDatabase }) => {
  const small = await campaignsWith(await newDatabase(), SMALL);
  const large = await campaignsWith(await newDatabase(), LARGE);
  const figures: Figure[] = [];
  const total = { small: 0, large: 0 };
  for (const name of SECTIONS) {
    const times = await interleaved(ROUNDS, {
      small: () => timed(() => small(name)),
      large: () => timed(() => large(name)),
    });
    for (const [key, messages] of [
      ["small", SMALL],
      ["large", LARGE],
    ] as const) {
      const value = median(times[key]);
      total[key] += value;
      figures.push({ what: `${name} at ${messages} messages`, value, unit: "ms" });
    }
  }
  const what = `all reports at ${LARGE} messages, times at ${SMALL}`;
  return [...figures, { what, value: total.large / total.small, unit: "", wanted: "about 1" }];
};

type Read = (section: (typeof SECTIONS)[number]) => Promise<unknown>;

/** An organization whose campaigns sent so many messages in the last 30 days. @returns reads one of its reports */
async function campaignsWith(bench: BenchDatabase, messages: number): Promise<Read> {
  const { database, sql } = bench;
  const organization = await makeOrganization(database);
  await makeSender(database, organization);
  await makeTemplate(database, organization);
  await makeContacts(database, organization, PEOPLE);
  for (let n = 0; n < CAMPAIGNS; n++) await makeCampaign(database, organization, { status: "completed" });
  await addOccurrences(bench, 0, messages / SMALL);
  const [window] = await sql<{ since: string; until: string }>(
    `select ((adsapp_now() at time zone timezone)::date - ${DAYS - 1})::text as since, (adsapp_now() at time zone timezone)::date::text as until from organizations limit 1`,
  );
  const asked = {
    organizationId: organization.id,
    window: window as Window,
    by: "",
    campaignIds: null,
    campaign: undefined,
    limit: 10,
  };
  const read: Read = (section) =>
    database.transaction(operator(organization.profileId), (tx) => pageOf(tx, asked, [section], "Bench"));
  for (const section of SECTIONS) await read(section); // the first one fills the cache
  return read;
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
         insert into messages (id, organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, body, provider_message_id, status, sent_at, delivered_at, read_at)
         select j.message_id, j.organization_id, 'outbound', j.contact_id, s.id, j.id, 1, 'text', 'Hoi', 'wamid.' || j.message_id, 'read', j.sent_at, j.sent_at, j.sent_at
           from jobs j cross join (select id from senders limit 1) s where j.message_id is not null`,
        [first, Math.min(first + STEP, until)],
      );
    });
  await sql("analyze");
  await rebuild(database, { since: "2000-01-01", organizationId: null });
}
