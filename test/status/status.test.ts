import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator, owner, worker } from "../../src/db/identity.ts";
import { type OpenCampaign, type Status, statusOf } from "../../src/status/status.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestOrganization,
} from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** Each test has an organization of its own; the heartbeat and the inbox are shared, so they start empty. */
beforeEach(async () => {
  await database.transaction(owner, (tx) => tx.run("delete from tick_runs"));
  await database.transaction(owner, (tx) => tx.run("delete from webhook_inbox"));
  organization = await makeOrganization(database);
  await makeSender(database, organization);
});

const asWorker = <T>(work: (tx: Transaction) => Promise<T>) => database.transaction(worker, work);

const status = (of = organization): Promise<Status> =>
  statusOf((work) => database.transaction(operator(of.profileId), work), asWorker, of.id);

const change = (statement: string, parameters: unknown[] = []) =>
  asWorker((tx) => tx.run(statement, parameters));

async function only(): Promise<OpenCampaign> {
  const { campaigns } = await status();
  expect(campaigns).toHaveLength(1);
  return campaigns[0] as OpenCampaign;
}

const ticked = (ago: string, error: string | null = null) =>
  change(
    `insert into tick_runs (host, pid, started_at, finished_at, error)
     values ('web1', 1, adsapp_now() - $1::interval, adsapp_now() - $1::interval, $2)`,
    [ago, error],
  );

describe("the status of a drip", () => {
  it("says whom and what it waits for, and is nothing of another organization's", async () => {
    const drip = await makeDrip(database, organization, {
      name: "Welkom",
      steps: [{ days: 2, text: "Hoi" }],
    });
    const waits = async () => (await status()).drips.map(({ waitsFor, due }) => [waitsFor, due]);
    expect(await waits()).toEqual([["people", 0]]);
    await makeEnrollments(database, drip, await makeContacts(database, organization, 2));
    const [line] = (await status()).drips;
    expect(line).toMatchObject({ name: "Welkom", people: 2, due: 0, unknown: 0, waitsFor: "next_step" });
    expect(Number(line?.waitsUntil)).toBeGreaterThan(Date.now() + 36 * 3_600_000);
    await change("update drip_enrollments set next_message_at = adsapp_now() where campaign_id = $1", [
      drip.id,
    ]);
    expect(await waits()).toEqual([["tick", 2]]);
    await change("update senders set state = 'halted', halt_reason = 'token' where organization_id = $1", [
      organization.id,
    ]);
    expect(await waits()).toEqual([["sender_halted", 2]]);
    await change("update organizations set paused_at = adsapp_now() where id = $1", [organization.id]);
    expect(await waits()).toEqual([["organization_paused", 2]]);
    expect((await status(await makeOrganization(database))).drips).toEqual([]);
  });
});

