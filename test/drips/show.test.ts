import { afterAll, beforeAll, describe, expect, it } from "vitest";
import show from "../../src/drips/show.command.ts";
import { showDrip } from "../../src/drips/show.ts";
import {
  makeDrip,
  makeEnrollments,
  makeSteps,
  settleSteps,
  type TestDrip,
  type TestEnrollment,
} from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;
let drip: TestDrip;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization);
  drip = await makeDrip(s.database, s.organization, {
    name: "Leads",
    trigger: { type: "tag_added", tag: "leads" },
    steps: [{ text: "Welkom!" }, { days: 2, text: "Vragen?", sendAt: "10:00" }],
  });
  const entered = await enter(10);
  const at = (from: number, to: number) => entered.slice(from, to);
  await settleSteps(s.database, at(0, 2), "read");
  await settleSteps(s.database, at(2, 3), "delivered");
  await settleSteps(s.database, at(3, 4), "sent");
  await settleSteps(s.database, at(4, 5), "failed");
  await settleSteps(s.database, at(5, 6), "skipped", { reason: "condition_not_met" });
  await settleSteps(s.database, at(6, 7), "unknown");
  await s.query(
    "update drip_message_logs set replied_at = adsapp_now() where enrollment_id = $1 and status = 'read'",
    [entered[0]?.id],
  );
  await s.query(
    "update drip_message_logs set error_code = '131026' where enrollment_id = $1 and status = 'failed'",
    [entered[4]?.id],
  );
  await leave(at(0, 1), "replied");
  await leave(at(7, 9), "unenrolled");
  await settleSteps(s.database, at(1, 2), "sent");
});

afterAll(() => s.end());

async function enter(n: number, version = 1): Promise<TestEnrollment[]> {
  const contacts = await makeContacts(s.database, s.organization, n);
  return makeEnrollments(s.database, drip, contacts, { version });
}

const leave = (people: readonly { id: string }[], reason: string) =>
  s.query("update drip_enrollments set status = 'dropped', exit_reason = $2 where id = any ($1::uuid[])", [
    people.map(({ id }) => id),
    reason,
  ]);
const details = () => s.asAdmin((tx) => showDrip(tx, s.organization.id, "Leads"));

const FIRST = {
  version: 1,
  step: 1,
  delay: "at once",
  says: "Welkom!",
  waiting: 1,
  unknown: 1,
  sent: 4,
  delivered: 3,
  read: 2,
  replied: 1,
  failed: 1,
  skipped: 1,
  dropped: 2,
  reasons: { failed: { "131026": 1 }, skipped: { condition_not_met: 1 }, dropped: { unenrolled: 2 } },
};
const SECOND = {
  version: 1,
  step: 2,
  delay: "2 days, at 10:00",
  says: "Vragen?",
  waiting: 4,
  unknown: 0,
  sent: 1,
  delivered: 0,
  read: 0,
  replied: 0,
  failed: 0,
  skipped: 0,
  dropped: 1,
  reasons: { failed: {}, skipped: {}, dropped: { replied: 1 } },
};

describe("drip show", () => {
  it("has the funnel by step, with reasons, and the people by what became of them", async () => {
    const shown = await details();
    expect(shown.funnel).toEqual([FIRST, SECOND]);
    expect(shown.byStatus).toEqual({ active: 6, dropped: 3, completed: 1 });
    expect(shown.exitReasons).toEqual({ unenrolled: 2, replied: 1 });
  });

  it("and its statistics, in the order in which people read them", async () => {
    const { statistics } = await details();
    expect(Object.keys(statistics).slice(0, 6)).toEqual([
      "totalEnrolled",
      "active",
      "completed",
      "dropped",
      "optedOut",
      "messagesSent",
    ]);
    expect(statistics).toMatchObject({
      totalEnrolled: 10,
      active: 6,
      completed: 1,
      dropped: 3,
      messagesSent: 5,
    });
  });

  it("loses nobody: each message of a step is in one place of its line", async () => {
    const rows = await s.query<{ step: number; count: number }>(
      "select step_order as step, count(*) from drip_message_logs where campaign_id = $1 group by 1 order by 1",
      [drip.id],
    );
    const { funnel } = await details();
    const placed = funnel.map(({ step, waiting, unknown, sent, failed, skipped, dropped }) => ({
      step,
      count: waiting + unknown + sent + failed + skipped + dropped,
    }));
    expect(placed).toEqual(rows);
  });

  it("as lines for people, and as JSON for scripts", async () => {
    const { stdout } = await s.run(show, ["Leads"], { format: "table" });
    expect(stdout).toMatch(/Trigger\s+tag_added leads/);
    expect(stdout).toMatch(/People\s+active 6 {2}dropped 3 {2}completed 1/);
    expect(stdout).toMatch(/131026 1 {2}condition_not_met 1 {2}unenrolled 2/);
    const json = JSON.parse((await s.run(show, ["Leads"])).stdout);
    expect(json).toMatchObject({
      name: "Leads",
      status: "active",
      version: 1,
      funnel: [FIRST, SECOND],
      pauseReason: null,
    });
  });

  it("has each version that somebody went through, and the current one", async () => {
    await makeSteps(s.database, drip, [{ text: "Nieuw" }], 2);
    await makeSteps(s.database, drip, [{ text: "Niemand" }], 3);
    await makeSteps(s.database, drip, [{ text: "Nu" }], 4);
    await s.query("update drip_campaigns set current_version = 4 where id = $1", [drip.id]);
    await enter(1, 2);
    const { funnel } = await details();
    expect(funnel.map(({ version, step, waiting }) => [version, step, waiting])).toEqual([
      [4, 1, 0],
      [2, 1, 1],
      [1, 1, 1],
      [1, 2, 4],
    ]);
  });

  it("of another tenant is not found, like a random one", async () => {
    const run = (word: string) => s.run(show, [word], { organization: s.other.slug });
    expect(await run("Leads")).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('drip "Leads" not found'),
    });
    expect((await run(drip.id)).stderr.replace(drip.id, "X")).toBe(
      (await run("00000000-0000-4000-8000-000000000000")).stderr.replace(/[0-9a-f-]{36}/, "X"),
    );
  });
});
