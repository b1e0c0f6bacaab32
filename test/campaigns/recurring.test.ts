import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latestOccurrence, nextOccurrence } from "../../src/campaigns/cron.ts";
import { resumeCampaign } from "../../src/campaigns/transitions.ts";
import { minutesAfter } from "../sending/setup.ts";
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