describe("the status of a campaign", () => {
  it("counts what is still to come by row, and the rest by the counters", async () => {
    await makeJobs(database, await makeRun(database, await makeCampaign(database, organization)), {
      sent: 3,
      delivered: 1,
      failed: 2,
      skipped: 4,
      unknown: 1,
      waiting: 2,
      pending: 5,
    });
    expect(await only()).toMatchObject({
      status: "running",
      sender: "main",
      targets: 18,
      sent: 4,
      failed: 2,
      skipped: 4,
      pending: 7,
      unknown: 1,
      held: 0,
      pausedByMachine: null,
    });
  });

  it("waits for the next tick, or sends while a lane is held", async () => {
    const run = await makeRun(database, await makeCampaign(database, organization));
    await makeJobs(database, run, { pending: 2 });
    expect((await only()).waitsFor).toBe("tick");
    await makeJobs(database, run, { dispatching: 1 });
    expect((await only()).waitsFor).toBe("sending");
    expect((await status()).senders).toMatchObject([
      { name: "main", state: "active", working: true, holder: "test:1" },
    ]);
  });

  it("waits for its time while it is scheduled", async () => {
    const scheduledAt = new Date("2100-01-01T10:00:00Z");
    await makeCampaign(database, organization, { status: "scheduled", scheduledAt });
    expect(await only()).toMatchObject({ waitsFor: "start_time", waitsUntil: scheduledAt, targets: 0 });
  });

  it("waits for its halted sender or its paused organization", async () => {
    await makeJobs(database, await makeRun(database, await makeCampaign(database, organization)), {
      pending: 2,
    });
    await change(
      "update senders set state = 'halted', halt_reason = '190: token expired', halted_at = adsapp_now() where organization_id = $1",
      [organization.id],
    );
    expect((await only()).waitsFor).toBe("sender_halted");
    await change("update organizations set paused_at = adsapp_now() where id = $1", [organization.id]);
    expect((await only()).waitsFor).toBe("organization_paused");
    expect((await status()).organizationPausedAt).toBeInstanceOf(Date);
  });

  it("waits for its audience to be written out", async () => {
    await makeRun(database, await makeCampaign(database, organization), { expanded: false });
    expect((await only()).waitsFor).toBe("expansion");
  });

  it("waits until messagesPerHour allows the next attempt", async () => {
    await makeJobs(
      database,
      await makeRun(database, await makeCampaign(database, organization), { perHour: 60 }),
      { sent: 1, pending: 2 },
    );
    // a burst of 2 and one each 62.03 s: full until one interval before tat
    await change(
      "update campaign_runs set tat = adsapp_now() + interval '1 hour' where organization_id = $1",
      [organization.id],
    );
    const { waitsFor, waitsUntil } = await only();
    const { now } = (await asWorker((tx) => tx.one<{ now: Date }>("select adsapp_now() as now"))) as {
      now: Date;
    };
    expect(waitsFor).toBe("hourly_limit");
    expect(((waitsUntil as Date).getTime() - now.getTime()) / 1000).toBeCloseTo(3600 - 3660 / 59, -1);
    await change("update campaign_runs set tat = adsapp_now() where organization_id = $1", [organization.id]);
    expect(await only()).toMatchObject({ waitsFor: "tick", waitsUntil: null });
  });

  it("waits for its canary, and until when", async () => {
    const settings = { canary: { messages: 1, wait: "10m" } };
    const campaign = await makeCampaign(database, organization, { settings });
    await makeJobs(database, await makeRun(database, campaign), { sent: 1, pending: 2 });
    expect((await only()).waitsFor).toBe("tick");
    await change("update campaign_runs set canary_claimed = 1, canary_at = '2026-11-27T09:00:00Z'");
    expect(await only()).toMatchObject({ waitsFor: "canary", waitsUntil: new Date("2026-11-27T09:10:00Z") });
  });

  it("waits for the messaging limit of its portfolio, and the portfolio says when there is room", async () => {
    const [run] = [await makeRun(database, await makeCampaign(database, organization))];
    const [job] = await makeJobs(database, run, { sent: 1, pending: 2 });
    await change(
      `with p as (insert into portfolios (organization_id, name, messaging_limit) values ($1, 'Klein', 1) returning id),
            r as (insert into portfolio_reach select $1, p.id, $2, adsapp_now() - interval '1 hour' from p)
       update senders set portfolio_id = p.id, provider = 'whatsapp-cloud', api_url = 'http://127.0.0.1:9', phone_number_id = '1',
              token_env = 'T', limited_until = adsapp_now() + interval '30 s' from p where organization_id = $1`,
      [organization.id, job?.contactId],
    );
    await change("update portfolios set reached = 1 where organization_id = $1", [organization.id]);
    const { waitsFor, waitsUntil } = await only();
    expect(waitsFor).toBe("messaging_limit");
    const { portfolios } = await status();
    expect(portfolios).toEqual([{ name: "Klein", limit: 1, reached: 1, roomAt: waitsUntil }]);
    expect((waitsUntil as Date).getTime() / 1000).toBeCloseTo(Date.now() / 1000 + 23 * 3600, -2);
    await change("update portfolio_reach set at = at - interval '1 day'");
    expect((await status()).portfolios).toMatchObject([{ reached: 0, roomAt: null }]);
    expect((await only()).waitsFor).toBe("tick");
  });

  it("waits for the next attempt when only retries are left, and for evidence when only unknown ones are", async () => {
    const run = await makeRun(database, await makeCampaign(database, organization));
    await makeJobs(database, run, { sent: 1, unknown: 1 }, { ago: "2 minutes" });
    expect((await only()).waitsFor).toBe("evidence");
    await makeJobs(database, run, { waiting: 1 });
    const { waitsFor, waitsUntil } = await only();
    expect(waitsFor).toBe("next_attempt");
    expect(waitsUntil).toBeInstanceOf(Date);
  });

  it("holds unknown outcomes that only a person settles, also of a finished campaign", async () => {
    const hold = await makeCampaign(database, organization, {
      name: "Held",
      settings: { onUnknown: "hold" },
    });
    await makeJobs(database, await makeRun(database, hold), { unknown: 2 });
    const done = await makeCampaign(database, organization, { name: "Done", status: "completed" });
    await makeJobs(database, await makeRun(database, done), { sent: 1, unknown: 1 });
    const old = await makeCampaign(database, organization, { name: "Old" });
    await makeJobs(database, await makeRun(database, old), { unknown: 3 }, { ago: "25 hours" });
    const { campaigns, problems } = await status();
    expect(campaigns.map(({ name, held, waitsFor }) => [name, held, waitsFor])).toEqual([
      ["Held", 2, "tick"],
      ["Old", 3, "tick"],
      ["Done", 1, null],
    ]);
    expect(problems).toContain(
      'campaign "Done" holds 1 message of which nobody knows whether it went out (adsapp job resolve --campaign)',
    );
  });

  it("leaves finished campaigns and drafts out, and shows nothing of another organization", async () => {
    for (const state of ["draft", "completed", "cancelled"] as const)
      await makeCampaign(database, organization, { status: state });
    const other = await makeOrganization(database);
    await makeSender(database, other, { name: "theirs" });
    await makeCampaign(database, other);
    const own = await status();
    expect(own.campaigns).toEqual([]);
    expect(own.senders.map(({ name }) => name)).toEqual(["main"]);
  });
});

