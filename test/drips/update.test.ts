import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { operator, owner } from "../../src/db/identity.ts";
import type { DripDefinition } from "../../src/drips/definition.ts";
import { saveDrip } from "../../src/drips/save.ts";
import { activateDrip, archiveDrip } from "../../src/drips/transitions.ts";
import { migrateActive, updateDrip } from "../../src/drips/update.ts";
import { enrollmentsOf, logsOf, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { until } from "../support/until.ts";
import { days, drip, type Setup, says, setup } from "./setup.ts";

let s: Setup;
let name: string;
let id: string;
let n = 0;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main" });
  await makeSender(s.database, s.organization, { name: "second" });
});

afterAll(() => s.end());

beforeEach(async () => {
  name = `Leads ${++n}`;
  id = await s.asAdmin(async (tx) => {
    const saved = await saveDrip(tx, s.organization.id, drip({ name }));
    return (await activateDrip(tx, s.organization.id, saved.id)).drip.id;
  });
});

const changed = (given: object): DripDefinition => drip({ name, ...given });
const update = (given: object) => s.asAdmin((tx) => updateDrip(tx, s.organization.id, changed(given)));
const migrate = () => migrateActive(s.database, operator(s.organization.profileId), s.organization.id, name);
const enter = async (people: number, at?: Date) =>
  makeEnrollments(s.database, { id }, await makeContacts(s.database, s.organization, people), {
    ...(at === undefined ? {} : { enrolledAt: at }),
  });
const versions = () =>
  s.query<{ version: number; texts: string }>(
    "select version, string_agg(message_content, '|' order by step_order) as texts from drip_campaign_steps where campaign_id = $1 group by 1 order by 1",
    [id],
  );
const four = [says("Een"), says("Twee", "1d"), says("Drie", "1d"), says("Vier", "1d")];

describe("an update", () => {
  it("with other steps is a new version; whoever is in the drip stays on theirs", async () => {
    const [early] = await enter(1);
    const { drip: updated, changed: fields } = await update({ steps: four });
    expect(updated).toMatchObject({ version: 2, status: "active" });
    expect(updated.steps).toHaveLength(4);
    expect(fields).toEqual(["steps"]);
    expect(await versions()).toEqual([
      { version: 1, texts: "Welkom!|Heb je nog vragen?|Laatste kans" },
      { version: 2, texts: "Een|Twee|Drie|Vier" },
    ]);
    const [late] = await enter(1);
    const of = await s.query(
      "select version from drip_enrollments where id = any ($1::uuid[]) order by version",
      [[early?.id, late?.id]],
    );
    expect(of).toEqual([{ version: 1 }, { version: 2 }]);
  });

  it("without other steps is none: settings, exits, trigger and sender hold for everyone at once", async () => {
    const { drip: updated, changed: fields } = await update({
      sender: "second",
      trigger: { type: "api", event: "signup" },
      settings: { stopOnReply: false },
      exitWhen: [{ tag: "customer" }],
    });
    expect(fields).toEqual(["trigger", "sender", "settings", "exitWhen"]);
    expect(updated).toMatchObject({
      version: 1,
      sender: "second",
      trigger: { type: "api", event: "signup" },
    });
  });

  it("of what it is already changes nothing", async () => {
    expect(await update({})).toMatchObject({ changed: [], drip: { version: 1 } });
  });

  it("by two people at once makes two versions, each whole, and the later one is what people enter", async () => {
    const both = await Promise.all([update({ steps: four }), update({ steps: [says("Alleen dit")] })]);
    expect(both.map(({ drip: { version } }) => version).sort()).toEqual([2, 3]);
    const texts = (await versions()).map((row) => row.texts);
    expect(texts.slice(1).sort()).toEqual(["Alleen dit", "Een|Twee|Drie|Vier"]);
    const last = both.find(({ drip: { version } }) => version === 3)?.drip.steps.length;
    expect((await update({ steps: last === 4 ? four : [says("Alleen dit")] })).changed).toEqual([]);
  });

  it("that could not be sent is refused while the drip is active, and changes nothing", async () => {
    const steps = [{ delay: "1d", message: { type: "template", template: "nowhere" } }];
    await expect(update({ steps })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /is active and could not be sent like this:\nstep 1: template "nowhere"/,
      ),
    });
    expect(await versions()).toHaveLength(1);
  });

  it("of an archived drip, by a viewer, or from another organization is refused", async () => {
    const asStranger = operator(s.other.profileId);
    const theirs = s.database.transaction(asStranger, (tx) =>
      updateDrip(tx, s.other.id, changed({ steps: four })),
    );
    await expect(theirs).rejects.toMatchObject({ exitCode: 4, message: `drip "${name}" not found` });
    const asViewer = s.asViewer((tx) => updateDrip(tx, s.organization.id, changed({ steps: four })));
    await expect(asViewer).rejects.toMatchObject({ exitCode: 5 });
    await expect(
      migrateActive(s.database, operator(s.organization.viewerId), s.organization.id, name),
    ).rejects.toMatchObject({ exitCode: 5 });
    await expect(migrateActive(s.database, asStranger, s.organization.id, id)).rejects.toMatchObject({
      exitCode: 4,
    });
    await s.asAdmin((tx) => archiveDrip(tx, s.organization.id, name));
    await expect(update({ steps: four })).rejects.toMatchObject({
      exitCode: 1,
      message: `drip "${name}" is archived: it cannot be changed`,
    });
  });
});

