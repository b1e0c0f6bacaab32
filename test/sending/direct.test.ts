import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Row } from "../../src/db/database.ts";
import { claimWindows } from "../../src/sending/claim.ts";
import type { RowOutcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { rescueDirect } from "../../src/sending/rescue.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import { accept, apiThat, refuse, workLane } from "./dispatching.ts";
import { minutesAfter, NOW, only, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

async function cloud(given: { lastInboundAt?: Date } = { lastInboundAt: NOW }) {
  const w = await s.world({ sender: { provider: "whatsapp-cloud", throughput: 1000 } });
  const [contact] = await w.contacts(1, given);
  return { w, contact: contact as { id: string } };
}

/** An agent's answer, as anything may write it. */
async function answer(
  w: World,
  contact: { id: string },
  text = "Tot morgen!",
  type = "text",
): Promise<string> {
  const [row] = await w.rows<{ id: string }>(
    `insert into messages (organization_id, direction, contact_id, type, body, payload, status)
     values ($1, 'outbound', $2, $3, $4, $5, 'pending') returning id`,
    [w.organization.id, contact.id, type, text, JSON.stringify({ type, text: { body: text } })],
  );
  return (row as { id: string }).id;
}

const messageOf = async (w: World, id: string): Promise<Row> =>
  only(await w.rows("select * from messages where id = $1", [id]));
const queued = (w: World) =>
  w.rows("select * from direct_queue where organization_id = $1", [w.organization.id]);

describe("a pending outbound message", () => {
  it("is sent by the lane of the default sender, under an opaque id of its own", async () => {
    const { w, contact } = await cloud();
    const id = await answer(w, contact);
    const api = await apiThat(accept);
    expect(await workLane(s, w, api)).toMatchObject({ direct: 1, bulk: 0, fault: undefined });
    expect(api.arrivals.map(({ opaqueId }) => opaqueId)).toEqual([`m:${id}:1`]);
    expect(await messageOf(w, id)).toMatchObject({
      status: "sent",
      senderId: w.sender.id,
      attempt: 1,
      providerMessageId: expect.stringMatching(/^wamid/),
      sentAt: expect.any(Date),
    });
    expect(await queued(w)).toEqual([]);
  });

  it("goes before what campaigns have due", async () => {
    const { w, contact } = await cloud();
    await w.broadcast({ contacts: await w.contacts(20, { lastInboundAt: NOW }) });
    await answer(w, contact);
    const api = await apiThat(accept);
    expect(await workLane(s, w, api)).toMatchObject({ direct: 1, bulk: 20 });
    expect(api.arrivals[0]?.opaqueId).toMatch(/^m:/);
  });

  it.each([
    ["outside_service_window", "last_inbound_at = adsapp_now() - interval '25 hours'"],
    ["blocked", "blocked_at = adsapp_now()"],
  ])("fails with the reason %s when that has come in between", async (reason, change) => {
    const { w, contact } = await cloud();
    const id = await answer(w, contact);
    await w.rows(`update contacts set ${change} where id = $1`, [contact.id]);
    const api = await apiThat(accept);
    expect(await workLane(s, w, api)).toMatchObject({ direct: 0, skipped: 1 });
    expect(api.arrivals).toEqual([]);
    expect(await messageOf(w, id)).toMatchObject({ status: "failed", errorCode: reason });
    expect(await queued(w)).toEqual([]);
  });

  it("goes to somebody who opted out of marketing", async () => {
    const { w, contact } = await cloud();
    await answer(w, contact);
    await w.rows("update contacts set opted_out_at = adsapp_now(), opt_out_source = 'test' where id = $1", [
      contact.id,
    ]);
    expect(await workLane(s, w, await apiThat(accept))).toMatchObject({ direct: 1 });
  });

  it("is tried three times, a minute and two apart, and then has failed", async () => {
    const { w, contact } = await cloud();
    const id = await answer(w, contact);
    const api = await apiThat((response) => refuse(response, 500, 131000));
    for (const minutes of [0.1, 1.3, 3.6]) {
      s.at(minutesAfter(minutes));
      await w.rows("update senders set state = 'active', rests_until = null where id = $1", [w.sender.id]);
      await workLane(s, w, api);
    }
    s.at(NOW);
    expect(api.arrivals.map(({ opaqueId }) => opaqueId)).toEqual([1, 2, 3].map((n) => `m:${id}:${n}`));
    expect(await messageOf(w, id)).toMatchObject({ status: "failed", errorCode: "131000" });
    expect(await queued(w)).toEqual([]);
  });

  it("waits without an attempt when the number is halted", async () => {
    const { w, contact } = await cloud();
    const id = await answer(w, contact);
    const report = await workLane(s, w, await apiThat((response) => refuse(response, 401, 190)));
    expect(report.halted).toContain("190");
    expect(await messageOf(w, id)).toMatchObject({ status: "pending" });
    expect(await queued(w)).toMatchObject([
      { attempts: 0, laneToken: null, nextAttemptAt: expect.any(Date) },
    ]);
  });
});

describe("of what a worker claimed and then died", () => {
  async function claimed() {
    const { w, contact } = await cloud();
    const id = await answer(w, contact);
    const lane = await w.lane();
    await claimWindows(s.database, lane, 10);
    return { w, id, lane };
  }

  it("nothing is sent again: it is unknown, and the webhook settles it", async () => {
    const { w, id } = await claimed();
    await w.expireLeases();
    expect(await rescueDirect(s.database, w.organization.id)).toBe(1);
    expect(await messageOf(w, id)).toMatchObject({ status: "unknown", errorCode: "crash" });
    await storeBodies(s.database, [await statusBody(w, id, "wamid.late", "delivered")], "test");
    await applyInbox(s.database);
    expect(await messageOf(w, id)).toMatchObject({
      status: "delivered",
      providerMessageId: "wamid.late",
      errorCode: null,
    });
  });

  it("a webhook that is faster than the answer is the same message", async () => {
    const { w, id, lane } = await claimed();
    await storeBodies(s.database, [await statusBody(w, id, "wamid.fast", "read")], "test");
    await applyInbox(s.database);
    await record(w, lane, id, "sent", "wamid.fast");
    expect(await messageOf(w, id)).toMatchObject({ status: "read", providerMessageId: "wamid.fast" });
    expect(
      await w.rows("select id from messages where organization_id = $1", [w.organization.id]),
    ).toHaveLength(1);
  });

  it("an acceptance is written by whoever has it, a decision only by who holds it", async () => {
    const { w, id, lane } = await claimed();
    const stranger = { ...lane, laneToken: "11111111-1111-4111-8111-111111111111" };
    await record(w, stranger, id, "failed");
    expect(await messageOf(w, id)).toMatchObject({ status: "pending" });
    await record(w, stranger, id, "sent", "wamid.stranger");
    expect(await messageOf(w, id)).toMatchObject({ status: "sent", providerMessageId: "wamid.stranger" });
    expect(await queued(w)).toEqual([]);
  });

  it("a status from a number that did not send it is put aside", async () => {
    const { w, id } = await claimed();
    const other = await s.world({ sender: { provider: "whatsapp-cloud", phoneNumberId: "4711" } });
    const body = await statusBody(other, id, "wamid.foreign", "delivered");
    await storeBodies(s.database, [body], "test");
    await applyInbox(s.database);
    expect(await messageOf(w, id)).toMatchObject({ status: "pending", providerMessageId: null });
    expect(await s.rows("select error from webhook_inbox where body = $1", [body])).toMatchObject([
      { error: expect.stringContaining("did not send") },
    ]);
  });
});

it("whatever comes of its attempts, it is either queued or final, and sent at most once without a crash", async () => {
  const words: RowOutcome[] = ["sent", "retry", "wait", "later", "handback", "failed", "unknown", "withheld"];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 8 }), async (path) => {
      const { w, contact } = await cloud();
      const id = await answer(w, contact);
      let attempts = 0;
      for (const [n, word] of path.entries()) {
        await w.rows(
          "update direct_queue set next_attempt_at = adsapp_now() where message_id = $1 and lane_token is null",
          [id],
        );
        const [lane] = await w.lanes();
        if (lane === undefined) break;
        const [window] = await claimWindows(s.database, lane, 10);
        attempts = window?.jobs[0]?.attempts ?? 0;
        await record(w, lane, id, word, `wamid.path-${id}-${n}`, attempts);
        const { status } = (await messageOf(w, id)) as { status: string };
        const open = await queued(w);
        expect(open.length).toBe(status === "pending" ? 1 : 0);
        expect(status === "sent").toBe(word === "sent");
        await w.rows("update senders set lane_token = null, lane_expires_at = null where id = $1", [
          w.sender.id,
        ]);
      }
      expect(attempts).toBeLessThanOrEqual(3);
    }),
    { numRuns: 15 },
  );
});

