import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { latestOccurrence, nextOccurrence } from "../../src/campaigns/cron.ts";
import { broadcastInput } from "../../src/campaigns/definition.ts";
import { expandRuns } from "../../src/campaigns/expand.ts";
import { saveCampaign } from "../../src/campaigns/save.ts";
import { showCampaign } from "../../src/campaigns/show.ts";
import { startCampaign } from "../../src/campaigns/start.ts";
import { resumeCampaign } from "../../src/campaigns/transitions.ts";
import { operator } from "../../src/db/identity.ts";
import { tick } from "../../src/tick/tick.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "../sending/setup.ts";
import { makeTemplate } from "../support/factories.ts";

let s: Setup;
let folder: string;

beforeAll(async () => {
  s = await setup();
  folder = mkdtempSync(join(tmpdir(), "adsapp-plans-"));
});

beforeEach(() => s.at(NOW));

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
  rmSync(folder, { recursive: true });
});

const asAdmin = <T>(w: World, work: Parameters<typeof s.database.transaction<T>>[1]) =>
  s.database.transaction(operator(w.organization.profileId), work);

/** A draft to everyone, saved and started. @returns its id */
async function started(w: World, given: object): Promise<string> {
  const definition = broadcastInput.parse({
    name: "Sale",
    targetAudience: { type: "all" },
    message: { type: "text", text: "Hoi" },
    ...given,
  });
  const { id } = await asAdmin(w, (tx) => saveCampaign(tx, w.organization.id, definition));
  await startCampaign(s.database, operator(w.organization.profileId), w.organization.id, id);
  return id;
}

const runTick = (w: World) =>
  tick({
    database: s.database,
    env: {},
    leaseSeconds: 30,
    budgetSeconds: 20,
    organizationId: w.organization.id,
    stopping: new AbortController().signal,
    aborting: new AbortController().signal,
    logFile: join(folder, "messages.log"),
  });

const campaign = async (w: World, id: string) => w.campaign({ id });
const HOUR = 60;
const DAY = 24 * HOUR;

describe("an A/B test", () => {
  const variants = [
    { name: "A", weight: 60 },
    { name: "B", weight: 40, message: { text: "Hallo {{ contact.first_name }}" } },
  ];

  it("gives each person the message of one variant, and nothing to those held out; they are counted", async () => {
    const w = await s.world();
    await w.contacts(300);
    await w.contacts(5, { optedOutAt: NOW });
    const id = await started(w, { variants, settings: { holdout: 10 } });
    const before = await w.jobs({ id });
    await runTick(w);
    const sent = await w.rows<{ variant: string; body: string; name: string }>(
      `select j.variant, m.body, c.first_name as name from bulk_message_jobs j join messages m on m.bulk_message_job_id = j.id
         join contacts c on c.id = j.contact_id where j.campaign_id = $1`,
      [id],
    );
    expect(
      sent.filter(({ variant, body, name }) => body !== (variant === "A" ? "Hoi" : `Hallo ${name}`)),
    ).toEqual([]);
    expect(new Set(sent.map(({ variant }) => variant))).toEqual(new Set(["A", "B"]));
    expect(before.filter((job) => job.status === "skipped" && job.variant !== null)).toEqual([]);
    const shown = await asAdmin(w, (tx) => showCampaign(tx, w.organization.id, id));
    const { holdout = 0, opted_out } = shown.skipReasons;
    expect(opted_out).toBe(5);
    expect(holdout).toBeGreaterThan(10);
    expect(holdout).toBeLessThan(60);
    expect(shown.byVariant.map(({ name }) => name)).toEqual(["A", "B"]);
    expect(shown.byVariant.reduce((sum, each) => sum + each.sent, 0)).toBe(300 - holdout);
    expect(shown.status).toBe("completed");
  });

  it("sends the template of the variant, as it was at the start", async () => {
    const w = await s.world();
    await makeTemplate(s.database, w.organization, { name: "lang", body: "Lang {{1}}" });
    await makeTemplate(s.database, w.organization, { name: "kort", body: "Kort" });
    await w.contacts(40);
    const id = await started(w, {
      type: "notification",
      message: { type: "template", template: "lang", language: "nl", variables: { "1": "x" } },
      variants: [
        { name: "A", weight: 1 },
        { name: "B", weight: 1, message: { template: "kort", variables: {} } },
      ],
    });
    await w.rows(
      "update message_templates set components = '[]' where organization_id = $1 and name = 'kort'",
      [w.organization.id],
    );
    await runTick(w);
    const texts = await w.rows<{ variant: string; body: string }>(
      "select distinct j.variant, m.body from bulk_message_jobs j join messages m on m.bulk_message_job_id = j.id where j.campaign_id = $1 order by 1",
      [id],
    );
    expect(texts).toEqual([
      { variant: "A", body: "Lang x" },
      { variant: "B", body: "Kort" },
    ]);
    expect((await w.run({ id })).marketing).toBe(true); // by the variants' category
  });

  it("says which variant cannot be sent", async () => {
    const w = await s.world();
    const broken = [
      { name: "A", weight: 1 },
      { name: "B", weight: 1, message: { type: "template", template: "none" } },
    ];
    await expect(started(w, { variants: broken })).rejects.toThrow(
      'variant B: template "none" (nl) does not exist',
    );
    const twice = broadcastInput.safeParse({
      name: "x",
      targetAudience: { type: "all" },
      message: { type: "text", text: "x" },
      variants: [
        { name: "A", weight: 1 },
        { name: "A", weight: 0, message: { text: "" } },
      ],
    });
    expect(twice.error?.issues.map(({ path }) => path.join("."))).toEqual([
      "variants.1.weight",
      "variants.1.name",
    ]);
  });
});

