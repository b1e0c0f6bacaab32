import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isSigned } from "../../src/webhooks/signature.ts";
import { folder, type LedgerLine, linesOf, NOON, simulated, textTo, webhookEndpoint } from "./simulated.ts";

const TO = "+31612345678";
const ALL_READ = { failed: 0, delivered: 1, read: 1 };

describe("statuses to a URL", () => {
  it("are signed over the raw body, in which non-ASCII is escaped", async () => {
    const endpoint = await webhookEndpoint();
    const { send, simulator } = await simulated({
      webhook: { url: endpoint.url },
      appSecret: "s3cret",
      shares: ALL_READ,
    });
    await send(textTo(TO, "Zoë 🙏"));
    await simulator.flush();
    const { raw, signature } = endpoint.deliveries[0]!;
    expect(raw).toContain(String.raw`"biz_opaque_callback_data":"Zo\u00eb \ud83d\ude4f"`);
    expect(isSigned(Buffer.from(raw), signature, "s3cret")).toBe(true);
    expect(isSigned(Buffer.from(raw), signature, "another")).toBe(false);
  });

  it("come by themselves at once when they are immediate", async () => {
    const endpoint = await webhookEndpoint();
    const { send } = await simulated({ webhook: { url: endpoint.url }, shares: ALL_READ, immediate: true });
    await send(textTo(TO));
    await endpoint.arrived(1);
    expect(endpoint.told()).toEqual([["sent", "delivered", "read"]]);
  });

  it("come when the simulator's clock has reached their time, not before", async () => {
    const endpoint = await webhookEndpoint();
    let now = NOON.getTime();
    const { send } = await simulated({
      webhook: { url: endpoint.url },
      shares: ALL_READ,
      delays: { sent: 0, delivered: 60, read: 600 },
      now: () => new Date(now),
    });
    await send(textTo(TO));
    await endpoint.arrived(1);
    expect(endpoint.told()).toEqual([["sent"]]);
    now += 100_000;
    await endpoint.arrived(2);
    expect(endpoint.told()).toEqual([["sent"], ["delivered"]]);
    now += 1_000_000;
    await endpoint.arrived(3);
    expect(endpoint.told()).toEqual([["sent"], ["delivered"], ["read"]]);
  });

  it("are sent again, byte for byte, until they are answered with 200", async () => {
    const endpoint = await webhookEndpoint(500, 503, 204);
    const { send, simulator } = await simulated({
      webhook: { url: endpoint.url },
      shares: ALL_READ,
      retryDelayMs: 1,
    });
    await send(textTo(TO));
    await simulator.flush();
    expect(endpoint.deliveries).toHaveLength(4);
    expect(new Set(endpoint.deliveries.map(({ raw }) => raw)).size).toBe(1);
    expect(simulator.counts()).toMatchObject({
      statuses: { sent: 1, delivered: 1, read: 1 },
      undelivered: 0,
    });
  });

  it("are given up after five tries, counted, and not in the ledger as told", async () => {
    const logFile = join(folder(), "ledger.ndjson");
    const endpoint = await webhookEndpoint(500, 500, 500, 500, 500);
    const { send, simulator } = await simulated({
      webhook: { url: endpoint.url },
      logFile,
      shares: ALL_READ,
      retryDelayMs: 1,
    });
    await send(textTo(TO));
    await simulator.flush();
    expect(endpoint.deliveries).toHaveLength(5);
    expect(simulator.counts()).toMatchObject({
      statuses: { sent: 0, delivered: 0, read: 0 },
      undelivered: 3,
    });
    expect(linesOf<LedgerLine>(logFile).map(({ event }) => event)).toEqual(["accepted"]);
    await send(textTo(TO));
    await simulator.flush();
    expect(simulator.counts()).toMatchObject({
      statuses: { sent: 1, delivered: 1, read: 1 },
      undelivered: 3,
    });
  });

  it("are given up where nobody listens, and sending goes on", async () => {
    const gone = await simulated();
    await gone.simulator.close();
    const { send, simulator } = await simulated({
      webhook: { url: gone.simulator.url },
      shares: ALL_READ,
      retryDelayMs: 1,
    });
    await send(textTo(TO));
    await simulator.flush();
    expect(simulator.counts()).toMatchObject({ accepted: 1, undelivered: 3 });
    expect((await send(textTo(TO))).status).toBe(200);
  });

  it("do not follow a redirect", async () => {
    const elsewhere = await webhookEndpoint();
    const endpoint = await webhookEndpoint(307, 307, 307, 307, 307);
    endpoint.redirectTo(elsewhere.url);
    const { send, simulator } = await simulated({
      webhook: { url: endpoint.url },
      shares: ALL_READ,
      retryDelayMs: 1,
    });
    await send(textTo(TO));
    await simulator.flush();
    expect(elsewhere.deliveries).toEqual([]);
    expect(simulator.counts().undelivered).toBe(3);
  });
});
