import { randomUUID } from "node:crypto";
import { claimWindows } from "../../src/sending/claim.ts";
import { takeLanes } from "../../src/sending/lane.ts";
import { makeBroadcasts } from "./broadcast.ts";
import { type Bench, type Figure, median, timed } from "./measure.ts";
import type { BenchDatabase } from "./place.ts";

const SIZES =
  process.env.ADSAPP_BENCH_LARGE === "1"
    ? [10_000, 100_000, 1_000_000, 5_000_000]
    : [10_000, 100_000, 1_000_000];
const CLAIMS = 9;
const WINDOW = 500;

/** What a claim costs behind many finished rows (5M with ADSAPP_BENCH_LARGE=1: it takes minutes to make them). */
export const claimCost: Bench = async ({ newDatabase }) => {
  const place = await newDatabase();
  const broadcasts = await makeBroadcasts(place, "http://127.0.0.1:9/v25.0", { senders: 1, people: 10_000 });
  const figures: Figure[] = [];
  let finished = 0;
  let at100k = Number.NaN;
  for (const size of SIZES) {
    await addFinished(place, size - finished);
    finished = size;
    await broadcasts.start();
    const cost = await costOfClaim(place);
    if (size === 100_000) at100k = cost;
    figures.push({ what: `claim of ${WINDOW} at ${size} finished rows`, value: cost, unit: "ms" });
  }
  const last = figures.at(-1)?.value ?? Number.NaN;
  const wanted = finished === 5_000_000 ? { wanted: "at most 2, aim 1.3" } : {};
  return [
    ...figures,
    {
      what: `claim at ${finished} finished rows, times at 100000`,
      value: last / at100k,
      unit: "",
      ...wanted,
    },
  ];
};

async function costOfClaim({ database, sql }: BenchDatabase): Promise<number> {
  await sql("update senders set lane_token = null, lane_holder = null, lane_expires_at = null");
  const [lane] = await takeLanes(database, { leaseSeconds: 600, limit: 1 });
  if (lane === undefined) throw new Error("no lane has work");
  const times: number[] = [];
  for (let n = 0; n < CLAIMS; n++) {
    let claimed = 0;
    const claim = async () => {
      for (const { jobs } of await claimWindows(database, lane, WINDOW)) claimed += jobs.length;
    };
    times.push(await timed(claim));
    if (claimed !== WINDOW) throw new Error(`a claim of ${WINDOW} gave ${claimed}`);
  }
  return median(times);
}

/** Finished jobs of campaigns of 10,000 each with their messages, set-based, without what triggers would count. */
async function addFinished({ database, sql }: BenchDatabase, rows: number): Promise<void> {
  const campaigns = Math.round(rows / 10_000);
  for (let n = 0; n < campaigns; n++)
    await database.transaction({ role: "owner" }, async (tx) => {
      await tx.run("set local session_replication_role = replica");
      const id = randomUUID();
      await tx.run(
        `insert into bulk_campaigns (id, organization_id, name, status, message, sender_id, completed_at)
         select $1::uuid, s.organization_id, 'done ' || $1::uuid, 'completed', '{"type": "text", "text": "Hoi"}', s.id, now() from senders s limit 1`,
        [id],
      );
      await tx.run(
        `with jobs as (
           insert into bulk_message_jobs (organization_id, campaign_id, seq, contact_id, status, attempts, dispatched_at, sent_at, message_id, counted_on)
           select c.organization_id, $1::uuid, row_number() over (), c.id, 'sent', 1, now(), now(), gen_random_uuid(), current_date from contacts c
           returning id, organization_id, contact_id, message_id)
         insert into messages (id, organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, body, provider_message_id, status, sent_at)
         select j.message_id, j.organization_id, 'outbound', j.contact_id, s.id, j.id, 1, 'text', 'Hoi', 'wamid.' || j.message_id, 'sent', now() - interval '2 days'
           from jobs j cross join (select id from senders limit 1) s`,
        [id],
      );
    });
  await sql("analyze");
}
