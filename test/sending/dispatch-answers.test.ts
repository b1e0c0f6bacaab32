import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Answering,
  accept,
  acceptance,
  apiThat,
  cloudWorld,
  refuse,
  type Sending,
  statusesOf,
  workLane,
} from "./dispatching.ts";
import { NOW, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

/** What becomes of a single message that the API answers so. */
async function answeredBy(answer: Answering, given: Partial<Sending> = {}) {
  const api = await apiThat(answer);
  const { w, campaign } = await cloudWorld(s, 1);
  const report = await workLane(s, w, { url: api.url, ...given });
  const [job] = await w.jobs(campaign);
  return { report, job, posts: api.arrivals.length, w, campaign };
}

const secondsUntil = (time: unknown) => ((time as Date).getTime() - NOW.getTime()) / 1000;

describe("an answer of 429", () => {
  it.each([
    ["2", 2],
    ["120", 120],
    ["999999999", 900],
    ["-5", 1],
    ["soon", 1],
    ["", 1],
    ["1e400", 1],
    ["120, 60", 1],
    ["Fri, 27 Nov 2026 09:05:00 GMT", 300],
    ["Fri, 27 Nov 2026 08:00:00 GMT", 1],
    ["Fri, 27 Nov 2036 09:05:00 GMT", 900],
  ])('with Retry-After "%s" waits %i seconds and counts no attempt', async (retryAfter, seconds) => {
    const { job, report } = await answeredBy((response) =>
      refuse(response, 429, 130429, { "retry-after": retryAfter, date: "Fri, 27 Nov 2026 09:00:00 GMT" }),
    );
    expect(job).toMatchObject({ status: "pending", attempts: 0, waits: 0, errorCode: "130429" });
    expect(secondsUntil(job?.nextAttemptAt)).toBeGreaterThanOrEqual(seconds);
    expect(secondsUntil(job?.nextAttemptAt)).toBeLessThan(seconds + 60);
    expect(report).toMatchObject({ deferred: 1, halted: null, fault: undefined });
  });

  it("without a body of Meta's waits too", async () => {
    const { job } = await answeredBy((response) =>
      response.writeHead(429, { "retry-after": "30" }).end("<html>"),
    );
    expect(job).toMatchObject({ status: "pending", attempts: 0, errorCode: "http_429" });
  });
});

describe("an answer that says it was not accepted", () => {
  it("of 500 with a Graph body is tried again", async () => {
    const { job, report } = await answeredBy((response) => refuse(response, 500, 131000));
    expect(job).toMatchObject({
      status: "pending",
      attempts: 1,
      errorCode: "131000",
      error: "Details of 131000",
    });
    expect(report).toMatchObject({ retried: 1, bulk: 0 });
  });

  it("of 400 fails, with code and reason", async () => {
    const { job } = await answeredBy((response) => refuse(response, 400, 131051));
    expect(job).toMatchObject({ status: "failed", attempts: 1, errorCode: "131051" });
  });

  it("by a redirect is not followed, and the token goes nowhere else", async () => {
    const elsewhere = await apiThat(accept);
    const { job, posts } = await answeredBy((response) =>
      response.writeHead(307, { location: `${elsewhere.url}/v25.0/1/messages` }).end(),
    );
    expect(elsewhere.arrivals).toEqual([]);
    expect({ posts, status: job?.status, errorCode: job?.errorCode }).toEqual({
      posts: 1,
      status: "failed",
      errorCode: "http_307",
    });
  });

  it("because nobody listens is tried again, with nothing lost", async () => {
    const { w, campaign } = await cloudWorld(s, 3);
    const report = await workLane(s, w, { url: "http://127.0.0.1:9" });
    expect(await w.jobs(campaign)).toMatchObject(
      Array(3).fill({ status: "pending", attempts: 1, errorCode: "unsent" }),
    );
    expect(report).toMatchObject({ retried: 3, unknown: 0, fault: undefined });
  });
});

describe("an answer from which nobody can tell", () => {
  const PAGE = "<html><body>Bad gateway</body></html>";
  const answers: [string, Answering][] = [
    [
      "a page of a proxy with 502",
      (response) => response.writeHead(502, { "content-type": "text/html" }).end(PAGE),
    ],
    ["a page with 200", (response) => response.writeHead(200, { "content-type": "text/html" }).end(PAGE)],
    ["nothing with 200", (response) => response.end()],
    ["nothing with 500", (response) => response.writeHead(500).end()],
    ["half a JSON with 200", (response) => response.end(acceptance().slice(0, -20))],
    ["JSON without an id", (response) => response.end('{"messages":[{}]}')],
    ["JSON that is no object", (response) => response.end("null")],
    ["two megabytes", (response) => response.end(`{"messages":[{"id":"${"x".repeat(2_000_000)}"}]}`)],
    ["two megabytes with 500", (response) => response.writeHead(500).end("x".repeat(2_000_000))],
    [
      "less than it announced",
      (response) => {
        response.writeHead(200, { "content-length": "1000" }).write('{"messages"');
        setTimeout(() => response.destroy(), 20);
      },
    ],
    ["no answer: reset before one", (response) => response.socket?.resetAndDestroy()],
    ["no answer: it hangs", () => {}],
    [
      "one that drips",
      (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(timer));
      },
    ],
  ];

  it.each(answers)("%s: unknown, POSTed once, and the lane goes on", async (_what, answer) => {
    const { job, posts, report, w } = await answeredBy(answer, { deadlineMs: 300 });
    expect(job).toMatchObject({
      status: "unknown",
      attempts: 1,
      unknownSince: expect.any(Date),
      errorCode: "unknown",
    });
    expect(job?.error).not.toBe("");
    expect(posts).toBe(1);
    expect(report).toMatchObject({ unknown: 1, bulk: 0, fault: undefined });
    expect(
      await w.rows("select id from lane_windows where organization_id = $1", [w.organization.id]),
    ).toEqual([]);
  });

  it("a connection that is closed as soon as it stands: unknown or known as not sent, never failed", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { w, campaign } = await cloudWorld(s, 5);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await workLane(s, w, { url })).toMatchObject({ fault: undefined, failed: 0, bulk: 0 });
    server.close();
    const { unknown = 0, pending = 0 } = await statusesOf(w, campaign);
    expect(unknown + pending).toBe(5);
  });
});

