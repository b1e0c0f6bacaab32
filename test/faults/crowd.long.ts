import { describe, expect, it } from "vitest";
import { expectEachOnce, finish } from "./finish.ts";
import { inWords } from "./history.ts";
import { watch } from "./processes.ts";
import { makeWorld, type World } from "./world.ts";

/** Starts so many ticks at once; one that finds no room for its connections says so, and the others do its work. */
async function crowd(world: World, n: number): Promise<void> {
  const ticks = Array.from({ length: n }, () => watch(world.startTick()));
  for (const { ended } of ticks) {
    const { code, said } = await ended;
    expect([0, 75], said).toContain(code);
  }
}

describe("ticks at once over 10,000 messages", () => {
  it.each([2, 10])("%i of them send each once", async (n) => {
    const world = await makeWorld({ tenants: 2, senders: 2, people: 2200, inDrip: 600 });
    await crowd(world, n);
    await finish(world);
    console.log(`${n} ticks: ${inWords(await expectEachOnce(world))}`);
  });

  it("fifty of them send each once, and keep to the hourly limit of those that have one", async () => {
    const world = await makeWorld({ tenants: 2, senders: 2, people: 2200, inDrip: 600, throughput: 500 });
    const limited = { rateLimiting: { enabled: true, messagesPerHour: 120 } };
    await world.addBroadcast(limited);
    await crowd(world, 50);
    const [{ sent } = { sent: 0 }] = await world.query<{ sent: number }>(
      `select count(*)::int as sent from bulk_message_jobs j join campaign_runs r on r.campaign_id = j.campaign_id
        where r.per_hour = 120 and j.sent_at is not null`,
    );
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(120);
    await world.query(
      "update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now() where rate_limiting ->> 'enabled' = 'true'",
    );
    await finish(world);
    console.log(`50 ticks: ${inWords(await expectEachOnce(world))}`);
  });
});
