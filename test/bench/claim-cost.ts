import { randomUUID } from "node:crypto";
import { claimWindows } from "../../src/sending/claim.ts";
import { takeLanes } from "../../src/sending/lane.ts";
import { type Broadcasts, makeBroadcasts } from "./broadcast.ts";
import { type Bench, type Figure, interleaved, median, timed } from "./measure.ts";
import type { BenchDatabase } from "./place.ts";

const SIZES =
  process.env.ADSAPP_BENCH_LARGE === "1"
    ? [10_000, 100_000, 1_000_000, 5_000_000]
    : [10_000, 100_000, 1_000_000];
const [SMALL = 0] = SIZES;
const COMPARED = 100_000;
const CLAIMS = 9;
const WINDOW = 500;
const PEOPLE = 10_000;

/**
 * What a claim costs behind many finished rows (5M with ADSAPP_BENCH_LARGE=1: it takes minutes to make them). Each size is compared with a
 * database of 100,000 in turn, claim by claim: a machine that changes its speed does so for both.
 */
export const claimCost: Bench = async ({ newDatabase }) => {
  const small = await filled(await newDatabase(), COMPARED);
  const large = await filled(await newDatabase(), SMALL);
  const figures: Figure[] = [];
  let finished = SMALL;
  for (const size of SIZES) {
    await addFinished(large.place, size - finished);
    finished = size;
    const claims = { small: await claimOf(small), large: await claimOf(large) };
    const times = await interleaved(CLAIMS, claims);
    const wanted = size === 5_000_000 ? { wanted: "at most 2, aim 1.3" } : {};
    figures.push(
      { what: `claim of ${WINDOW} at ${size} finished rows`, value: median(times.large), unit: "ms" },
      {
        what: `claim at ${size} finished rows, times at ${COMPARED}`,
        value: median(times.large) / median(times.small),
        unit: "",
        ...wanted,
      },
    );
  }
  return figures;
};

interface Filled {
  place: BenchDatabase;
  broadcasts: Broadcasts;
}

async function filled(place: BenchDatabase, finished: number): Promise<Filled> {
  const given = { senders: 1, people: PEOPLE };
  const broadcasts = await makeBroadcasts(place, "http://127.0.0.1:9/v25.0", given);
  await addFinished(place, finished);
  return { place, broadcasts };
}

/** A fresh broadcast of which each call claims a window. @returns milliseconds */
async function claimOf({ place: { database, sql }, broadcasts }: Filled): Promise<() => Promise<number>> {
  await broadcasts.start();
  await sql("update senders set lane_token = null, lane_holder = null, lane_expires_at = null");
  const [lane] = await takeLanes(database, { leaseSeconds: 600, limit: 1 });
  if (lane === undefined) throw new Error("no lane has work");
  return () =>
    timed(async () => {
      const windows = await claimWindows(database, lane, WINDOW);
      const claimed = windows.reduce((sum, { jobs }) => sum + jobs.length, 0);
      if (claimed !== WINDOW) throw new Error(`a claim of ${WINDOW} gave ${claimed}`);
    });
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
