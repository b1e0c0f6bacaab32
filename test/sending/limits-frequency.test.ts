import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { rescueWindows } from "../../src/sending/rescue.ts";
import { logsOf, makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

beforeEach(() => s.at(NOW));

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const DAY = 24 * 60;

type Person = { id: string };
const TWICE_A_WEEK = { frequencyCap: { messages: 2, days: 7 } };

async function cappedWorld(settings: object = TWICE_A_WEEK) {
  const w = await s.world({ settings });
  const [person] = (await w.contacts(1)) as { id: string }[] as [Person];
  return { w, person };
}

const broadcast = (w: World, person: { id: string }, given: Parameters<World["broadcast"]>[0] = {}) =>
  w.broadcast({ contacts: [person], ...given });

/** What the claim makes of one more message to the person. */
async function another(w: World, person: { id: string }, given: Parameters<World["broadcast"]>[0] = {}) {
  const campaign = await broadcast(w, person, given);
  await claim(w);
  const { status, skipReason } = await w.job(campaign.jobs[0] as { id: string });
  return skipReason === null ? status : skipReason;
}

async function claim(w: World) {
  const window = await w.claim();
  await w.rows("update senders set lane_expires_at = clock_timestamp() where organization_id = $1", [
    w.organization.id,
  ]);
  return window;
}

/** Claims one message to the person, and records what came of it. */
async function sendAs(w: World, person: { id: string }, given: Partial<Outcome> & Pick<Outcome, "row">) {
  const campaign = await broadcast(w, person);
  const { jobs, id, lane } = await w.claim();
  const recorder = new Recorder(s.database, lane, () => {});
  recorder.open(id, 1);
  const outcome = { afterSeconds: 60, errorCode: "1", error: "x", providerMessageId: null, ...given };
  recorder.add({
    kind: "b",
    jobId: jobs[0]?.id as string,
    windowId: id,
    attempt: 1,
    outcome,
    at: NOW,
    type: "text",
    body: null,
  });
  await recorder.drain();
  await w.expireLeases();
  return campaign;
}

describe("the frequency cap", () => {
  it("skips who got as many marketing messages within its days, and takes them after these", async () => {
    const { w, person } = await cappedWorld();
    expect(await another(w, person)).toBe("dispatching");
    s.at(minutesAfter(2 * DAY));
    expect(await another(w, person)).toBe("dispatching");
    expect(await another(w, person)).toBe("frequency_cap");
    s.at(minutesAfter(7 * DAY - 5));
    expect(await another(w, person)).toBe("frequency_cap");
    s.at(minutesAfter(7 * DAY + 5));
    expect(await another(w, person)).toBe("dispatching");
    expect(await another(w, person)).toBe("frequency_cap");
    await w.rows("delete from lane_windows where organization_id = $1", [w.organization.id]);
    await w.rows(
      "update bulk_message_jobs set status = 'unknown', unknown_since = dispatched_at, lane_token = null where organization_id = $1 and status = 'dispatching'",
      [w.organization.id],
    );
  });

  it("neither stops transactional messages nor counts them", async () => {
    const { w, person } = await cappedWorld({ frequencyCap: { messages: 1, days: 1 } });
    expect(await another(w, person, { type: "transactional" })).toBe("dispatching");
    expect(await another(w, person)).toBe("dispatching");
    expect(await another(w, person)).toBe("frequency_cap");
    expect(await another(w, person, { type: "notification" })).toBe("dispatching");
  });

  it("counts broadcasts and drips together, and a drip goes on with its next step", async () => {
    const { w, person } = await cappedWorld({ frequencyCap: { messages: 1, days: 1 } });
    expect(await another(w, person)).toBe("dispatching");
    const drip = await makeDrip(s.database, w.organization, { steps: [{ minutes: 0 }, { days: 2 }] });
    await makeEnrollments(s.database, drip, [person]);
    await claim(w);
    expect((await logsOf(s.database, drip)).map(({ status, skipReason }) => [status, skipReason])).toEqual([
      ["skipped", "frequency_cap"],
      ["pending", null],
    ]);
    s.at(minutesAfter(2 * DAY + 5));
    await claim(w);
    expect((await logsOf(s.database, drip))[1]?.status).toBe("dispatching");
    expect(await another(w, person)).toBe("frequency_cap");
  });

  it("holds within one claim of many campaigns", async () => {
    const { w, person } = await cappedWorld();
    for (let n = 0; n < 5; n++) await broadcast(w, person);
    const { jobs, skipped } = await claim(w);
    expect([jobs.length, skipped]).toEqual([2, 3]);
  });

  it("counts an attempt that may have reached the person: after a crash and an unknown outcome too", async () => {
    const { w, person } = await cappedWorld({ frequencyCap: { messages: 1, days: 1 } });
    await broadcast(w, person);
    await claim(w);
    await rescueWindows(s.database, w.organization.id);
    expect(await another(w, person)).toBe("frequency_cap");
    const second = await cappedWorld({ frequencyCap: { messages: 1, days: 1 } });
    await sendAs(second.w, second.person, { row: "unknown" });
    expect(await another(second.w, second.person)).toBe("frequency_cap");
  });

  it.each(["failed", "handback"] as const)("counts none that did not: %s", async (row) => {
    const { w, person } = await cappedWorld({ frequencyCap: { messages: 1, days: 1 } });
    const first = await sendAs(w, person, { row });
    await w.rows(
      "update bulk_campaigns set status = 'paused', paused_at = adsapp_now(), pause_reason = 'test' where id = $1",
      [first.id],
    );
    expect(await another(w, person)).toBe("dispatching");
  });

  it("does not count a message against its own next attempt", async () => {
    const { w, person } = await cappedWorld({ frequencyCap: { messages: 1, days: 1 } });
    const campaign = await sendAs(w, person, { row: "retry" });
    s.at(minutesAfter(2));
    expect((await claim(w)).jobs).toMatchObject([{ id: campaign.jobs[0]?.id, attempts: 2 }]);
    expect(await another(w, person)).toBe("frequency_cap");
  });

  it("that is set later counts what was sent before it, and is forgotten when it is lifted", async () => {
    const { w, person } = await cappedWorld({});
    const others = await w.contacts(2);
    await w.broadcast({ contacts: [person, ...others], states: { sent: 1, unknown: 1, failed: 1 } });
    await w.rows("update organizations set settings = $2 where id = $1", [
      w.organization.id,
      JSON.stringify({ frequencyCap: { messages: 1, days: 7 } }),
    ]);
    expect(await another(w, person)).toBe("frequency_cap");
    expect(await another(w, others[0] as { id: string })).toBe("dispatching"); // failed
    expect(await another(w, others[1] as { id: string })).toBe("frequency_cap"); // unknown
    await w.rows("update organizations set settings = '{}' where id = $1", [w.organization.id]);
    expect(await another(w, person)).toBe("dispatching");
  });

  it("is a number of messages and of days, or the organization cannot be saved", async () => {
    const { w } = await cappedWorld();
    for (const frequencyCap of [{ messages: 0, days: 7 }, { messages: 2 }, { messages: 2, days: 400 }])
      await expect(
        w.rows("update organizations set settings = $2 where id = $1", [
          w.organization.id,
          JSON.stringify({ frequencyCap }),
        ]),
      ).rejects.toThrow("frequency_cap_is_sane");
  });

  it("holds where two senders reach for the same person at once", async () => {
    const { w, person } = await cappedWorld({ frequencyCap: { messages: 1, days: 1 } });
    const [other] = await w.rows<{ id: string }>(
      "insert into senders (organization_id, name, provider) values ($1, 'second', 'log') returning id",
      [w.organization.id],
    );
    await broadcast(w, person);
    await broadcast(w, person, { senderId: other?.id as string });
    const lanes = await w.lanes();
    const windows = await Promise.all(lanes.map((lane) => w.claim(10, lane)));
    expect(windows.map(({ jobs, skipped }) => [jobs.length, skipped]).sort()).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });
});
