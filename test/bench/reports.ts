import { rebuild } from "../../src/analytics/rebuild.ts";
import { operator } from "../../src/db/identity.ts";
import { pageOf } from "../../src/reports/html/page.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import { type Bench, type Figure, median, timed } from "./measure.ts";
import type { BenchDatabase } from "./place.ts";

const LARGE = process.env.ADSAPP_BENCH_LARGE === "1" ? 5_000_000 : 1_000_000;
const SMALL = 10_000;
const CAMPAIGNS = 10;
const DAYS = 30;
const PEOPLE = SMALL / CAMPAIGNS;
const ROUNDS = 15;
const SECTIONS = ["overview", "campaigns", "drips", "agents", "channels", "templates", "failures"] as const;

/** All reports of 30 days, as one page, of the same ten campaigns: at 10,000 messages and at a million (5M with ADSAPP_BENCH_LARGE=1). */
export const reports: Bench = async ({ newDatabase }) => {
  const bench = await newDatabase();
  const organization = await makeOrganization(bench.database);
  await makeSender(bench.database, organization);
  await makeTemplate(bench.database, organization);
  await makeContacts(bench.database, organization, PEOPLE);
  for (let n = 0; n < CAMPAIGNS; n++)
    await makeCampaign(bench.database, organization, { status: "completed" });
  await addOccurrences(bench, 0, 1);
  const small = await timeOfReports(bench, organization);
  await addOccurrences(bench, 1, LARGE / SMALL);
  const large = await timeOfReports(bench, organization);
  const figures: Figure[] = [];
  for (const name of SECTIONS) {
    figures.push({ what: `${name} at ${SMALL} messages`, value: small[name], unit: "ms" });
    figures.push({ what: `${name} at ${LARGE} messages`, value: large[name], unit: "ms" });
  }
  const sum = (times: typeof small) => SECTIONS.reduce((total, name) => total + times[name], 0);
  const ratio = sum(large) / sum(small);
  return [
    ...figures,
    {
      what: `all reports at ${LARGE} messages, times at ${SMALL}`,
      value: ratio,
      unit: "",
      wanted: "about 1",
    },
  ];
};

type Times = Record<(typeof SECTIONS)[number], number>;

async function timeOfReports(
  { database, sql }: BenchDatabase,
  organization: { id: string; profileId: string },
): Promise<Times> {
  const [days] = await sql<{ since: string; until: string }>(
    `select ((adsapp_now() at time zone timezone)::date - ${DAYS - 1})::text as since, (adsapp_now() at time zone timezone)::date::text as until from organizations limit 1`,
  );
  const window = days as { since: string; until: string };
  const asked = { organizationId: organization.id, window, by: "", campaignIds: null, limit: 10 };
  const times = {} as Times;
  for (const name of SECTIONS) {
    const read = () =>
      database.transaction(operator(organization.profileId), (tx) =>
        pageOf(tx, asked, [name], { organization: "Bench", campaign: undefined }),
      );
    await read(); // the first one fills the cache
    const rounds: number[] = [];
    for (let n = 0; n < ROUNDS; n++) rounds.push(await timed(read));
    times[name] = median(rounds);
  }
  return times;
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