async function record(
  w: World,
  lane: Awaited<ReturnType<World["lane"]>>,
  jobId: string,
  row: RowOutcome,
  providerMessageId: string | null = null,
  attempt = 1,
) {
  const recorder = new Recorder(s.database, lane, () => {});
  const isSent = row === "sent";
  const reason = isSent || row === "handback" ? null : "131000";
  recorder.add({
    kind: "m",
    jobId,
    windowId: w.organization.id,
    attempt,
    outcome: {
      row,
      afterSeconds: row === "handback" ? 0 : 60,
      errorCode: reason,
      error: reason,
      providerMessageId: isSent ? providerMessageId : null,
    },
    at: NOW,
    type: "text",
    body: "Hoi",
  });
  await recorder.drain();
}

async function statusBody(w: World, id: string, wamid: string, status: string): Promise<string> {
  const [sender] = await w.rows<{ phoneNumberId: string }>(
    "select phone_number_id from senders where id = $1",
    [w.sender.id],
  );
  const timestamp = String(NOW.getTime() / 1000);
  const statuses = [{ id: wamid, status, timestamp, biz_opaque_callback_data: `m:${id}:1` }];
  const metadata = { phone_number_id: sender?.phoneNumberId };
  const value = { messaging_product: "whatsapp", metadata, statuses };
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value }] }],
  });
}

it("leaves the queue when somebody else writes what became of it", async () => {
  const { w, contact } = await cloud();
  const id = await answer(w, contact);
  await w.rows("update messages set status = 'sent', sent_at = adsapp_now() where id = $1", [id]);
  expect(await queued(w)).toEqual([]);
});
