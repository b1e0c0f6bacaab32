import { describe, expect, it } from "vitest";
import type { OpenCampaign } from "../../src/status/status.ts";
import { makeCampaign, makeJobs, makeOrganization, makeRun, makeSender } from "../support/factories.ts";
import { asWorker, change, database, organization, status, useStatus } from "./statuses.ts";

useStatus();

async function only(): Promise<OpenCampaign> {
  const { campaigns } = await status();
  expect(campaigns).toHaveLength(1);
  return campaigns[0] as OpenCampaign;
}

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
