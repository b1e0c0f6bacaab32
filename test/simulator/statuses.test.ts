import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readStatuses } from "../../src/webhooks/body.ts";
import {
  folder,
  linesOf,
  NOON,
  NUMBER,
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
const ALL_FAIL = { failed: 1 };

describe("statuses to a file", () => {
  it("come one body a line, in Meta's shape", async () => {
    const file = join(folder(), "bodies.ndjson");
    const { send, simulator } = await simulated({ webhook: { file }, shares: ALL_READ, wabaId: "77" });
    const { json } = await send({ ...templateTo(TO, "Sanne"), biz_opaque_callback_data: "job:1:1" });
    await simulator.flush();
    const [body, ...rest] = linesOf<WebhookJson>(file);
    expect(rest).toEqual([]);
    const status = {
      id: json.messages[0]?.id,
      recipient_id: "31612345678",
      biz_opaque_callback_data: "job:1:1",
    };
    const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "marketing" };
    const timestamp = expect.stringMatching(/^\d{10}$/);
    expect(body).toEqual({
      object: "whatsapp_business_account",
      entry: [
        {
          id: "77",
          changes: [
            {
              field: "messages",
              value: {
                messaging_product: "whatsapp",
                metadata: { display_phone_number: expect.any(String), phone_number_id: NUMBER },
                statuses: [
                  { ...status, status: "sent", timestamp, pricing },
                  { ...status, status: "delivered", timestamp, pricing },
                  { ...status, status: "read", timestamp },
                ],
              },
            },
          ],
        },
      ],
    });
  });

  it("say why a message failed, without a price", async () => {
    const file = join(folder(), "bodies.ndjson");
    const { sendAll, simulator } = await simulated({ webhook: { file }, shares: ALL_FAIL });
    await sendAll(people(50));
    await simulator.flush();
    const failed = statusesIn(file).filter(({ status }) => status === "failed");
    expect(failed).toHaveLength(50);
    for (const { errors, pricing } of failed) {
      expect(pricing).toBeUndefined();
      expect(errors).toEqual([
        {
          code: expect.any(Number),
          title: errors?.[0]?.message,
          message: expect.any(String),
          error_data: { details: expect.any(String) },
          href: "/documentation/business-messaging/whatsapp/support/error-codes",
        },
      ]);
    }
  });

  it("carry the delays in their timestamps, though they are told at once", async () => {
    const file = join(folder(), "bodies.ndjson");
    const delays = { sent: 100, delivered: 1000, read: 10_000 };
    const { send, simulator } = await simulated({
      webhook: { file },
      shares: ALL_READ,
      delays,
      immediate: true,
    });
    await send(textTo(TO));
    await simulator.flush();
    const [sent, delivered, read] = statusesIn(file).map(
      (status) => Number(status.timestamp) - NOON.getTime() / 1000,
    );
    expect(sent).toSatisfy((seconds: number) => seconds >= 50 && seconds <= 150);
    expect(delivered! - sent!).toSatisfy((seconds: number) => seconds >= 499 && seconds <= 1501);
    expect(read! - delivered!).toSatisfy((seconds: number) => seconds >= 4999 && seconds <= 15_001);
  });

  it("are several in a body, as many as a batch, one change for each number", async () => {
    const file = join(folder(), "bodies.ndjson");
    const { send, simulator } = await simulated({ webhook: { file }, shares: ALL_READ, batch: 4 });
    await send(textTo(TO), { path: "/v25.0/111/messages" });
    await send(textTo(TO), { path: "/v25.0/222/messages" });
    await simulator.flush();
    const bodies = linesOf<WebhookJson>(file);
    expect(bodies.map((body) => statusesOf([body]).length)).toEqual([4, 2]);
    const changes = bodies.flatMap(({ entry }) => entry.flatMap((each) => each.changes));
    const numbers = changes.map(({ value }) => value.metadata.phone_number_id);
    expect(new Set(numbers)).toEqual(new Set(["111", "222"]));
  });

  it("are appended to what is there, for nobody else to read", async () => {
    const file = join(folder(), "bodies.ndjson");
    for (const seed of [1, 2]) {
      const { send, simulator } = await simulated({ webhook: { file }, seed, shares: ALL_READ });
      await send(textTo(TO));
      await simulator.close();
    }
    expect(linesOf<WebhookJson>(file)).toHaveLength(2);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("are what adsapp's own reader understands", async () => {
    const file = join(folder(), "bodies.ndjson");
    const { sendAll, simulator } = await simulated({ webhook: { file }, shares: { failed: 0.5 } });
    await sendAll(people(20));
    await simulator.flush();
    const read = linesOf<WebhookJson>(file).flatMap((body) => readStatuses(JSON.stringify(body)));
    const { statuses } = simulator.counts();
    expect(read).toHaveLength(statuses.sent + statuses.delivered + statuses.read + statuses.failed);
    const codes = read.filter(({ status }) => status === "failed").map(({ errorCode }) => errorCode);
    expect(codes).not.toContain(null);
  });

  it("name a business-scoped user id as such", async () => {
    const file = join(folder(), "bodies.ndjson");
    const { send, simulator } = await simulated({ webhook: { file }, shares: ALL_READ });
    await send({ messaging_product: "whatsapp", recipient: "NL.1349", text: { body: "Hallo" } });
    await simulator.flush();
    const [status] = statusesIn(file);
    expect(status).toMatchObject({
      recipient_user_id: "NL.1349",
      pricing: { category: "service", billable: false },
    });
    expect(status).not.toHaveProperty("recipient_id");
  });
});

describe("statuses that misbehave", () => {
  const told = async (options: object) => {
    const file = join(folder(), "bodies.ndjson");
    const { sendAll, simulator } = await simulated({ webhook: { file }, shares: ALL_READ, ...options });
    await sendAll(people(300));
    await simulator.flush();
    return statusesIn(file).map(({ recipient_id, status }) => `${recipient_id} ${status}`);
  };

  it("get lost in the share that is set, the same ones for the same seed", async () => {
    const some = await told({ dropStatuses: 0.2 });
    expect(some.length / 900).toBeCloseTo(0.8, 1);
    expect((await told({ dropStatuses: 0.2 })).toSorted()).toEqual(some.toSorted());
    expect(await told({ dropStatuses: 1 })).toEqual([]);
  });

  it("come twice in the share that is set", async () => {
    const some = await told({ duplicateStatuses: 0.2 });
    expect(new Set(some).size).toBe(900);
    expect(some.length / 900).toBeCloseTo(1.2, 1);
    expect(await told({ duplicateStatuses: 1 })).toHaveLength(1800);
  });

  it("come in any order, all of them, when they are shuffled", async () => {
    const inOrder = await told({});
    const shuffled = await told({ shuffle: true, immediate: true });
    expect(shuffled.toSorted()).toEqual(inOrder.toSorted());
    const place = new Map(shuffled.map((status, n) => [status, n]));
    const early = people(300).filter(
      (to) => place.get(`${to.slice(1)} read`)! < place.get(`${to.slice(1)} sent`)!,
    );
    expect(early.length).toBeGreaterThan(100);
    expect(early.length).toBeLessThan(200);
  });

  it("come late when they are shuffled, never before their time", async () => {
    let now = NOON.getTime();
    const arrivedAt: number[] = [];
    const endpoint = await webhookEndpoint();
    endpoint.onDelivery(() => arrivedAt.push(now));
    const { sendAll } = await simulated({
      webhook: { url: endpoint.url },
      shares: ALL_READ,
      delays: { sent: 0, delivered: 10, read: 20 },
      shuffle: true,
      batch: 1,
      now: () => {
        now += 5000;
        return new Date(now);
      },
    });
    await sendAll(people(40));
    await endpoint.arrived(120);
    const told = statusesOf(endpoint.deliveries.map(({ raw }) => JSON.parse(raw)));
    expect(told.filter(({ timestamp }, n) => Number(timestamp) * 1000 > (arrivedAt[n] ?? 0))).toEqual([]);
    const place = (id: string, word: string) =>
      told.findIndex((status) => status.id === id && status.status === word);
    expect(told.some(({ id }) => place(id, "sent") > place(id, "delivered"))).toBe(true);
  });
});
