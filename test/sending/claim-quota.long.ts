import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Lane } from "../../src/sending/lane.ts";
import { claimWindow } from "./claim.ts";
import { minutesAfter, NOW, type Setup, setup, type TestBroadcast, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.at(NOW));

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const SECONDS = 1000;
const HOUR = 3600 * SECONDS;
/** A claim's tokens are spent within a minute. */
const SPENT_WITHIN = 60 * SECONDS;

/** The most of these instants that lie within one hour of each other. */
function mostInAnHour(times: readonly number[]): number {
  return Math.max(0, ...times.map((from) => times.filter((t) => t >= from && t < from + HOUR).length));
}

/** Makes what was claimed wait for another attempt, as the outcome RETRY does. */
const retryAll = (w: World) =>
  w.rows(
    `update bulk_message_jobs set status = 'pending', lane_token = null, attempts = 0, next_attempt_at = dispatched_at + interval '1 minute'
      where organization_id = $1 and status = 'dispatching'`,
    [w.organization.id],
  );

const setPaused = (w: World, campaign: TestBroadcast, paused: boolean) =>
  w.rows(
    `update bulk_campaigns set status = case when $2 then 'paused' else 'running' end, pause_reason = case when $2 then 'test' end where id = $1`,
    [campaign.id, paused],
  );

/** A lane whose lease outlasts the test, whatever else has work. */
async function heldLane(w: World): Promise<Lane> {
  const lane = await w.lane();
  await w.rows("update senders set lane_expires_at = clock_timestamp() + interval '1 hour' where id = $1", [
    lane.id,
  ]);
  return lane;
}

const endAll = async (w: World) => {
  await w.rows("delete from lane_windows where organization_id = $1", [w.organization.id]);
  await w.rows(
    "update bulk_message_jobs set status = 'cancelled', lane_token = null, next_attempt_at = null where organization_id = $1 and status in ('pending', 'dispatching')",
    [w.organization.id],
  );
};

describe("messagesPerHour", () => {
  it("is never passed in any 60 minutes, and reached within a few percent, when claimed each minute", async () => {
    for (const perHour of [1, 60, 200]) {
      const w = await s.world();
      const campaign = await w.broadcast({ states: { pending: perHour * 2 }, perHour });
      const lane = await heldLane(w);
      const attempts: number[] = [];
      for (let minute = 0; minute < 120; minute++) {
        s.at(minutesAfter(minute));
        const { jobs } = await claimWindow(s.database, lane, 500);
        attempts.push(...jobs.map(() => minute * 60 * SECONDS));
      }
      expect(mostInAnHour(attempts)).toBeLessThanOrEqual(perHour);

      expect(attempts.length).toBeGreaterThanOrEqual(Math.floor(perHour * 2 * 0.95));
      expect(await w.campaign(campaign)).toMatchObject({ status: "running" });
      await endAll(w);
    }
  });

  it("is spread over the hour, not spent at once", async () => {
    const w = await s.world();
    await w.broadcast({ states: { pending: 600 }, perHour: 600 });
    const lane = await heldLane(w);
    expect((await claimWindow(s.database, lane, 500)).jobs).toHaveLength(20);
    expect((await claimWindow(s.database, lane, 500)).jobs.length).toBeLessThanOrEqual(1);
    s.at(minutesAfter(1));
    expect((await claimWindow(s.database, lane, 500)).jobs.length).toBeGreaterThanOrEqual(9);
    await endAll(w);
  });

  it("counts no one who is skipped", async () => {
    const w = await s.world();
    const contacts = [...(await w.contacts(3, { blockedAt: NOW })), ...(await w.contacts(2))];
    await w.broadcast({ contacts, perHour: 2 });
    const lane = await heldLane(w);
    const claimed: number[] = [];
    while (claimed.length < 4) claimed.push((await claimWindow(s.database, lane, 1)).jobs.length);
    expect(claimed).toEqual([0, 0, 0, 1]);
    await endAll(w);
  });

  it("keeps its lane from being taken for nothing while it is used up", async () => {
    const w = await s.world();
    await w.broadcast({ states: { pending: 3 }, perHour: 1 });
    await w.claim();
    await w.rows("update senders set lane_token = null, lane_expires_at = null where id = $1", [w.sender.id]);
    expect(await w.lanes()).toEqual([]);
    s.at(minutesAfter(62));
    expect(await w.lanes()).toHaveLength(1);
    await endAll(w);
  });

  it("holds for any schedule of claims, pauses, retries and campaigns", async () => {
    const step = fc.record({
      afterSeconds: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 4000 })),
      size: fc.integer({ min: 1, max: 120 }),
      next: fc.constantFrom("nothing", "nothing", "retry", "pause", "resume"),
    });
    const schedules = fc.record({
      perHour: fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 })),
      steps: fc.array(step, { minLength: 10, maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(schedules, async ({ perHour, steps }) => {
        const w = await s.world();
        const [first, second] = [
          await w.broadcast({ states: { pending: 200 }, perHour: perHour[0] }),
          await w.broadcast({ states: { pending: 200 }, perHour: perHour[1] }),
        ];
        const lane = await heldLane(w);
        const attempts = new Map<string, number[]>([
          [first.id, []],
          [second.id, []],
        ]);
        let seconds = 0;
        for (const { afterSeconds, size, next } of steps) {
          seconds += afterSeconds;
          s.at(new Date(NOW.getTime() + seconds * SECONDS));
          const { jobs } = await claimWindow(s.database, lane, size);
          for (const job of jobs) attempts.get(job.campaignId)?.push(seconds * SECONDS);
          if (next === "retry") await retryAll(w);
          if (next === "pause" || next === "resume") await setPaused(w, first, next === "pause");
        }
        await endAll(w);
        expect(mostInAnHour(attempts.get(first.id) ?? [])).toBeLessThanOrEqual(perHour[0]);
        expect(mostInAnHour(attempts.get(second.id) ?? [])).toBeLessThanOrEqual(perHour[1]);
      }),
      { numRuns: 15 },
    );
  });

  it("leaves room for a claim's messages to go out a little later", async () => {
    const w = await s.world();
    const perHour = 40;
    await w.broadcast({ states: { pending: 120 }, perHour });
    const lane = await heldLane(w);
    const earliest: number[] = [];
    for (let second = 0; second < 2 * 3600; second += 60) {
      s.at(new Date(NOW.getTime() + second * SECONDS));
      const { jobs } = await claimWindow(s.database, lane, 500);
      earliest.push(...jobs.map(() => second * SECONDS));
    }
    const withinReach = (from: number) =>
      earliest.filter((t) => t + SPENT_WITHIN >= from && t < from + HOUR).length;
    expect(Math.max(...earliest.map((t) => withinReach(t + SPENT_WITHIN)))).toBeLessThanOrEqual(perHour);
    await endAll(w);
  });
});
