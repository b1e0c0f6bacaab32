import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latestOccurrence, nextOccurrence } from "../../src/campaigns/cron.ts";
import { broadcastInput } from "../../src/campaigns/definition.ts";
import { pauseCampaign, resumeCampaign } from "../../src/campaigns/transitions.ts";
import { wakeCampaigns } from "../../src/campaigns/wake.ts";
import { operator } from "../../src/db/identity.ts";
import type { Person } from "../../src/jobs/resolve.ts";
import { retryable, retryFailed } from "../../src/jobs/retry.ts";
import { completeCampaigns } from "../../src/sending/rescue.ts";
import { minutesAfter, type World } from "../sending/setup.ts";
import { asAdmin, campaign, DAY, HOUR, runTick, s, started, usePlans } from "./plans.ts";

usePlans();

describe("a recurring campaign", () => {
  const scheduling = { type: "recurring", cron: "0 12 * * *", timezone: "Europe/Amsterdam" };

  it("is scheduled between two occurrences, and reaches who is there at each", async () => {
    const w = await s.world();
    await w.contacts(2);
    const id = await started(w, { scheduling });
    expect(await campaign(w, id)).toMatchObject({ status: "scheduled", scheduledAt: minutesAfter(2 * HOUR) });
    await runTick(w);
    expect(await w.jobs({ id })).toEqual([]);
    s.at(minutesAfter(2 * HOUR));
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(2);
    expect(await campaign(w, id)).toMatchObject({
      status: "scheduled",
      scheduledAt: minutesAfter(DAY + 2 * HOUR),
      completedAt: null,
    });
    await w.contacts(1);
    s.at(minutesAfter(DAY + 2 * HOUR + 1));
    await runTick(w);
    const jobs = await w.jobs({ id });
    expect(jobs.map(({ status }) => status)).toEqual(Array(5).fill("sent"));
    expect(new Set(jobs.map(({ occurrence }) => (occurrence as Date).toISOString()))).toEqual(
      new Set(["2026-11-27T11:00:00.000Z", "2026-11-28T11:00:00.000Z"]),
    );
  });

  it("runs only the latest of those that were missed", async () => {
    const w = await s.world();
    await w.contacts(1);
    const id = await started(w, { scheduling });
    s.at(minutesAfter(3 * DAY + 3 * HOUR));
    await runTick(w);
    expect(await w.jobs({ id })).toMatchObject([
      { occurrence: new Date("2026-11-30T11:00:00Z"), status: "sent" },
    ]);
    expect(await campaign(w, id)).toMatchObject({
      status: "scheduled",
      scheduledAt: new Date("2026-12-01T11:00:00Z"),
    });
  });

  it("waits while the occurrence before has open rows, which is not its lateness", async () => {
    const w = await s.world();
    await w.contacts(1);
    const id = await started(w, { scheduling, settings: { maxLateness: "1h" } });
    s.at(minutesAfter(2 * HOUR));
    await w.rows(
      "update senders set state = 'halted', halt_reason = 'x', halted_at = adsapp_now() where organization_id = $1",
      [w.organization.id],
    );
    await runTick(w);
    expect(await campaign(w, id)).toMatchObject({ status: "running" });
    s.at(minutesAfter(DAY + 2 * HOUR + 30));
    await w.rows(
      "update senders set state = 'active', halt_reason = null, halted_at = null where organization_id = $1",
      [w.organization.id],
    );
    await w.rows("update bulk_campaigns set running_since = adsapp_now() where id = $1", [id]);
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(1);
    s.at(minutesAfter(DAY + 3 * HOUR + 20));
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(2);
  });

  it("that is found too late pauses, and a person's word runs it", async () => {
    const w = await s.world();
    await w.contacts(1);
    const id = await started(w, { scheduling });
    s.at(minutesAfter(DAY));
    await runTick(w);
    expect(await campaign(w, id)).toMatchObject({
      status: "paused",
      pauseReason: "later than maxLateness: it was due at 2026-11-27T11:00:00Z",
    });
    await asAdmin(w, (tx) => resumeCampaign(tx, w.organization.id, id));
    await runTick(w);
    expect(await w.jobs({ id })).toMatchObject([{ status: "sent" }]);
  });

  it("ends after its last occurrence, and does not start where there is none", async () => {
    const w = await s.world();
    await w.contacts(1);
    const id = await started(w, { scheduling: { ...scheduling, endsAt: "2026-11-28T00:00" } });
    s.at(minutesAfter(2 * HOUR));
    await runTick(w);
    expect(await campaign(w, id)).toMatchObject({ status: "completed", nextOccurrenceAt: null });
    const past = { ...scheduling, endsAt: "2026-11-27T10:00" };
    await expect(started(w, { name: "Past", scheduling: past })).rejects.toThrow("it would never run");
  });

  it("with a cron that SQL wrote and nobody can read pauses, and stops no other campaign", async () => {
    const w = await s.world();
    await w.contacts(1);
    const id = await started(w, { scheduling });
    const other = await started(w, { name: "Other", scheduling });
    await w.rows(`update bulk_campaigns set scheduling = scheduling || '{"cron": "never"}' where id = $1`, [
      id,
    ]);
    s.at(minutesAfter(2 * HOUR));
    await runTick(w);
    expect((await campaign(w, id)).pauseReason).toMatch(/^its cron cannot be read: /);
    expect(await w.jobs({ id: other })).toHaveLength(1);
  });
});

