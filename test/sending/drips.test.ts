import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Recorded, Recorder } from "../../src/sending/recorder.ts";
import { logsOf, makeDrip, makeEnrollments, type TestStep } from "../support/drip-factories.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

interface Given {
  settings?: object;
  exitWhen?: object[];
  steps?: TestStep[];
  contact?: Parameters<World["contacts"]>[1];
  people?: number;
  provider?: "log" | "whatsapp-cloud";
}

/** People in a drip whose first step is due now. */
async function dripWorld({ settings, exitWhen, steps, contact, people = 1, provider = "log" }: Given = {}) {
  s.at(NOW);
  const w = await s.world({ sender: { provider } });
  const contacts = await w.contacts(people, contact);
  const drip = await makeDrip(s.database, w.organization, {
    settings: settings ?? {},
    exitWhen: exitWhen ?? [],
    steps: steps ?? [{ minutes: 0 }, { days: 1 }],
  });
  const enrollments = await makeEnrollments(s.database, drip, contacts);
  const logs = async () =>
    (await logsOf(s.database, drip)).map(({ stepOrder, status, skipReason }) => [
      stepOrder,
      status,
      skipReason,
    ]);
  return { w, drip, contacts, enrollments, logs };
}

async function record(
  recorder: Recorder,
  recorded: Partial<Recorded> & Pick<Recorded, "jobId" | "windowId" | "outcome">,
) {
  recorder.open(recorded.windowId, 1);
  recorder.add({ kind: "d", attempt: 1, at: minutesAfter(0.01), type: "text", body: null, ...recorded });
  await recorder.drain();
}

const RETRY = {
  row: "retry",
  afterSeconds: 60,
  errorCode: "131000",
  error: "later",
  providerMessageId: null,
} as const;

describe("a claim of drips", () => {
  it("takes who is due, and skips by reason whoever the gates turn away, planning the next step", async () => {
    const { w, contacts, logs } = await dripWorld({
      steps: [{ minutes: 0, when: { tag: "vip" } }, { days: 1 }],
      people: 2,
    });
    await w.rows("insert into contact_tags (contact_id, tag) values ($1, 'vip')", [contacts[0]?.id]);
    const { jobs, skipped } = await w.claim();
    expect({ claimed: jobs.map(({ contactId }) => contactId), skipped }).toEqual({
      claimed: [contacts[0]?.id],
      skipped: 1,
    });
    expect(await logs()).toContainEqual([1, "skipped", "condition_not_met"]);
    expect((await logs()).filter(([step, status]) => step === 2 && status === "pending")).toHaveLength(1);
  });

  it.each([
    ["on the way", [{ minutes: 0 }, { days: 1 }]],
    ["at its last step", [{ minutes: 0 }]],
  ])("lets go whoever meets an exit %s", async (_where, steps) => {
    const { w, contacts, drip, logs } = await dripWorld({ exitWhen: [{ tag: "customer" }], steps });
    await w.rows("insert into contact_tags (contact_id, tag) values ($1, 'customer')", [contacts[0]?.id]);
    expect((await w.claim()).skipped).toBe(1);
    expect(await logs()).toEqual([[1, "skipped", "exited"]]);
    const [gone] = await w.rows("select status, exit_reason from drip_enrollments where campaign_id = $1", [
      drip.id,
    ]);
    expect(gone).toEqual({ status: "dropped", exitReason: "exited" });
  });

  it("sends text outside the service window to nobody on WhatsApp", async () => {
    const { w, logs } = await dripWorld({ provider: "whatsapp-cloud" });
    expect((await w.claim()).skipped).toBe(1);
    expect(await logs()).toContainEqual([1, "skipped", "outside_service_window"]);
  });

  it("waits for the end of quiet hours in the contact's own time zone", async () => {
    const { w, drip } = await dripWorld({
      settings: { quietHours: ["22:00", "08:00"] },
      contact: { timezone: "America/New_York" },
    });
    expect((await w.claim()).deferred).toBe(1);
    const [log] = await logsOf(s.database, drip);
    expect(log?.nextAttemptAt).toEqual(new Date("2026-11-27T13:00:00Z"));
  });

  it("leaves a paused drip and a halted lane as they are", async () => {
    const { w, drip, logs } = await dripWorld();
    const lane = await w.lane();
    await w.rows("update drip_campaigns set status = 'paused' where id = $1", [drip.id]);
    expect((await w.claim(10, lane)).jobs).toEqual([]);
    await w.rows("update drip_campaigns set status = 'active' where id = $1", [drip.id]);
    await w.rows("update senders set state = 'halted', halt_reason = 'test' where id = $1", [lane.id]);
    expect((await w.claim(10, lane)).jobs).toEqual([]);
    expect(await logs()).toEqual([[1, "pending", null]]);
  });

  it("shares the room with transactional jobs, and comes before other ones", async () => {
    const { w } = await dripWorld({ people: 20 });
    await w.broadcast({ type: "transactional", states: { pending: 20 } });
    await w.broadcast({ states: { pending: 20 } });
    const lane = await w.lane();
    const kinds = async (size: number) =>
      (await w.claim(size, lane)).jobs
        .map(({ kind }) => kind)
        .sort()
        .join("");
    expect(await kinds(10)).toBe("bbbbbddddd");
    expect(await kinds(30)).toBe("bbbbbbbbbbbbbbbddddddddddddddd");
  });
});

