import { describe, expect, it } from "vitest";
import { storeBodies } from "../../src/webhooks/inbox.ts";
import { until } from "../support/until.ts";
import { messagesBody } from "../webhooks/messages.ts";
import { expectEachOnce, finish } from "./finish.ts";
import { during, watch } from "./processes.ts";
import { makeWorld, type Tenant, type World } from "./world.ts";

const accepted = (world: World) => world.simulator.counts().accepted;

const counts = async (world: World, organizationId: string) => {
  const [row] = await world.query<{ sent: number; dispatching: number; pending: number; handedBack: number }>(
    `select count(*) filter (where sent_at is not null)::int as sent, count(*) filter (where status = 'dispatching')::int as dispatching,
            count(*) filter (where status = 'pending')::int as pending,
            count(*) filter (where status = 'pending' and dispatched_at is not null)::int as handed_back
       from bulk_message_jobs where organization_id = $1`,
    [organizationId],
  );
  return row as { sent: number; dispatching: number; pending: number; handedBack: number };
};

describe("org pause while a tick is sending", () => {
  it("stops that organization within two seconds' worth of messages; the other one goes on, and a resume sends the rest once", async () => {
    const world = await makeWorld({ tenants: 2, people: 400, throughput: 100 });
    const [paused, other] = world.tenants as [Tenant, Tenant];
    const tick = watch(world.startTick());
    await during(tick, "60 accepted messages", () => accepted(world) >= 60);
    expect((await world.adsapp("org", "pause", "--org", paused.slug)).exitCode).toBe(0);
    const before = await counts(world, paused.id);
    expect(await tick.ended).toEqual({ code: 0, said: "" });
    const after = await counts(world, paused.id);
    expect(after.sent - before.sent - before.dispatching).toBeLessThanOrEqual(200);
    expect(after).toMatchObject({ dispatching: 0, pending: expect.any(Number) });
    expect(after.pending).toBeGreaterThan(0);
    expect(await counts(world, other.id)).toMatchObject({ sent: 400, pending: 0 });
    const total = accepted(world);
    await world.tickLater(0);
    expect(accepted(world)).toBe(total);
    expect((await world.adsapp("org", "resume", "--org", paused.slug)).exitCode).toBe(0);
    await finish(world);
    await expectEachOnce(world);
  });

  it("takes back what was claimed and waits behind a slow API", async () => {
    const world = await makeWorld({ people: 1500, throughput: 1000, simulator: { latencyMs: 1500 } });
    const [paused] = world.tenants as [Tenant];
    const tick = watch(world.startTick());
    await until(
      "more is claimed than can be open at once",
      async () => (await counts(world, paused.id)).dispatching > 600,
    );
    expect((await world.adsapp("org", "pause")).exitCode).toBe(0);
    expect(await tick.ended).toEqual({ code: 0, said: "" });
    expect((await counts(world, paused.id)).handedBack).toBeGreaterThan(0);
    expect((await world.history()).unexpected).toEqual([]);
    await world.expectCleanAudit();
  });
});

describe("a STOP that is stored while a tick is sending", () => {
  it("stops its contact, who is sent nothing any more but one confirmation", async () => {
    const world = await makeWorld({ people: 600, throughput: 100 });
    const [last] = await world.query<{ id: string; phone: string }>(
      "select j.id, c.phone from bulk_message_jobs j join contacts c on c.id = j.contact_id order by j.seq desc limit 1",
    );
    const { id, phone } = last as { id: string; phone: string };
    const tick = watch(world.startTick());
    await during(tick, "10 accepted messages", () => accepted(world) >= 10);
    const stop = { from: phone.slice(1), text: { body: "STOP" }, at: new Date() };
    await storeBodies(world.database, [messagesBody([stop], { number: "1065411" })], "serve");
    expect(await tick.ended).toEqual({ code: 0, said: "" });
    const [job] = await world.query("select status, skip_reason from bulk_message_jobs where id = $1", [id]);
    expect(job).toEqual({ status: "skipped", skipReason: "opted_out" });
    const sent = world.simulator.accepted().filter(({ to }) => to === phone);
    expect(sent.map(({ opaqueId }) => opaqueId?.slice(0, 2))).toEqual(["m:"]);
    expect(accepted(world)).toBe(600);
    await world.expectCleanAudit();
  });
});
