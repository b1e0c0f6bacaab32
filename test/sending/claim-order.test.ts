import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { minutesAfter, NOW, type Setup, setup, type TestBroadcast } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const seqsOf = (ids: readonly { id: string }[], campaign: TestBroadcast) =>
  ids.map(({ id }) => campaign.jobs.find((job) => job.id === id)?.seq ?? 0).sort((a, b) => a - b);

/** How many of a window's messages each campaign has. */
const sharesOf = (jobs: readonly { campaignId: string }[], campaigns: readonly TestBroadcast[]) =>
  campaigns.map(({ id }) => jobs.filter((job) => job.campaignId === id).length);

describe("a window", () => {
  it("holds as many as were asked for, in the order of the campaign", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 10 } });
    const { jobs, lane } = await w.claim(4);
    expect(seqsOf(jobs, campaign)).toEqual([1, 2, 3, 4]);
    expect(seqsOf((await w.claim(4, lane)).jobs, campaign)).toEqual([5, 6, 7, 8]);
    expect(seqsOf((await w.claim(4, lane)).jobs, campaign)).toEqual([9, 10]);
    expect((await w.claim(4, lane)).jobs).toEqual([]);
  });

  it("is written down before a byte leaves: rows, attempts, the lane's token and the list of a crash", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 3 } });
    const { id, jobs, lane } = await w.claim(2);
    const laneToken = lane.laneToken;
    expect(await w.jobs(campaign)).toMatchObject([
      { status: "dispatching", attempts: 1, laneToken, dispatchedAt: expect.any(Date) },
      { status: "dispatching", attempts: 1, laneToken, dispatchedAt: expect.any(Date) },
      { status: "pending", attempts: 0, laneToken: null, dispatchedAt: null },
    ]);
    const windows = await w.rows("select id, lane_token, job_ids from lane_windows where sender_id = $1", [
      w.sender.id,
    ]);
    expect(windows).toMatchObject([{ id, laneToken }]);
    expect((windows as { jobIds: string[] }[]).flatMap(({ jobIds }) => jobIds).sort()).toEqual(
      jobs.map((job) => job.id).sort(),
    );
  });

  it("has retries whose time has come before first attempts, the longest waiting first", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { waiting: 3, pending: 3 } });
    const [late, early, future] = campaign.jobs.map(({ id }) => id);
    const wait = (id: string | undefined, minutes: number) =>
      w.rows("update bulk_message_jobs set next_attempt_at = $2 where id = $1", [id, minutesAfter(minutes)]);
    await wait(late, -1);
    await wait(early, -2);
    await wait(future, 5);
    const { jobs, lane } = await w.claim(1);
    expect(jobs.map((job) => job.id)).toEqual([early]);
    const next = (await w.claim(2, lane)).jobs.map((job) => job.id);
    expect(next).toContain(late);
    expect(next).toContain(campaign.jobs[3]?.id);
    expect((await w.claim(10, lane)).jobs.map((job) => job.id)).not.toContain(future);
  });

  it("tells each attempt's number", async () => {
    const w = await s.world();
    await w.broadcast({ states: { waiting: 1, pending: 1 } });
    await w.rows(
      "update bulk_message_jobs set next_attempt_at = adsapp_now() where organization_id = $1 and next_attempt_at is not null",
      [w.organization.id],
    );
    const { jobs } = await w.claim();
    expect(jobs.map(({ attempts }) => attempts).sort()).toEqual([1, 2]);
  });
});

describe("campaigns of one sender", () => {
  it("share a window evenly", async () => {
    const w = await s.world();
    const campaigns = [
      await w.broadcast({ states: { pending: 20 } }),
      await w.broadcast({ states: { pending: 20 } }),
      await w.broadcast({ states: { pending: 20 } }),
    ];
    expect(sharesOf((await w.claim(12)).jobs, campaigns)).toEqual([4, 4, 4]);
  });

  it("give what one cannot take to the others", async () => {
    const w = await s.world();
    const campaigns = [
      await w.broadcast({ states: { pending: 30 }, perHour: 30 }),
      await w.broadcast({ states: { pending: 30 } }),
      await w.broadcast({ states: { pending: 30 } }),
    ];
    expect(sharesOf((await w.claim(21)).jobs, campaigns)).toEqual([1, 10, 10]);
  });

  it("let transactional ones go first", async () => {
    const w = await s.world();
    const campaigns = [
      await w.broadcast({ states: { pending: 20 } }),
      await w.broadcast({ type: "transactional", states: { pending: 6 } }),
      await w.broadcast({ type: "transactional", states: { pending: 6 } }),
    ];
    const { jobs, lane } = await w.claim(10);
    expect(sharesOf(jobs, campaigns)).toEqual([0, 5, 5]);
    expect(sharesOf((await w.claim(10, lane)).jobs, campaigns)).toEqual([8, 1, 1]);
  });

  it("all come on, also where a window is smaller than they are many", async () => {
    const w = await s.world();
    const campaigns = [
      await w.broadcast({ states: { pending: 60 } }),
      await w.broadcast({ states: { pending: 60 } }),
      await w.broadcast({ states: { pending: 60 } }),
    ];
    const lane = await w.lane();
    const claimed: { campaignId: string }[] = [];
    for (let n = 0; n < 60; n++) claimed.push(...(await w.claim(1, lane)).jobs);
    expect(claimed).toHaveLength(60);
    for (const share of sharesOf(claimed, campaigns)) expect(share).toBeGreaterThan(5);
  });

  it("are not held up by one that is at its hourly quota", async () => {
    const w = await s.world();
    const campaigns = [
      await w.broadcast({ states: { pending: 20 }, perHour: 1 }),
      await w.broadcast({ states: { pending: 20 } }),
    ];
    const { jobs, lane } = await w.claim(10);
    expect(sharesOf(jobs, campaigns)).toEqual([1, 9]);
    expect(sharesOf((await w.claim(10, lane)).jobs, campaigns)).toEqual([0, 10]);
  });
});

describe("the cursor of a run", () => {
  it("moves with what was claimed, skipped or put off, and ends at the end", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 5 } });
    await w.rows("update contacts set blocked_at = adsapp_now() where id = $1", [
      campaign.jobs[1]?.contactId,
    ]);
    const { lane } = await w.claim(3);
    expect(await w.run(campaign)).toMatchObject({ nextSeq: 3, expandedSeq: 5 });
    await w.claim(3, lane);
    expect(await w.run(campaign)).toMatchObject({ nextSeq: 5 });
  });

  it("jumps over what was cancelled, so that it costs nothing more", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 5 } });
    const lane = await w.lane();
    await w.rows("update bulk_message_jobs set status = 'cancelled' where campaign_id = $1", [campaign.id]);
    expect((await w.claim(3, lane)).jobs).toEqual([]);
    expect(await w.run(campaign)).toMatchObject({ nextSeq: 5 });
  });

  it("stays where the window had no room for its campaign", async () => {
    const w = await s.world();
    const waiting = await w.broadcast({ states: { pending: 5 } });
    await w.broadcast({ type: "transactional", states: { pending: 5 } });
    await w.claim(5);
    expect(await w.run(waiting)).toMatchObject({ nextSeq: 0 });
  });
});

describe("a lane with work", () => {
  it("is due again when a retry is, and not before", async () => {
    const w = await s.world();
    await w.broadcast({ states: { waiting: 1 } });
    expect(await w.lanes()).toEqual([]);
    s.at(minutesAfter(2));
    expect(await w.lanes()).toHaveLength(1);
    s.at(NOW);
  });
});