describe("a token that is no longer good", () => {
  it("halts all senders of its account, with attempts untouched and nothing more dispatched", async () => {
    const api = await apiThat((response) => refuse(response, 401, 190));
    const { w, campaign } = await cloudWorld(s, 40, { throughput: 20 });
    await w.rows(
      `insert into senders (organization_id, name, provider, api_url, phone_number_id, token_env) values ($1, 'second', 'whatsapp-cloud', $2, '2002', 'WHATSAPP_TOKEN')`,
      [w.organization.id, api.url],
    );
    const report = await workLane(s, w, { url: api.url });
    expect(report.halted).toBe("190: Details of 190");
    expect(await w.rows("select state from senders where organization_id = $1", [w.organization.id])).toEqual(
      [{ state: "halted" }, { state: "halted" }],
    );
    expect(api.arrivals.length).toBeLessThan(40);
    expect(
      (await w.jobs(campaign)).every(({ status, attempts }) => status === "pending" && attempts === 0),
    ).toBe(true);
    expect(await w.lanes()).toEqual([]);
  });
});

describe("faults of our own", () => {
  it("pause their campaign at the fifth in a row, and the rest of it stays pending", async () => {
    const api = await apiThat((response) => refuse(response, 400, 132000));
    const { w, campaign } = await cloudWorld(s, 60, { throughput: 20 });
    const other = await w.broadcast({ states: { cancelled: 1 } });
    const report = await workLane(s, w, { url: api.url, concurrency: 1 });
    expect(report).toMatchObject({ halted: null, fault: undefined });
    expect(await w.campaign(campaign)).toMatchObject({
      status: "paused",
      pauseReason: expect.stringContaining("132000 Details of 132000"),
    });
    expect(await w.campaign(other)).toMatchObject({ status: "running" });
    expect(await statusesOf(w, campaign)).toEqual({ failed: 5, pending: 55 });
    expect(api.arrivals).toHaveLength(5);
    const pending = (await w.jobs(campaign)).filter(({ status }) => status === "pending");
    expect(pending.every(({ attempts }) => attempts === 0)).toBe(true);
  });

  it("of Meta's template pause pause the campaign at the first, with no attempt counted", async () => {
    const api = await apiThat((response) => refuse(response, 400, 132015));
    const { w, campaign } = await cloudWorld(s, 10, { throughput: 5 });
    await workLane(s, w, { url: api.url, concurrency: 1 });
    expect(await w.campaign(campaign)).toMatchObject({
      status: "paused",
      pauseReason: expect.stringContaining("132015"),
    });
    expect(
      (await w.jobs(campaign)).every(({ status, attempts }) => status === "pending" && attempts === 0),
    ).toBe(true);
  });
});
