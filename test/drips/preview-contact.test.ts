import { describe, expect, it } from "vitest";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { contact, file, s, timetable, usePreviews } from "./previews.ts";
import { NOW, says } from "./setup.ts";

usePreviews();

describe("drip preview --contact", () => {
  it("shows a file's steps at their local times, and what the contact would read", async () => {
    const { lines, steps, end, endsAt } = await timetable(
      file([
        says("Welkom {{ contact.first_name }} bij {{ organization.name }}"),
        says("Vragen?", "2d"),
        says("{{ campaign.name }}", "120d", { sendAt: "10:00" }),
      ]),
    );
    expect(lines).toEqual([
      ["2026-11-27T09:00:00.000Z", "sent", "Welkom Emma bij Bakkerij Jansen"],
      ["2026-11-29T09:00:00.000Z", "sent", "Vragen?"],
      ["2027-03-29T08:00:00.000Z", "sent", "Nieuw"],
    ]);
    expect(steps.map(({ delay }) => delay)).toEqual(["at once", "2 days", "120 days, at 10:00"]);
    expect({ end, endsAt: endsAt?.toISOString() }).toEqual({
      end: "completed",
      endsAt: "2027-03-29T08:00:00.000Z",
    });
  });

  it("skips a step whose condition is not met then, and one whose value is missing, and goes on", async () => {
    await s.query("insert into contact_tags (organization_id, contact_id, tag) values ($1, $2, 'leads')", [
      s.organization.id,
      contact.id,
    ]);
    const { lines } = await timetable(
      file([
        says("Klant?", "0m", { when: { tag: "customer" } }),
        says("{{ contact.attributes.city }}", "1h"),
        says("Nieuw?", "1h", { when: { field: "created_at", op: "within_days", value: 3 } }),
        says("Nog steeds nieuw?", "4d", { when: { field: "created_at", op: "within_days", value: 3 } }),
        says("Lead", "1h", { when: { tag: "leads" } }),
      ]),
    );
    expect(lines.map(([, ...rest]) => rest)).toEqual([
      ["skipped", "condition_not_met"],
      ["skipped", "missing_variable: contact.attributes.city"],
      ["sent", "Nieuw?"],
      ["skipped", "condition_not_met"],
      ["sent", "Lead"],
    ]);
    expect(lines.at(-1)?.[0]).toBe("2026-12-01T12:00:00.000Z");
  });

  it("leaves the drip where exitWhen is met, and what follows is not there", async () => {
    const { lines, end, exitReason } = await timetable(
      file([says("Een"), says("Twee", "4d"), says("Drie", "1d")], {
        exitWhen: [{ not: { field: "created_at", op: "within_days", value: 3 } }],
      }),
    );
    expect(lines).toEqual([
      ["2026-11-27T09:00:00.000Z", "sent", "Een"],
      ["2026-12-01T09:00:00.000Z", "leaves", "exited"],
    ]);
    expect({ end, exitReason }).toEqual({ end: "dropped", exitReason: "exited" });
  });

  it("waits for quiet hours to end, and counts on from there", async () => {
    const { lines } = await timetable(
      file([says("Laat", "13h"), says("Daarna", "1h")], { settings: { quietHours: ["22:00", "08:00"] } }),
    );
    expect(lines.map(([at]) => at)).toEqual(["2026-11-28T07:00:00.000Z", "2026-11-28T08:00:00.000Z"]);
  });

  it("skips text outside the service window of a whatsapp-cloud sender, not within it", async () => {
    const sender = await makeSender(s.database, s.organization, {
      name: "cloud",
      provider: "whatsapp-cloud",
    });
    await s.query("update contacts set last_inbound_at = $2 where id = $1", [contact.id, NOW]);
    const { lines } = await timetable(
      file([says("Binnen"), says("Net binnen", "23h"), says("Erbuiten", "1h")], { sender: sender.name }),
    );
    expect(lines.map(([, ...rest]) => rest)).toEqual([
      ["sent", "Binnen"],
      ["sent", "Net binnen"],
      ["skipped", "outside_service_window"],
    ]);
  });

  it.each([
    ["opted out", "opted_out_at = adsapp_now(), opt_out_source = 'test'", "opted_out"],
    ["blocked", "blocked_at = adsapp_now()", "blocked"],
  ])("says why a contact that is %s would not enter", async (_what, change, reason) => {
    await s.query(`update contacts set ${change} where id = $1`, [contact.id]);
    expect(await timetable(file([says("Hoi")]))).toMatchObject({ refused: reason, steps: [], end: null });
  });

  it("shows who is in it the steps to come, and refuses who was in it", async () => {
    const made = await makeDrip(s.database, s.organization, { steps: [{}, { days: 2 }, { days: 5 }] });
    const entered = await makeEnrollments(s.database, made, [contact]);
    await settleSteps(s.database, entered, "sent", { at: new Date("2026-11-27T08:59:59.123Z") });
    const { lines, warnings } = await timetable(made, undefined);
    expect(lines).toEqual([
      ["2026-11-29T08:59:59.123Z", "sent", "Stap 2"],
      ["2026-12-04T08:59:59.123Z", "sent", "Stap 3"],
    ]);
    expect(warnings.join()).toContain("in it since");
    await s.query(
      "update drip_enrollments set status = 'dropped', exit_reason = 'unenrolled' where id = $1",
      [entered[0]?.id],
    );
    expect(await timetable(made)).toMatchObject({ refused: "was_enrolled", steps: [] });
  });

  it("takes a message under way as sent, and times of microseconds as they are", async () => {
    const made = await makeDrip(s.database, s.organization, { steps: [{}, { hours: 1 }, { hours: 1 }] });
    const entered = await makeEnrollments(s.database, made, [contact]);
    await settleSteps(s.database, entered, "dispatching", { at: NOW });
    await s.query(
      "update drip_message_logs set dispatched_at = dispatched_at + interval '1 microsecond' where enrollment_id = $1",
      [entered[0]?.id],
    );
    expect((await timetable(made)).lines.map(([at]) => at)).toEqual([
      "2026-11-27T10:00:00.000Z",
      "2026-11-27T11:00:00.000Z",
    ]);
  });

  it("puts a newcomer on the first day with room, beside those who are planned already", async () => {
    const made = await makeDrip(s.database, s.organization, {
      settings: { maxContactsPerDay: 1 },
      steps: [{}],
    });
    await makeEnrollments(s.database, made, await makeContacts(s.database, s.organization, 2));
    expect((await timetable(made)).lines.map(([at]) => at)).toEqual(["2026-11-29T09:00:00.000Z"]);
  });

  it("resumes a paused drip: what waited moves by the pause, as it will", async () => {
    const made = await makeDrip(s.database, s.organization, { steps: [{ hours: 2 }] });
    const [entered] = await makeEnrollments(s.database, made, [contact]);
    await s.query("update drip_enrollments set next_message_at = $2 where id = $1", [
      entered?.id,
      "2026-11-27T11:00Z",
    ]);
    await s.query("update drip_campaigns set status = 'paused' where id = $1", [made.id]);
    await s.query("update drip_campaigns set paused_at = $2 where id = $1", [made.id, NOW]);
    await s.query("update drip_message_logs set created_at = $2 where campaign_id = $1", [made.id, NOW]);
    const { lines, warnings } = await timetable(made, new Date("2026-11-28T09:00Z"));
    expect(lines.map(([at]) => at)).toEqual(["2026-11-28T11:00:00.000Z"]);
    expect(warnings.join()).toContain("paused");
  });

  it("works for a draft, as if it were active, and for viewers", async () => {
    const made = await makeDrip(s.database, s.organization, { status: "draft", steps: [{ text: "Hoi" }] });
    const { lines, warnings } = await timetable(made, NOW, s.organization.viewerId);
    expect(lines).toEqual([[NOW.toISOString(), "sent", "Hoi"]]);
    expect(warnings.join()).toContain("the drip is draft");
  });

  it("ends where a message would wait for ever: hours that are open only while they are quiet", async () => {
    const hours = (of: object) =>
      s.query("update organizations set business_hours = $2 where id = $1", [
        s.organization.id,
        JSON.stringify(of),
      ]);
    await hours({ mon: [["09:00", "17:00"]] });
    const settings = { respectBusinessHours: true, quietHours: ["00:00", "23:59"] };
    expect(await timetable(file([says("Nooit")], { settings }))).toMatchObject({ steps: [], end: "active" });
    await hours({});
  });
});
