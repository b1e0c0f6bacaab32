import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { folder, senderTo, simulated, statusesIn, textTo, webhookEndpoint } from "./simulated.ts";

const TO = "+31612345678";
const ALL_READ = { failed: 0, delivered: 1, read: 1 };

describe("closing the simulator", () => {
  it("tells what is planned, whatever its time", async () => {
    const file = join(folder(), "bodies.ndjson");
    const simulator = await startSimulator({ webhook: { file }, shares: ALL_READ, delays: { read: 86_400 } });
    await senderTo(simulator).send(textTo(TO));
    await simulator.close();
    await simulator.close();
    expect(statusesIn(file).map(({ status }) => status)).toEqual(["sent", "delivered", "read"]);
    await expect(fetch(`${simulator.url}/healthz`)).rejects.toThrow();
  });

  it("answers the requests that are open", async () => {
    const simulator = await startSimulator({ latencyMs: 100 });
    const { send } = senderTo(simulator);
    const answer = send(textTo(TO));
    await accepted(simulator);
    await simulator.close();
    expect((await answer).status).toBe(200);
  });

  it("gives up on a receiver that does not answer", async () => {
    const endpoint = await webhookEndpoint("never");
    const simulator = await startSimulator({ webhook: { url: endpoint.url }, shares: ALL_READ, drainMs: 20 });
    await senderTo(simulator).send(textTo(TO));
    await simulator.close();
    expect(simulator.counts()).toMatchObject({ statuses: { sent: 0 }, undelivered: 3 });
  });

  it("leaves the port to the next one, and two at once do not share it", async () => {
    const simulator = await startSimulator();
    await expect(startSimulator({ port: simulator.port })).rejects.toThrow("EADDRINUSE");
    await simulator.close();
    const next = await simulated({ port: simulator.port });
    expect(next.simulator.port).toBe(simulator.port);
  });
});

/** Resolves when the simulator has accepted something, though it has not answered yet. */
async function accepted(simulator: { counts(): { accepted: number } }): Promise<void> {
  while (simulator.counts().accepted === 0) await new Promise((resolve) => setImmediate(resolve));
}
