import { afterAll, beforeAll, describe, expect, it } from "vitest";
import report from "../../src/reports/drip.command.ts";
import { type Setup, setup } from "../drips/setup.ts";
import { makeDrip, makeEnrollments, settleSteps, type TestDrip } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";

let s: Setup;
let drip: TestDrip;

beforeAll(async () => {
  s = await setup();
  drip = await makeDrip(s.database, s.organization, { name: "Leads", steps: [{ minutes: 0 }, { days: 2 }] });
  await makeDrip(s.database, s.organization, { name: "Stil" });
  await makeDrip(s.database, s.organization, { name: "Concept", status: "draft" });
  const people = await enter(5, new Date("2026-11-25T12:00:00Z"));
  const at = (from: number, to: number) => people.slice(from, to);
  await settleSteps(s.database, at(0, 2), "read");
  await settleSteps(s.database, at(0, 1), "sent");
  await settleSteps(s.database, at(2, 3), "failed");
  await s.query(
    "update drip_message_logs set replied_at = adsapp_now() where enrollment_id = $1 and status = 'read'",
    [people[1]?.id],
  );
  await s.query("update drip_enrollments set status = 'dropped', exit_reason = 'replied' where id = $1", [
    people[1]?.id,
  ]);
  await s.query("update drip_enrollments set status = 'opted_out' where id = $1", [people[3]?.id]);
  await s.query("update drip_enrollments set status = 'paused' where id = $1", [people[4]?.id]);
  await enter(2, new Date("2026-11-23T22:59:59Z")); // 23:59:59 of the 23rd in Amsterdam
  await enter(3, new Date("2026-11-23T23:00:00Z")); // midnight: the 24th
  const theirs = await makeDrip(s.database, s.other, { name: "Theirs" });
  await makeEnrollments(s.database, theirs, await makeContacts(s.database, s.other, 4));
});

afterAll(() => s.end());

async function enter(n: number, enrolledAt: Date) {
  return makeEnrollments(s.database, drip, await makeContacts(s.database, s.organization, n), { enrolledAt });
}

const lines = async (...argv: string[]) => JSON.parse((await s.run(report, argv)).stdout);
const LINE = {
  drip: "Leads",
  enrolled: 5,
  active: 2,
  completed: 1,
  dropped: 1,
  optedOut: 1,
  messagesSent: 3,
  messagesDelivered: 2,
  messagesRead: 2,
  repliesReceived: 1,
  completionRate: 20,
  deliveryRate: 66.67,
  openRate: 66.67,
  replyRate: 33.33,
};

describe("report drip", () => {
  it("tells what became of who entered in these days, and of their messages", async () => {
    expect((await lines("--since", "2026-11-25"))[0]).toEqual(LINE);
  });

  it("has a line for each drip that is open, or that people entered; by name", async () => {
    expect((await lines("--since", "2026-11-25")).map((line: { drip: string }) => line.drip)).toEqual([
      "Leads",
      "Stil",
    ]);
    expect(await lines("--since", "2026-11-25", "--campaign", "Stil")).toMatchObject([
      { enrolled: 0, replyRate: 0 },
    ]);
  });

  it.each([
    ["2026-11-23", "2026-11-23", 2],
    ["2026-11-24", "2026-11-24", 3],
    ["2026-11-23", "2026-11-24", 5],
    ["2026-11-23", "2026-11-27", 10],
  ])("goes by the enrollments' local day: %s to %s has %i", async (since, until, enrolled) => {
    expect((await lines("--since", since, "--until", until))[0]).toMatchObject({ enrolled });
  });

  it("is a CSV with the columns of the JSON, and a table for people", async () => {
    const csv = (await s.run(report, ["--since", "2026-11-25", "--campaign", "Leads"], { format: "csv" }))
      .stdout;
    expect(csv.split("\n").slice(0, 2)).toEqual([
      "drip,enrolled,active,completed,dropped,opted_out,messages_sent,messages_delivered,messages_read,replies_received,completion_rate,delivery_rate,open_rate,reply_rate",
      "Leads,5,2,1,1,1,3,2,2,1,20,66.67,66.67,33.33",
    ]);
    const table = (await s.run(report, ["--since", "2026-11-25"], { format: "table" })).stdout;
    expect(table).toMatch(/Leads\s+5\s+2\s+1\s+1\s+1\s+3\s+2\s+2\s+1/);
  });

  it("knows no other tenant's drip", async () => {
    expect(await s.run(report, ["--campaign", "Theirs"])).toMatchObject({ exitCode: 4 });
    const theirs = await s.run(report, [], { organization: s.other.slug });
    expect(JSON.parse(theirs.stdout)).toMatchObject([{ drip: "Theirs", enrolled: 4 }]);
  });

  it("of days in which nobody entered, and without an open drip, says so", async () => {
    await s.query("update drip_campaigns set status = 'archived' where organization_id = $1", [s.other.id]);
    const ran = await s.run(report, ["--since", "2026-01-01", "--until", "2026-01-31"], {
      organization: s.other.slug,
      format: "table",
    });
    expect(ran).toMatchObject({ exitCode: 0, stdout: "" });
    expect(ran.stderr).toContain("Nobody entered a drip from 2026-01-01 to 2026-01-31.");
  });
});
