import { describe, expect, it } from "vitest";
import { broadcastInput } from "../../src/campaigns/definition.ts";
import { minutesAfter, type World } from "../sending/setup.ts";
import { campaign, DAY, HOUR, runTick, s, started, usePlans } from "./plans.ts";

usePlans();

describe("a recurring campaign at each contact's local time", () => {
  const scheduling = { type: "recurring", cron: "0 12 * * *", timezone: "contact" };
  const times = async (w: World, id: string) =>
    (
      await w.rows<{ timezone: string; at: Date | null; status: string }>(
        `select c.timezone, coalesce(j.dispatched_at, j.next_attempt_at) as at, j.status
           from bulk_message_jobs j join contacts c on c.id = j.contact_id where j.campaign_id = $1 order by at, c.timezone`,
        [id],
      )
    ).map(({ timezone, at, status }) => [timezone, at?.toISOString().slice(0, 16), status]);
  const people = async (w: World, ...timezones: string[]) => {
    for (const timezone of timezones) await w.contacts(1, { timezone });
  };

  it("begins where the day begins first, and reaches each at theirs; the next one follows it", async () => {
    const w = await s.world();
    await people(w, "Europe/Athens", "Europe/Amsterdam", "America/New_York");
    const id = await started(w, { scheduling });
    expect(await campaign(w, id)).toMatchObject({ status: "scheduled", scheduledAt: minutesAfter(HOUR) });
    s.at(minutesAfter(HOUR));
    await runTick(w);
    const first = "2026-11-27T";
    expect(await times(w, id)).toEqual([
      ["Europe/Athens", `${first}10:00`, "sent"],
      ["Europe/Amsterdam", `${first}11:00`, "pending"],
      ["America/New_York", `${first}17:00`, "pending"],
    ]);
    for (const hours of [2, 8]) {
      s.at(minutesAfter(hours * HOUR));
      await runTick(w);
    }
    expect((await times(w, id)).map(([, , status]) => status)).toEqual(["sent", "sent", "sent"]);
    expect(await campaign(w, id)).toMatchObject({
      status: "scheduled",
      scheduledAt: minutesAfter(DAY + HOUR),
    });
    s.at(minutesAfter(DAY + HOUR));
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(6);
  });

  it("reaches nobody twice for one local time, though the first zone is another one by then", async () => {
    const w = await s.world();
    await people(w, "Asia/Tokyo", "Europe/Amsterdam");
    s.at(minutesAfter(-12 * HOUR));
    const id = await started(w, { scheduling });
    expect((await campaign(w, id)).scheduledAt).toEqual(new Date("2026-11-27T03:00:00Z"));
    s.at(minutesAfter(2 * HOUR));
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(2);
    await w.rows("update contacts set timezone = 'Europe/Amsterdam' where organization_id = $1", [
      w.organization.id,
    ]);
    s.at(minutesAfter(20 * HOUR)); // noon of the day after in Tokyo: nobody lives there any more
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(2);
    expect(await campaign(w, id)).toMatchObject({
      status: "scheduled",
      scheduledAt: minutesAfter(DAY + 2 * HOUR),
    });
    s.at(minutesAfter(DAY + 2 * HOUR));
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(4);
  });

  it("keeps the local time where a zone is new in front; who is past it gets it at once", async () => {
    const w = await s.world();
    await people(w, "Europe/Amsterdam");
    const id = await started(w, { scheduling });
    await people(w, "Asia/Tokyo");
    s.at(minutesAfter(2 * HOUR));
    await runTick(w);
    expect((await times(w, id)).map(([zone, , status]) => [zone, status])).toEqual([
      ["Asia/Tokyo", "sent"],
      ["Europe/Amsterdam", "sent"],
    ]);
    expect((await w.run({ id })).definition).toMatchObject({ localTime: "2026-11-27T12:00:00" });
    expect((await campaign(w, id)).scheduledAt).toEqual(new Date("2026-11-28T03:00:00Z"));
  });

  it("ends after the last local time before endsAt, which has no offset", async () => {
    const w = await s.world();
    await people(w, "Europe/Athens", "America/New_York");
    const id = await started(w, { scheduling: { ...scheduling, endsAt: "2026-11-27T12:00" } });
    for (const hours of [1, 8]) {
      s.at(minutesAfter(hours * HOUR));
      await runTick(w);
    }
    expect(await campaign(w, id)).toMatchObject({ status: "completed" });
    expect(await w.jobs({ id })).toHaveLength(2);
    expect(() =>
      broadcastInput.parse({
        name: "x",
        targetAudience: { type: "all" },
        message: { type: "text", text: "Hoi" },
        scheduling: { ...scheduling, endsAt: "2026-11-27T12:00+01:00" },
      }),
    ).toThrow("a contact's local time has no offset");
  });
});

describe("the contact's local time", () => {
  const scheduling = { type: "scheduled", scheduledAt: "2026-11-28T10:00", timezone: "contact" };

  it("is when each gets it; where it has gone by, at once", async () => {
    const w = await s.world();
    await w.contacts(1, { timezone: "Asia/Tokyo" });
    await w.contacts(1);
    await w.contacts(1, { timezone: "America/New_York" });
    const id = await started(w, { scheduling });
    expect(await campaign(w, id)).toMatchObject({
      status: "scheduled",
      scheduledAt: new Date("2026-11-28T01:00:00Z"),
    });
    const sentAt = async (time: string) => {
      s.at(new Date(time));
      await runTick(w);
      return (
        await w.rows("select 1 from bulk_message_jobs where campaign_id = $1 and sent_at is not null", [id])
      ).length;
    };
    expect(await sentAt("2026-11-28T00:59:00Z")).toBe(0);
    expect(await sentAt("2026-11-28T01:00:00Z")).toBe(1);
    expect(await sentAt("2026-11-28T08:59:00Z")).toBe(1);
    expect(await sentAt("2026-11-28T09:00:00Z")).toBe(2);
    expect((await campaign(w, id)).status).toBe("running");
    expect(await sentAt("2026-11-28T15:01:00Z")).toBe(3);
    expect((await campaign(w, id)).status).toBe("completed");
  });

  it("has no offset, and goes with a time or a plan", () => {
    const fault = (given: object) =>
      broadcastInput
        .safeParse({
          name: "x",
          targetAudience: { type: "all" },
          message: { type: "text", text: "x" },
          scheduling: given,
        })
        .error?.issues.map(({ message }) => message);
    expect(fault({ ...scheduling, scheduledAt: "2026-11-28T10:00Z" })).toEqual([
      "a contact's local time has no offset",
    ]);
    expect(fault({ type: "immediate", timezone: "contact" })).toEqual([
      "timezone: contact goes with type: scheduled, or recurring",
    ]);
    expect(fault({ type: "recurring", cron: "0 1 * * *", timezone: "contact" })).toBeUndefined();
    expect(fault({ type: "recurring", cron: "often" })).toEqual([
      'write five fields, minute to day of the week, such as "0 10 * * MON"',
    ]);
    expect(fault({ type: "recurring" })).toEqual([
      'a recurring broadcast needs cron, such as "0 10 * * MON"',
    ]);
  });
});