describe("adsapp_share", () => {
  it("parts people evenly, the same way each time, by campaign and by purpose alike", async () => {
    const w = await s.world();
    const shares = (of: string, salt: string) =>
      w.rows<{ low: number; same: boolean; least: number; most: number }>(
        `select count(*) filter (where x.share < $3)::int as low, bool_and(x.share = adsapp_share($1::uuid, x.id, $2)) as same, min(x.share) as least, max(x.share) as most
           from (select g.id, adsapp_share($1::uuid, g.id, $2) as share from (select md5($1 || n::text)::uuid as id from generate_series(1, 4000) n) g) x`,
        [of, salt, 0.3],
      );
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.constantFrom("variant", "holdout"), async (id, salt) => {
        const [row] = await shares(id, salt);
        expect(row?.same).toBe(true);
        expect(Math.abs((row?.low ?? 0) - 1200)).toBeLessThan(6 * Math.sqrt(4000 * 0.3 * 0.7)); // one in 500 million misses
        expect(row?.least).toBeGreaterThanOrEqual(0);
        expect(row?.most).toBeLessThan(1);
      }),
      { numRuns: 20 },
    );
    const [known] = await w.rows<{ share: number }>(
      "select adsapp_share('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 'variant') as share",
    );
    expect(known?.share).toMatchInlineSnapshot(`0.4343377212536357`); // for ever: a person stays in the variant
  });
});

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

  it("has no offset, and goes with one time only", () => {
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
    expect(fault({ type: "recurring", cron: "0 1 * * *", timezone: "contact" })).toEqual([
      "timezone: contact goes with type: scheduled",
    ]);
    expect(fault({ type: "recurring", cron: "often" })).toEqual([
      'write five fields, minute to day of the week, such as "0 10 * * MON"',
    ]);
    expect(fault({ type: "recurring" })).toEqual([
      'a recurring broadcast needs cron, such as "0 10 * * MON"',
    ]);
  });
});

it("the same person is given the same variant at a second expansion", async () => {
  const w = await s.world();
  await w.contacts(60);
  const variants = [
    { name: "A", weight: 1 },
    { name: "B", weight: 2 },
    { name: "C", weight: 1, message: { text: "C" } },
  ];
  const id = await started(w, { variants, settings: { holdout: 20 } });
  const given = () =>
    w.rows(
      "select contact_id, variant, skip_reason from bulk_message_jobs where campaign_id = $1 order by contact_id",
      [id],
    );
  const first = await given();
  const second = await w.rows(
    `select c.id as contact_id, case when adsapp_share($1, c.id, 'holdout') >= 0.2 then (array['A', 'B', 'C'])[1 + width_bucket(adsapp_share($1, c.id, 'variant'), array[0.25, 0.75])] end as variant,
            case when adsapp_share($1, c.id, 'holdout') < 0.2 then 'holdout' end as skip_reason
       from contacts c where c.organization_id = $2 order by c.id`,
    [id, w.organization.id],
  );
  expect(second).toEqual(first);
  expect(await expandRuns(s.database, { campaignId: id })).toEqual({ jobs: 0, skipped: 0 });
  await runTick(w);
});