describe("what needs a person", () => {
  it("is nothing in a new organization, ticks or not", async () => {
    expect(await status()).toMatchObject({
      ok: true,
      problems: [],
      inbox: { waiting: 0, failed: 0, oldestAt: null },
      ticks: { lastStartedAt: null, missedMinutes: null, overdue: false },
    });
  });

  it("is a halted sender", async () => {
    await makeSender(database, organization, { name: "second", haltReason: "190: token expired" });
    expect((await status()).problems).toEqual([
      'sender "second" is halted: 190: token expired (adsapp sender resume)',
    ]);
  });

  it("is a campaign that the machine paused, not one that a person paused", async () => {
    const broken = await makeCampaign(database, organization, { name: "Broken" });
    const halted = await makeCampaign(database, organization, { name: "Stopped" });
    const pause =
      "update bulk_campaigns set status = 'paused', paused_at = adsapp_now(), pause_reason = $2, resume_as = 'running' where id = $1";
    await change(pause, [broken.id, "20 of the last 100 messages were refused as wrong"]);
    await database.transaction(operator(organization.profileId), (tx) =>
      tx.run(pause, [halted.id, "wrong price"]),
    );
    const { campaigns, problems } = await status();
    expect(campaigns.map(({ name, pausedByMachine, waitsFor }) => [name, pausedByMachine, waitsFor])).toEqual(
      [
        ["Broken", true, "resume"],
        ["Stopped", false, "resume"],
      ],
    );
    expect(problems).toEqual([
      'campaign "Broken" was paused: 20 of the last 100 messages were refused as wrong (adsapp campaign resume)',
    ]);
  });

  it("is a drip that the machine paused, not one that a person paused; and unknown outcomes that a drip holds", async () => {
    const step = { minutes: 0, text: "Hoi" };
    const broken = await makeDrip(database, organization, { name: "Broken", steps: [step] });
    const stopped = await makeDrip(database, organization, { name: "Stopped", steps: [step] });
    const drip = await makeDrip(database, organization, { name: "Running", steps: [step, { days: 2 }] });
    const people = await makeEnrollments(database, drip, await makeContacts(database, organization, 3));
    await settleSteps(database, people.slice(0, 1), "unknown", { at: new Date(Date.now() - 25 * 3_600_000) });
    await ticked("1 minute");
    const pause = "update drip_campaigns set status = 'paused', pause_reason = $2 where id = $1";
    await change(pause, [broken.id, "132015: template paused"]);
    await database.transaction(operator(organization.profileId), (tx) =>
      tx.run(pause, [stopped.id, "wrong price"]),
    );
    await change('update drip_campaigns set settings = settings || \'{"onUnknown": "hold"}\' where id = $1', [
      drip.id,
    ]);
    await makeDrip(database, organization, { name: "Draft", status: "draft", steps: [step] });
    const { drips, problems } = await status();
    expect(drips.map(({ name, pausedByMachine, waitsFor }) => [name, pausedByMachine, waitsFor])).toEqual([
      ["Running", null, "tick"],
      ["Broken", true, "resume"],
      ["Stopped", false, "resume"],
    ]);
    expect(drips[0]).toMatchObject({ status: "active", people: 3, due: 2, unknown: 1, held: 1 });
    expect(problems).toEqual([
      'drip "Broken" was paused: 132015: template paused (adsapp drip activate)',
      'drip "Running" holds 1 message of which nobody knows whether it went out (adsapp job resolve --campaign)',
    ]);
  });

  it("is a webhook body that could not be applied, of this organization or of none that is known", async () => {
    const other = await makeOrganization(database);
    await change("insert into webhook_inbox (body) select '{}' from generate_series(1, 4)");
    await change(
      `update webhook_inbox i set organization_id = v.organization_id, error = 'not JSON'
         from (select id, row_number() over (order by id) as n from webhook_inbox) w
         join (values (1, $1::uuid), (2, $2::uuid), (3, null)) as v(n, organization_id) on v.n = w.n where i.id = w.id`,
      [organization.id, other.id],
    );
    const { inbox, problems } = await status();
    expect(inbox).toMatchObject({ waiting: 1, failed: 2, failure: "not JSON", oldestAt: expect.any(Date) });
    expect(problems).toContain("2 webhook bodies could not be applied: not JSON");
  });

  it("is that no tick runs although there is work", async () => {
    await makeCampaign(database, organization);
    expect((await status()).ticks.overdue).toBe(true);
    await ticked("6 minutes");
    expect((await status()).ticks.overdue).toBe(true);
    expect((await status()).problems).toHaveLength(1);
    await ticked("1 minute");
    expect(await status()).toMatchObject({ ok: true, ticks: { overdue: false, host: "web1" } });
  });

  it("is that no tick runs although a step of a drip is due, or an event waits", async () => {
    const steps = [{ days: 1 }];
    const drip = await makeDrip(database, organization, { steps });
    const people = await makeContacts(database, organization, 1);
    await makeEnrollments(database, drip, people);
    expect((await status()).ticks.overdue).toBe(false);
    await change("update drip_message_logs set next_attempt_at = adsapp_now() where campaign_id = $1", [
      drip.id,
    ]);
    expect((await status()).ticks.overdue).toBe(true);
    await database.transaction(operator(organization.profileId), (tx) =>
      tx.run("update drip_campaigns set status = 'paused' where id = $1", [drip.id]),
    );
    expect((await status()).ticks.overdue).toBe(false);
    await change(
      "insert into contact_events (contact_id, organization_id, type, name) values ($1, $2, 'custom_event', 'purchased')",
      [people[0]?.id, organization.id],
    );
    expect((await status()).ticks.overdue).toBe(true);
    expect((await status()).problems).toHaveLength(1);
  });

  it("is not that no tick runs while all work lies in the future", async () => {
    await makeCampaign(database, organization, { status: "scheduled" });
    expect((await status()).ticks.overdue).toBe(false);
  });

  it("is that the last tick failed, until one succeeds", async () => {
    await ticked("2 minutes", "deadlock detected");
    expect((await status()).problems).toEqual(["the last tick on web1 failed: deadlock detected"]);
    await ticked("1 minute");
    expect((await status()).ok).toBe(true);
  });
});
