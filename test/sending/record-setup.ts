import { afterAll, beforeAll, expect } from "vitest";
import type { Row } from "../../src/db/database.ts";
import type { Lane } from "../../src/sending/lane.ts";
import type { Outcome, RowOutcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "./setup.ts";

export let s: Setup;

/** A database for the file's tests, whose books must balance at the end. */
export function useDatabase(): void {
  beforeAll(async () => {
    s = await setup();
  });

  afterAll(async () => {
    await s.expectCleanAudit();
    await s.end();
  });
}

export interface Claimed {
  w: World;
  lane: Lane;
  windowId: string;
  jobs: { id: string; attempts: number }[];
  campaign: { id: string };
}

export async function claimed(pending = 1, settings: object = {}): Promise<Claimed> {
  const w = await s.world();
  const campaign = await w.broadcast({ states: { pending }, settings });
  const { id, jobs, lane } = await w.claim();
  return { w, lane, windowId: id, jobs, campaign };
}

export const outcome = (row: RowOutcome, given: Partial<Outcome> = {}): Outcome => ({
  row,
  afterSeconds: 0,
  errorCode: row === "sent" || row === "handback" ? null : "131000",
  error: row === "sent" || row === "handback" ? null : "Something went wrong",
  providerMessageId: null,
  ...given,
});

let wamids = 0;
export const accepted = () => outcome("sent", { providerMessageId: `wamid.${++wamids}` });

/** Records one outcome a job, and tells what the recorder heard of the rows. */
export async function record(
  c: Claimed,
  outcomes: Outcome[],
  given: { attempt?: number; at?: Date; lane?: Lane } = {},
) {
  const heard: (string | undefined)[] = [];
  const recorder = new Recorder(s.database, given.lane ?? c.lane, (_, status) => heard.push(status));
  recorder.open(c.windowId, c.jobs.length);
  for (const [n, each] of outcomes.entries()) {
    const job = c.jobs[n] as Claimed["jobs"][number];
    const { attempt = job.attempts, at = minutesAfter(0.01) } = given;
    recorder.add({
      kind: "b",
      jobId: job.id,
      windowId: c.windowId,
      attempt,
      outcome: each,
      at,
      type: "text",
      body: "Hoi",
    });
  }
  await recorder.drain();
  return heard;
}

export const windowsOf = (w: World) =>
  w.rows("select id from lane_windows where organization_id = $1", [w.organization.id]);
export const rowOf = (c: Claimed): Promise<Row> => c.w.job(c.jobs[0] as { id: string });
export const messagesOf = (c: Claimed) =>
  c.w.rows("select * from messages where organization_id = $1", [c.w.organization.id]);
export const secondsFromNow = (time: unknown) =>
  Math.round(((time as Date).getTime() - NOW.getTime()) / 1000);
/** The tests take a moment. */
export const expectAround = (time: unknown, seconds: number) => {
  expect(secondsFromNow(time)).toBeGreaterThanOrEqual(seconds);
  expect(secondsFromNow(time)).toBeLessThan(seconds + 30);
};
/** The first attempt's outcome stayed out; the job was dispatched again under the same lane. */
export async function dispatchAgain(c: Claimed): Promise<string> {
  await c.w.rows("update bulk_message_jobs set attempts = 2, dispatched_at = adsapp_now() where id = $1", [
    c.jobs[0]?.id,
  ]);
  return c.lane.laneToken;
}

export const webhookFirst = (c: Claimed, wamid: string, status: string) =>
  c.w.rows(
    `insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, provider_message_id, status, sent_at, webhook_at)
     select organization_id, 'outbound', contact_id, $2, id, 1, 'unknown', $3, $4, adsapp_now(), adsapp_now() from bulk_message_jobs where id = $1`,
    [c.jobs[0]?.id, c.w.sender.id, wamid, status],
  );