describe("an outcome of a drip's message", () => {
  it("plans the next step from the moment it was sent, and counts with its enrollment", async () => {
    const { w, drip, enrollments } = await dripWorld();
    const { jobs, id, lane } = await w.claim();
    const outcome = {
      row: "sent",
      afterSeconds: 0,
      errorCode: null,
      error: null,
      providerMessageId: "wamid.1",
    } as const;
    await record(new Recorder(s.database, lane, () => {}), {
      jobId: jobs[0]?.id as string,
      windowId: id,
      outcome,
      at: minutesAfter(5),
    });
    const [, second] = await logsOf(s.database, drip);
    expect(second?.scheduledFor).toEqual(minutesAfter(24 * 60 + 5));
    const [row] = await w.rows("select messages_sent from drip_enrollments where id = $1", [
      enrollments[0]?.id,
    ]);
    expect(row).toEqual({ messagesSent: 1 });
  });

  it("is not tried again for whoever left meanwhile", async () => {
    const { w, enrollments, logs } = await dripWorld();
    const { jobs, id, lane } = await w.claim();
    await w.rows("update drip_enrollments set status = 'dropped', exit_reason = 'unenrolled' where id = $1", [
      enrollments[0]?.id,
    ]);
    await record(new Recorder(s.database, lane, () => {}), {
      jobId: jobs[0]?.id as string,
      windowId: id,
      outcome: RETRY,
    });
    expect(await logs()).toEqual([[1, "skipped", "unenrolled"]]);
  });

  it("waits with whoever is paused meanwhile, and goes on with them", async () => {
    const { w, enrollments, drip } = await dripWorld();
    const { jobs, id, lane } = await w.claim();
    await w.rows("update drip_enrollments set status = 'paused' where id = $1", [enrollments[0]?.id]);
    await record(new Recorder(s.database, lane, () => {}), {
      jobId: jobs[0]?.id as string,
      windowId: id,
      outcome: RETRY,
    });
    const [paused] = await logsOf(s.database, drip);
    expect({ status: paused?.status, nextAttemptAt: paused?.nextAttemptAt }).toEqual({
      status: "pending",
      nextAttemptAt: null,
    });
    await w.rows("update drip_enrollments set status = 'active' where id = $1", [enrollments[0]?.id]);
    const [resumed] = await logsOf(s.database, drip);
    expect(resumed?.nextAttemptAt).not.toBeNull();
  });
});
