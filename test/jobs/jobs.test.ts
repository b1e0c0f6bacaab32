import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { findJob, listJobs } from "../../src/jobs/find.ts";
import { reasonOf } from "../../src/jobs/job.ts";
import { minutesAfter, type Setup, setup, type World } from "../sending/setup.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";

let s: Setup;
let w: World;

beforeAll(async () => {
  s = await setup();
  w = await s.world();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const list = (filter: Partial<Parameters<typeof listJobs>[2]> = {}, of = w) =>
  s.database.transaction(operator(of.organization.profileId), (tx) =>
    listJobs(tx, of.organization.id, { limit: 50, ...filter }),
  );
const show = (id: string, of = w) =>
  s.database.transaction(operator(of.organization.profileId), (tx) => findJob(tx, of.organization.id, id));

describe("single messages", () => {
  it("are listed with why each is where it is, and filtered", async () => {
    const campaign = await w.broadcast({
      states: { sent: 1, delivered: 1, failed: 1, skipped: 1, unknown: 1, waiting: 1, pending: 2 },
    });
    const all = await list({ campaignId: campaign.id });
    expect(all.map(({ status }) => status)).toEqual([
      "sent",
      "delivered",
      "failed",
      "skipped",
      "unknown",
      "pending",
      "pending",
      "pending",
    ]);
    expect(all.map(({ reason }) => reason)).toEqual([
      "",
      "",
      "131000: Something went wrong",
      "opted_out",
      "nobody knows whether it went out: timeout",
      "waits after 131016: Service unavailable",
      "",
      "",
    ]);
    const ids = async (filter: object) =>
      (await list({ campaignId: campaign.id, ...filter })).map(({ id }) => id);
    expect(await ids({ status: "unknown" })).toEqual([campaign.jobs[4]?.id]);
    expect(await ids({ errorCode: "131000" })).toEqual([campaign.jobs[2]?.id]);
    expect(await ids({ contactId: campaign.jobs[1]?.contactId })).toEqual([campaign.jobs[1]?.id]);
    expect(await ids({ limit: 3 })).toEqual(campaign.jobs.slice(0, 3).map(({ id }) => id));
  });

  it("of drips stand beside those of broadcasts", async () => {
    const mine = await s.world();
    const [contact] = await makeContacts(s.database, mine.organization, 1);
    const drip = await makeDrip(s.database, mine.organization, { name: "Lead" });
    await makeEnrollments(s.database, drip, [contact as { id: string }]);
    await mine.broadcast({ contacts: [contact as { id: string }] });
    const both = await list({ contactId: contact?.id }, mine);
    expect(both.map(({ kind, step }) => [kind, step])).toEqual([
      ["campaign", null],
      ["drip", 1],
    ]);
    expect((await list({ dripId: drip.id }, mine)).map(({ campaign }) => campaign)).toEqual(["Lead"]);
  });

  it("of another organization are not found, by no id of theirs", async () => {
    const theirs = await s.world();
    const { jobs } = await theirs.broadcast({ states: { sent: 1 } });
    for (const id of [
      jobs[0]?.id as string,
      `wamid.${jobs[0]?.messageId}`,
      "5f0c6f0e-6a4b-4f0e-9d5e-0a8a3f1f2b11",
    ])
      await expect(show(id)).rejects.toMatchObject({ exitCode: 4, message: `message "${id}" not found` });
    expect((await show(`wamid.${jobs[0]?.messageId}`, theirs)).id).toBe(jobs[0]?.id);
  });
});

describe("what comes next for a message", () => {
  const nextOf = async (states: object, change = "select 1", given: object = {}) => {
    const mine = await s.world();
    const campaign = await mine.broadcast({ states, ...given });
    await mine.rows(change.replace("$", `'${campaign.id}'`));
    const { next, nextAt } = await show(campaign.jobs[0]?.id as string, mine);
    return { next, nextAt };
  };

  it("is its turn, or its time", async () => {
    expect((await nextOf({ pending: 1 })).next).toBe("attempt 1 of 3, when its turn comes");
    const waiting = await nextOf({ waiting: 1 });
    expect(waiting).toEqual({ next: "attempt 2 of 3", nextAt: expect.any(Date) });
  });

  it.each([
    [
      "update bulk_campaigns set status = 'paused', pause_reason = 'wrong price' where id = $",
      "waits while its campaign is paused: wrong price",
    ],
    [
      "update senders set state = 'halted', halt_reason = '190: expired' where id = (select sender_id from bulk_campaigns where id = $)",
      'waits while its sender "main" is halted: 190: expired (adsapp sender resume)',
    ],
    [
      "update senders set state = 'slowed', rate_factor = 0.5, slowed_at = adsapp_now(), full_rate_at = adsapp_now() + interval '1 hour', rests_until = adsapp_now() + interval '10 minutes' where id = (select sender_id from bulk_campaigns where id = $)",
      'sent when its sender "main" has rested',
    ],
    [
      "update organizations set paused_at = adsapp_now() where id = (select organization_id from bulk_campaigns where id = $)",
      "waits while the organization is paused (adsapp org resume)",
    ],
  ])("is what a person or the clock has to end: %#", async (change, next) => {
    expect((await nextOf({ pending: 1 }, change)).next).toBe(next);
  });

  it("is the proof, from holdMinutes after the dispatch on, or a person", async () => {
    const open = await nextOf({ unknown: 1 }, "select 1", { ago: "0" });
    expect(open.next).toMatch(/^sent again once later messages have their status/);
    expect(open.nextAt?.getTime()).toBeGreaterThanOrEqual(minutesAfter(10).getTime());
    expect(open.nextAt?.getTime()).toBeLessThan(minutesAfter(11).getTime());
    const held = await nextOf({ unknown: 1 }, "select 1", { settings: { onUnknown: "hold" } });
    expect(held).toEqual({ next: expect.stringContaining("waits for a person"), nextAt: null });
  });

  it("is nothing for what failed, unless a person wants it tried again", async () => {
    expect((await nextOf({ failed: 1 })).next).toContain("--failed)");
    const change = "update bulk_message_jobs set error_code = '131026' where campaign_id = $";
    expect((await nextOf({ failed: 1 }, change)).next).toBe("nothing");
  });

  it("is told of a drip's step as well, held or not", async () => {
    const mine = await s.world();
    const drip = await makeDrip(s.database, mine.organization, { settings: { onUnknown: "hold" } });
    const people = await makeEnrollments(s.database, drip, await mine.contacts(1));
    await settleSteps(s.database, people, "unknown", { at: minutesAfter(1) });
    const [log] = await list({ dripId: drip.id, status: "unknown" }, mine);
    expect(log).toMatchObject({ status: "unknown", isHeld: true });
    expect(reasonOf(log as NonNullable<typeof log>)).toContain("nobody knows");
  });

  it("comes with what was accepted of it", async () => {
    const campaign = await w.broadcast({ states: { read: 1 } });
    const { messages } = await show(campaign.jobs[0]?.id as string);
    expect(messages).toMatchObject([
      { attempt: 1, providerMessageId: `wamid.${campaign.jobs[0]?.messageId}`, status: "read" },
    ]);
  });
});
