import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readBody } from "../../src/webhooks/body.ts";
import {
  folder,
  linesOf,
  NOON,
  people,
  simulated,
  statusesIn,
  statusesOf,
  templateTo,
  textTo,
  type WebhookJson,
  webhookEndpoint,
} from "./simulated.ts";

const TO = "+31612345678";
const ALL_READ = { failed: 0, delivered: 1, read: 1 };

async function toFile(options: object, recipients: readonly string[] = [TO]) {
  const file = join(folder(), "bodies.ndjson");
  const { send, simulator } = await simulated({ webhook: { file }, shares: ALL_READ, ...options });
  for (const to of recipients) await send(templateTo(to, "Sanne"));
  await simulator.flush();
  return file;
}

describe("webhooks", () => {
  it("carry a conversation up to version 23, not from 24 on", async () => {
    const [sent, delivered, read] = statusesIn(await toFile({ webhookVersion: 23 }));
    const conversation = { id: expect.stringMatching(/^[0-9a-f]{32}$/), origin: { type: "marketing" } };
    expect(sent).toMatchObject({
      conversation: { ...conversation, expiration_timestamp: expect.stringMatching(/^\d+$/) },
    });
    expect(delivered).toMatchObject({ conversation });
    expect(delivered).not.toHaveProperty("conversation.expiration_timestamp");
    expect(read).not.toHaveProperty("conversation");
    for (const status of statusesIn(await toFile({ webhookVersion: 24 })))
      expect(status).not.toHaveProperty("conversation");
  });

  it("may hold what nobody knows, and all that is known is read all the same", async () => {
    const [raw = {}] = linesOf<WebhookJson>(await toFile({ unknownFields: true }));
    const text = JSON.stringify(raw);
    expect(text).toContain('"status":"warning"');
    expect(text).toContain('"field":"automatic_events"');
    expect(text.match(/not_known_yet/g)?.length).toBeGreaterThan(8);
    expect(readBody(text).statuses.map(({ status }) => status)).toEqual(["sent", "delivered", "read"]);
  });

  it("hold up to 1,000 updates", async () => {
    const bodies = linesOf<WebhookJson>(await toFile({ batch: 1000, replyShare: 1 }, people(260)));
    expect(bodies.map((body) => updatesIn(body))).toEqual([1000, 40]);
  });

  it("may come before the POST is answered", async () => {
    const endpoint = await webhookEndpoint();
    const { send } = await simulated({ webhook: { url: endpoint.url }, shares: ALL_READ, early: true });
    await send(textTo(TO));
    expect(endpoint.told()).toEqual([["sent", "delivered", "read"]]);
  });

  it("may come so many seconds late", async () => {
    let now = NOON.getTime();
    let arrivedAt = 0;
    const endpoint = await webhookEndpoint();
    endpoint.onDelivery(() => {
      arrivedAt = now;
    });
    const { send } = await simulated({
      webhook: { url: endpoint.url },
      shares: { failed: 0, delivered: 0 },
      lateSeconds: 600,
      now: () => {
        now += 5000;
        return new Date(now);
      },
    });
    await send(textTo(TO));
    await endpoint.arrived(1);
    const [sent] = statusesOf([JSON.parse(endpoint.deliveries[0]?.raw ?? "")]);
    expect(arrivedAt / 1000 - Number(sent?.timestamp)).toBeGreaterThanOrEqual(600);
  });

  it("may lose delivered alone: read tells it too", async () => {
    const statuses = statusesIn(await toFile({ dropDelivered: 1 })).map(({ status }) => status);
    expect(statuses).toEqual(["sent", "read"]);
  });
});

function updatesIn({ entry }: WebhookJson): number {
  const values = entry.flatMap(({ changes }) => changes.map(({ value }) => value));
  const counts = values.map(
    ({ statuses, ...more }: { statuses?: unknown[]; messages?: unknown[] }) =>
      (statuses?.length ?? 0) + (more.messages?.length ?? 0),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