describe("--migrate-active", () => {
  const secondStep = async (people: number) => {
    const entered = await enter(people);
    await settleSteps(s.database, entered, "sent", { at: days(-1) });
    return entered;
  };

  it("plans what waits again by the new version, from when the step before was sent", async () => {
    const [one] = await secondStep(1);
    await update({ steps: [says("Een"), says("Twee", "3d", { sendAt: "18:30" }), says("Drie", "1d")] });
    expect(await migrate()).toEqual({ moved: 1, replanned: 1, completed: 0 });
    const [, open] = await logsOf(s.database, { id: one?.id as string });
    expect(open).toMatchObject({
      status: "pending",
      scheduledFor: new Date("2026-11-29T17:30:00Z"),
      nextAttemptAt: new Date("2026-11-29T17:30:00Z"),
    });
    const said = await s.query(
      "select s.message_content from drip_message_logs l join drip_campaign_steps s on s.id = l.step_id where l.enrollment_id = $1 order by l.step_order",
      [one?.id],
    );
    expect(said).toEqual([{ messageContent: "Welkom!" }, { messageContent: "Twee" }]);
    expect(await migrate()).toEqual({ moved: 0, replanned: 0, completed: 0 });
  });

  it("keeps the time of a step whose time is the same, and makes none early", async () => {
    const entered = await secondStep(2);
    const before = await logsOf(s.database, { id });
    await update({ steps: [says("Een", "5h"), says("Twee", "2d"), says("Drie", "9d")] });
    expect(await migrate()).toEqual({ moved: 2, replanned: 0, completed: 0 });
    expect((await logsOf(s.database, { id })).map(({ scheduledFor }) => scheduledFor)).toEqual(
      before.map(({ scheduledFor }) => scheduledFor),
    );
    expect(entered).toHaveLength(2);
  });

  it("sends at once what the new version would have sent by now", async () => {
    const [one] = await secondStep(1);
    await update({ steps: [says("Een"), says("Twee", "1h")] });
    await migrate();
    const [, open] = await logsOf(s.database, { id: one?.id as string });
    expect(open?.scheduledFor.getTime()).toBeLessThan(days(0.01).getTime());
    expect(open?.scheduledFor.getTime()).toBeGreaterThanOrEqual(days(0).getTime());
  });

  it("ends it for whoever is past the last step", async () => {
    const [past] = await secondStep(1);
    const [first] = await enter(1);
    await update({ steps: [says("Alleen dit")] });
    expect(await migrate()).toEqual({ moved: 2, replanned: 0, completed: 1 });
    expect(await enrollmentsOf(s.database, [past?.id as string, first?.id as string])).toMatchObject([
      { status: "completed", nextMessageAt: null },
      { status: "active", version: 2 },
    ]);
    const [, skipped] = await logsOf(s.database, { id: past?.id as string });
    expect(skipped).toMatchObject({ status: "skipped", skipReason: "step_removed", nextAttemptAt: null });
  });

  it("keeps the cap of first steps a day", async () => {
    await update({ settings: { maxContactsPerDay: 2 }, steps: [says("Later", "5d")] });
    const entered = await enter(5);
    await update({ settings: { maxContactsPerDay: 2 }, steps: [says("Meteen", "1h")] });
    expect(await migrate()).toMatchObject({ moved: 5, replanned: 5 });
    const perDay = await s.query(
      "select (scheduled_for at time zone 'Europe/Amsterdam')::date as day, count(*) from drip_message_logs where campaign_id = $1 group by 1 order by 1",
      [id],
    );
    expect(perDay).toEqual([
      { day: "2026-11-27", count: 2 },
      { day: "2026-11-28", count: 2 },
      { day: "2026-11-29", count: 1 },
    ]);
    const planned = await s.query(
      "select date, planned from drip_first_steps where campaign_id = $1 and planned > 0 order by 1",
      [id],
    );
    expect(planned.map((row) => (row as { planned: number }).planned)).toEqual([2, 2, 1]);
    expect(entered).toHaveLength(5);
  });

  it("leaves what is being sent to its old text, and the clock of a paused person standing", async () => {
    const [sending, resting] = await secondStep(2);
    await settleSteps(s.database, [sending as { id: string }], "dispatching");
    await s.query("update drip_enrollments set status = 'paused' where id = $1", [resting?.id]);
    await update({ steps: [says("Een"), says("Twee", "3d"), says("Drie", "1d")] });
    expect(await migrate()).toMatchObject({ moved: 2, replanned: 1 });
    const [, open] = await logsOf(s.database, { id: sending?.id as string });
    expect(open).toMatchObject({ status: "dispatching" });
    await s.query("update drip_enrollments set status = 'active' where id = $1", [resting?.id]);
    const [, waits] = await logsOf(s.database, { id: resting?.id as string });
    const late = (waits?.scheduledFor.getTime() ?? 0) - days(2).getTime();
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
    await settleSteps(s.database, [sending as { id: string }], "sent");
    expect((await logsOf(s.database, { id: sending?.id as string })).at(-1)).toMatchObject({ stepOrder: 3 });
  });

  it("waits for a claim that is under way, and leaves what it took", async () => {
    const [taken] = await secondStep(1);
    await update({ steps: [says("Alleen dit")] });
    const moving = await s.asWorker(async (tx) => {
      await settleSteps(tx, [taken as { id: string }], "dispatching");
      const started = migrate();
      await until("the move waits", async () => {
        const row = await s.database.transaction(owner, (other) =>
          other.one<{ n: number }>(
            "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          ),
        );
        return (row?.n ?? 0) > 0;
      });
      return { started };
    });
    expect(await moving.started).toEqual({ moved: 1, replanned: 0, completed: 0 });
    expect((await logsOf(s.database, { id: taken?.id as string })).at(-1)).toMatchObject({
      status: "dispatching",
    });
    await settleSteps(s.database, [taken as { id: string }], "sent");
    expect(await enrollmentsOf(s.database, [taken?.id as string])).toMatchObject([{ status: "completed" }]);
  });
});