describe("a recurring campaign's messages that failed", () => {
  const scheduling = { type: "recurring", cron: "0 12 * * *", timezone: "Europe/Amsterdam" };
  const person = (w: World) => operator(w.organization.profileId) as Person;
  const retry = (w: World, id: string) => retryFailed(s.database, person(w), w.organization.id, id);
  const ask = (w: World, id: string) => asAdmin(w, (tx) => retryable(tx, w.organization.id, id));
  const tomorrow = minutesAfter(DAY + 2 * HOUR);

  /** After its first occurrence: one of two was sent, the other failed. */
  async function ranOnce(given: object = {}) {
    const w = await s.world();
    await w.contacts(2);
    const id = await started(w, { scheduling, ...given });
    s.at(minutesAfter(2 * HOUR));
    await runTick(w);
    const [, job] = await w.jobs({ id });
    await w.rows(
      "update messages set status = 'failed', failed_at = adsapp_now(), error_code = '131000' where bulk_message_job_id = $1",
      [job?.id],
    );
    return { w, id, jobId: job?.id as string };
  }

  it("are tried again between two occurrences; then it waits for the next one as before", async () => {
    const { w, id, jobId } = await ranOnce();
    expect(await campaign(w, id)).toMatchObject({ status: "scheduled", scheduledAt: tomorrow });
    expect(await ask(w, id)).toMatchObject({ failed: 1, permanent: 0 });
    expect(await retry(w, id)).toMatchObject({ status: "running", retried: 1, reopened: true });
    expect(await retry(w, id)).toMatchObject({ status: "running", retried: 0, reopened: false });
    s.at(minutesAfter(3 * HOUR));
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "sent", attempts: 2 });
    expect(await w.jobs({ id })).toHaveLength(2);
    expect(await campaign(w, id)).toMatchObject({ status: "scheduled", scheduledAt: tomorrow });
    s.at(tomorrow);
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(4);
  });

  it("of an occurrence before the last one too, and the one that is due meanwhile waits for them", async () => {
    const { w, id, jobId } = await ranOnce();
    s.at(tomorrow);
    await runTick(w);
    s.at(minutesAfter(2 * DAY + HOUR));
    await retry(w, id);
    s.at(minutesAfter(2 * DAY + 2 * HOUR));
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "sent" });
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(6);
  });

  it("after its last occurrence reopen it, and it ends again", async () => {
    const { w, id, jobId } = await ranOnce({ scheduling: { ...scheduling, endsAt: "2026-11-28T00:00" } });
    expect(await campaign(w, id)).toMatchObject({ status: "completed" });
    expect(await retry(w, id)).toMatchObject({ status: "running", retried: 1 });
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "sent" });
    expect(await campaign(w, id)).toMatchObject({ status: "completed" });
  });

  it("while a person has paused it go out when it is resumed", async () => {
    const { w, id, jobId } = await ranOnce();
    await asAdmin(w, (tx) => pauseCampaign(tx, w.organization.id, id));
    expect(await retry(w, id)).toMatchObject({ status: "paused", retried: 1, reopened: false });
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "pending" });
    await asAdmin(w, (tx) => resumeCampaign(tx, w.organization.id, id));
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "sent" });
    expect(await campaign(w, id)).toMatchObject({ status: "scheduled", scheduledAt: tomorrow });
  });

  it("are none before its first occurrence", async () => {
    const w = await s.world();
    await w.contacts(1);
    const id = await started(w, { scheduling });
    await expect(ask(w, id)).rejects.toThrow('campaign "Sale" is scheduled: only one that');
  });

  it("and its next occurrence is not taken for done by a tick beside the one that begins it", async () => {
    const { w, id } = await ranOnce();
    s.at(tomorrow);
    await wakeCampaigns(s.database, w.organization.id);
    await completeCampaigns(s.database, w.organization.id);
    expect(await campaign(w, id)).toMatchObject({ status: "running" });
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(4);
  });
});

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

describe("a plan", () => {
  it("keeps local time over a change of clocks", () => {
    const plan = { cron: "0 10 * * *", timezone: "Europe/Amsterdam", endsAt: null };
    expect(nextOccurrence(plan, new Date("2026-10-24T08:00:00Z"))).toEqual(new Date("2026-10-25T09:00:00Z"));
    expect(latestOccurrence(plan, new Date("2026-10-25T09:00:00Z"))).toEqual(
      new Date("2026-10-25T09:00:00Z"),
    );
  });

  it("has its latest instant not after a time, its next one after it, and none between", () => {
    const crons = fc.constantFrom("0 10 * * *", "*/15 * * * *", "30 9 * * MON", "0 0 1 * *");
    const times = fc.integer({ min: 1_767_225_600, max: 1_830_297_600 });
    fc.assert(
      fc.property(crons, times, (cron, seconds) => {
        const plan = { cron, timezone: "Europe/Amsterdam", endsAt: null };
        const at = new Date(seconds * 1000);
        const latest = latestOccurrence(plan, at);
        const next = nextOccurrence(plan, at) as Date;
        expect(latest.getTime()).toBeLessThanOrEqual(at.getTime());
        expect(next.getTime()).toBeGreaterThan(at.getTime());
        expect(nextOccurrence(plan, latest)).toEqual(next);
      }),
    );
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
