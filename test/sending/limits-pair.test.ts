import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { claimWindows } from "../../src/sending/claim.ts";
import type { Lane } from "../../src/sending/lane.ts";
import { PairPace } from "../../src/sending/pair-pace.ts";
import { makeCampaign, makeJobs, makeRun } from "../support/factories.ts";
import { NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;
let seconds = 0;

beforeAll(async () => {
  s = await setup();
});

beforeEach(() => pass(-seconds));

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const message = { type: "template", template: "black_friday", language: "nl" };
const now = () => new Date(NOW.getTime() + seconds * 1000);

function pass(more: number): void {
  seconds += more;
  s.at(now());
}

/** One person in `n` campaigns of a sender. */
async function crowded(n: number, provider: "whatsapp-cloud" | "log" = "whatsapp-cloud") {
  const w = await s.world({ sender: { provider } });
  const [person] = (await w.contacts(1)) as { id: string }[] as [{ id: string }];
  for (let i = 0; i < n; i++) await add(w, person);
  const lane = await w.lane();
  await w.rows("update senders set lane_expires_at = clock_timestamp() + interval '1 hour' where id = $1", [
    lane.id,
  ]);
  return { w, person, lane };
}

const add = async (w: World, person: { id: string }, state: "pending" | "sent" = "pending") => {
  const campaign = await makeCampaign(s.database, w.organization, { message, type: "notification" });
  await makeJobs(
    s.database,
    await makeRun(s.database, campaign),
    { [state]: 1 },
    { contacts: [person], ago: "1 second" },
  );
};

async function claim(lane: Lane, pairs: PairPace | undefined, size = 500) {
  const windows = await claimWindows(s.database, lane, size, pairs);
  return windows.reduce(
    ([sent, later], { jobs, deferred }) => [sent + jobs.length, later + deferred] as [number, number],
    [0, 0] as [number, number],
  );
}

describe("the pair limit", () => {
  it("lets a burst go to one person, and gives the others their times, six seconds apart", async () => {
    const { w, lane } = await crowded(50);
    const pairs = await PairPace.of(s.database, lane, now);
    expect(await claim(lane, pairs)).toEqual([44, 6]); // one less than Meta's 45: a message before may be forgotten
    const later = await w.rows<{ seconds: number; attempts: number; waits: number }>(
      `select round(extract(epoch from next_attempt_at - max(dispatched_at) over ())) as seconds, attempts, waits from bulk_message_jobs
        where organization_id = $1 order by next_attempt_at limit 6`,
      [w.organization.id],
    );
    expect(later.map((row) => row.seconds)).toEqual([6, 12, 18, 24, 30, 36]);
    expect(later.every(({ attempts, waits }) => attempts === 0 && waits === 0)).toBe(true);
  });

  it("lets one go each six seconds from then on", async () => {
    const { lane } = await crowded(60);
    const pairs = await PairPace.of(s.database, lane, now);
    let sent = 0;
    for (let i = 0; i < 20; i++) {
      sent += (await claim(lane, pairs))[0];
      pass(3);
    }
    expect(sent).toBeGreaterThanOrEqual(52);
    expect(sent).toBeLessThanOrEqual(45 + 60 / 6);
  });

  it("holds over several claims within the same second", async () => {
    const { lane } = await crowded(60);
    const pairs = await PairPace.of(s.database, lane, now);
    let sent = 0;
    for (let i = 0; i < 10; i++) sent += (await claim(lane, pairs, 9))[0];
    expect(sent).toBeLessThanOrEqual(45);
    expect(sent).toBeGreaterThanOrEqual(44);
  });

  it("is not forgiven by a restart: what the database knows of was sent", async () => {
    const { w, person, lane } = await crowded(20);
    for (let i = 0; i < 40; i++) await add(w, person, "sent");
    const pairs = await PairPace.of(s.database, lane, now);
    const [sent, later] = await claim(lane, pairs);
    expect(sent).toBeLessThan(15); // five, and one for each six seconds that this test took
    expect(later).toBe(20 - sent);
  });

  it("does not bind a log sender", async () => {
    const { lane } = await crowded(50, "log");
    const pairs = await PairPace.of(s.database, lane, now);
    expect(pairs).toBeUndefined();
    expect(await claim(lane, pairs)).toEqual([50, 0]);
  });

  it("forgets whoever borrows no more", async () => {
    const { lane } = await crowded(3);
    const pairs = (await PairPace.of(s.database, lane, now)) as PairPace;
    await claim(lane, pairs);
    expect(pairs.borrowed().seconds).toEqual([18]);
    pass(18);
    expect(pairs.borrowed()).toEqual({ contacts: [], seconds: [] });
  });
});
