import { describe, expect, it } from "vitest";
import { cancelCampaign, pauseCampaign, resumeCampaign } from "../../src/campaigns/transitions.ts";
import { operator } from "../../src/db/identity.ts";
import { until } from "../support/until.ts";
import { expectEachOnce, finish } from "./finish.ts";
import { during, watch } from "./processes.ts";
import { makeWorld, type World } from "./world.ts";

const accepted = (world: World) => world.simulator.counts().accepted;

async function ticksAtOnce(world: World, n: number): Promise<void> {
  const ticks = Array.from({ length: n }, () => watch(world.startTick()));
  for (const { ended } of ticks) expect(await ended).toEqual({ code: 0, said: "" });
}

async function campaignOf(world: World) {
  const [tenant] = world.tenants;
  const [campaign] = await world.query<{ id: string; status: string }>(
    "select id, status from bulk_campaigns where organization_id = $1 order by created_at limit 1",
    [tenant?.id],
  );
  return {
    id: campaign?.id as string,
    status: campaign?.status,
    organizationId: tenant?.id as string,
    as: operator(tenant?.profileId as string),
  };
}

describe("ticks at once", () => {
  it("four of them send each message of two tenants' broadcasts and drips once, whoever is faster", async () => {
    const world = await makeWorld({
      tenants: 2,
      senders: 2,
      people: 80,
      inDrip: 60,
      simulator: { latencyMs: 5 },
    });
    await ticksAtOnce(world, 4);
    await finish(world);
    await expectEachOnce(world);
  });

  it("keep to messagesPerHour together", async () => {
    const world = await makeWorld({ people: 60, rateLimiting: { enabled: true, messagesPerHour: 30 } });
    await ticksAtOnce(world, 3);
    expect(accepted(world)).toBe(1); // at this limit one goes out every two minutes
    await world.expectCleanAudit();
  });
});

describe("a cancel in the middle of a tick", () => {
  it("lets out only what was dispatched when it returned", async () => {
    const world = await makeWorld({ people: 400, throughput: 100, simulator: { latencyMs: 50 } });
    const { id, organizationId, as } = await campaignOf(world);
    const tick = watch(world.startTick());
    await during(tick, "40 accepted messages", () => accepted(world) >= 40);
    const { cancelled } = await cancelCampaign(world.database, as, organizationId, id);
    expect(cancelled).toBeGreaterThan(0);
    const rows = await world.query<{ name: string }>(
      "select 'b:' || id as name from bulk_message_jobs where dispatched_at is not null",
    );
    const dispatched = new Set(rows.map(({ name }) => name));
    expect(await tick.ended).toEqual({ code: 0, said: "" });
    await world.tickLater(0);
    const late = world.simulator
      .accepted()
      .filter(({ opaqueId }) => !dispatched.has(opaqueId.replace(/:\d+$/, "")));
    expect(late).toEqual([]);
    expect(accepted(world)).toBeLessThan(400);
    await world.bringWebhooks();
    await world.tickLater(15);
    expect((await campaignOf(world)).status).toBe("cancelled");
    expect(await world.history()).toMatchObject({ lost: [], duplicated: [], unexpected: [], unknown: [] });
    await world.expectCleanAudit();
  });
});

describe("a pause and a resume twenty times while ticks go on", () => {
  it("send nothing twice and finish nothing early", async () => {
    const world = await makeWorld({ people: 800, throughput: 100, simulator: { latencyMs: 20 } });
    const { id, organizationId, as } = await campaignOf(world);
    const change = (how: typeof pauseCampaign | typeof resumeCampaign) =>
      world.database.transaction(as, (tx) => how(tx, organizationId, id));
    let tick = watch(world.startTick());
    for (let n = 0; n < 20; n++) {
      const before = accepted(world);
      await until("it is on its way", () => tick.isOver() || accepted(world) > before);
      await change(pauseCampaign);
      await change(resumeCampaign);
      if (tick.isOver()) tick = watch(world.startTick());
    }
    expect((await tick.ended).code).toBe(0);
    const { lost } = await world.history();
    expect((await campaignOf(world)).status).toBe(lost.length > 0 ? "running" : "completed");
    await finish(world);
    await expectEachOnce(world);
  });
});
