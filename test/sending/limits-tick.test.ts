import { describe, expect, it } from "vitest";
import { makeWorld } from "../faults/world.ts";

/** A broadcast whose sender belongs to a portfolio that reaches `limit` people a day. */
async function limitedBroadcast(people: number, limit: number, settings: object = {}) {
  const world = await makeWorld({ people, settings, throughput: 1_000 });
  await world.query(
    `with p as (insert into portfolios (organization_id, name, messaging_limit) values ($1, 'Klein', $2) returning id)
     update senders set portfolio_id = p.id from p where senders.organization_id = $1`,
    [world.tenants[0]?.id, limit],
  );
  return {
    ...world,
    async tick(...args: string[]) {
      const { stdout, exitCode } = await world.adsapp("tick", "--format", "json", ...args);
      return { report: JSON.parse(stdout), exitCode };
    },
    async statuses(): Promise<Record<string, number>> {
      const rows = await world.query<{ status: string; n: number }>(
        "select status, count(*)::int as n from bulk_message_jobs group by status",
      );
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    },
  };
}

/** That many minutes from now, as --now takes it. */
const minutesOn = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

describe("a tick", () => {
  it("sends to as many people as the messaging limit lets through, and ends although others wait", async () => {
    const b = await limitedBroadcast(50, 20, { maxLateness: "2d" });
    const { report, exitCode } = await b.tick();
    expect({ exitCode, sent: report.sent, due: report.due }).toMatchObject({
      exitCode: 0,
      sent: { bulk: 20 },
      due: 30,
    });
    expect(b.simulator.counts().accepted).toBe(20);
    expect(await b.statuses()).toEqual({ sent: 20, pending: 30 });
    const status = JSON.parse((await b.adsapp("status", "--format", "json")).stdout);
    expect(status).toMatchObject({
      ok: true,
      campaigns: [{ waitsFor: "messaging_limit", pending: 30 }],
      portfolios: [{ name: "Klein", limit: 20, reached: 20 }],
    });
    expect(status.campaigns[0].waitsUntil).toBe(status.portfolios[0].roomAt);
    expect((await b.tick("--now", minutesOn(23 * 60))).report.sent).toMatchObject({ bulk: 0 });
    expect((await b.tick("--now", minutesOn(25 * 60))).report.sent).toMatchObject({ bulk: 20 });
    await b.expectCleanAudit();
  });

  it("sends a canary, judges it when its wait is over, and then the rest", async () => {
    const b = await limitedBroadcast(50, 100, { canary: { messages: 5 } });
    expect((await b.tick()).report.sent).toMatchObject({ bulk: 5 });
    expect((await b.tick("--now", minutesOn(5))).report.sent).toMatchObject({ bulk: 0 });
    expect((await b.tick("--now", minutesOn(11))).report.sent).toMatchObject({ bulk: 45 });
    await b.expectCleanAudit();
  });

  it("pauses a campaign that no tick came to for longer than its maxLateness, and sends nothing of it", async () => {
    const b = await limitedBroadcast(5, 100);
    expect((await b.tick("--now", minutesOn(13 * 60))).report.sent).toMatchObject({ bulk: 0 });
    const status = JSON.parse((await b.adsapp("status", "--format", "json")).stdout);
    expect(status).toMatchObject({ ok: false, campaigns: [{ status: "paused", pausedByMachine: true }] });
    expect(status.problems[0]).toContain("later than maxLateness");
    expect(b.simulator.counts().accepted).toBe(0);
    await b.expectCleanAudit();
  });
});
