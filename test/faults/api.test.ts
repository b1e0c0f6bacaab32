import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { selfSigned } from "./certificate.ts";
import {
  acceptedBut,
  answerWith,
  emptyWith200,
  hugeWith200,
  type Misdeed,
  PROXY_PAGE,
  pageWith200,
  refuseWith,
  reset,
  startFaultyApi,
  truncated,
} from "./faulty-api.ts";
import { expectEachOnce, finish } from "./finish.ts";
import { watch } from "./processes.ts";
import { makeWorld, type World } from "./world.ts";

interface Job {
  phone: string;
  status: string;
  attempts: number;
  errorCode: string | null;
  error: string | null;
  wait: number | null;
}

const JOBS = `
  select c.phone, j.status, j.attempts, j.error_code, j.error, extract(epoch from j.next_attempt_at - j.dispatched_at)::float8 as wait
    from bulk_message_jobs j join contacts c on c.id = j.contact_id order by c.phone`;

const jobsOf = (world: World) => world.query<Job>(JOBS);

/** What becomes of a message at first: its status, attempts and code, and whether the API has it. */
type Expected = [misdeed: Misdeed, status: string, attempts: number, code: string, isAccepted: boolean];

const refusals: Record<string, Expected> = {
  "429 with Retry-After 120": [
    refuseWith(429, 130429, { "retry-after": "120" }),
    "pending",
    0,
    "130429",
    false,
  ],
  "429 with a Retry-After of 30 years": [
    refuseWith(429, 130429, { "retry-after": "999999999" }),
    "pending",
    0,
    "130429",
    false,
  ],
  "429 with a date for Retry-After": [
    refuseWith(429, 130429, { "retry-after": new Date(Date.now() + 600_000).toUTCString() }),
    "pending",
    0,
    "130429",
    false,
  ],
  "429 without a Graph body": [
    answerWith(429, "<html>", { "retry-after": "60" }),
    "pending",
    0,
    "http_429",
    false,
  ],
  "500 with a Graph body": [refuseWith(500, 131000), "pending", 1, "131000", false],
  "500 without one": [answerWith(500, ""), "unknown", 1, "unknown", false],
  "a proxy's page with 502": [PROXY_PAGE, "unknown", 1, "unknown", false],
  "a reset, not accepted": [reset, "unknown", 1, "unknown", false],
};

const accidents: Record<string, Expected> = {
  "a reset, accepted": [acceptedBut(reset), "unknown", 1, "unknown", true],
  "502, accepted": [acceptedBut(PROXY_PAGE), "unknown", 1, "unknown", true],
  "HTML with 200": [pageWith200, "unknown", 1, "unknown", true],
  "an empty body": [emptyWith200, "unknown", 1, "unknown", true],
  "a truncated body": [truncated, "unknown", 1, "unknown", true],
  "a huge body": [hugeWith200, "unknown", 1, "unknown", true],
};

describe("an API that answers badly", () => {
  it("refusals, pages, resets and broken bodies: each is what can be known of it, and in the end each person has it once", async () => {
    const cases = Object.entries({ ...refusals, ...accidents });
    const world = await makeWorld({ people: 60 });
    const phones = (await jobsOf(world)).map(({ phone }) => phone);
    const caseOf = new Map(cases.map(([, expected], n) => [phones[n * 4] as string, expected]));
    const api = await startFaultyApi(world.simulator.url, (to, n) =>
      n === 1 ? caseOf.get(to)?.[0] : undefined,
    );
    await world.sendThrough(api.url);
    const tick = watch(world.startTick(["--only", "send"]));
    expect(await tick.ended).toEqual({ code: 0, said: "" });
    const has = new Set(world.simulator.accepted().map(({ to }) => to));
    const became = (await jobsOf(world)).filter(({ phone }) => caseOf.has(phone));
    const seen = became.map(({ phone, status, attempts, errorCode }, n) => [
      cases[n]?.[0],
      status,
      attempts,
      errorCode,
      has.has(phone),
    ]);
    expect(seen).toEqual(cases.map(([what, [, ...expected]]) => [what, ...expected]));
    const waits = became.map(({ wait }) => wait);
    expect(waits[0]).toBeGreaterThanOrEqual(120);
    expect(waits[1]).toBeGreaterThanOrEqual(900);
    expect(waits[1]).toBeLessThan(1000); // honoured, and capped
    await finish(world);
    expect((await expectEachOnce(world)).recovered).toBe(Object.keys(accidents).length);
  });

  it("a redirect is not followed, and the token is not forwarded", async () => {
    const world = await makeWorld({ people: 3 });
    const visits: (string | undefined)[] = [];
    const elsewhere = createPlainServer((request, response) => {
      visits.push(request.headers.authorization);
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void elsewhere.close());
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/v25.0/1/messages`;
    const api = await startFaultyApi(world.simulator.url, () => answerWith(307, "", { location }));
    await world.sendThrough(api.url);
    expect(await watch(world.startTick()).ended).toEqual({ code: 0, said: "" });
    expect(visits).toEqual([]);
    const failed = { status: "failed", attempts: 1, errorCode: "http_307" };
    expect(await jobsOf(world)).toMatchObject([failed, failed, failed]);
    expect(world.simulator.counts().accepted).toBe(0);
    await world.expectCleanAudit();
  });

  it("with a certificate that nobody vouches for it is refused before a byte of a message leaves: known as not sent", async () => {
    const world = await makeWorld({ people: 3 });
    const heard: unknown[] = [];
    const server = createServer(selfSigned(), (request, response) => {
      heard.push(request.headers);
      response.end();
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await world.sendThrough(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(await watch(world.startTick()).ended).toEqual({ code: 0, said: "" });
    expect(heard).toEqual([]);
    const unsent = {
      status: "pending",
      attempts: 1,
      errorCode: "unsent",
      error: "DEPTH_ZERO_SELF_SIGNED_CERT",
    };
    expect(await jobsOf(world)).toMatchObject([unsent, unsent, unsent]);
    await finish(world);
    await expectEachOnce(world);
  });
});

describe("an API that no longer takes the token", () => {
  it("halts the lane with attempts untouched; other tenants go on, and a resume sends the rest once", async () => {
    const world = await makeWorld({ tenants: 2, people: 40, throughput: 200 });
    const api = await startFaultyApi(world.simulator.url, () => refuseWith(401, 190));
    const [expired] = world.tenants;
    await world.query("update senders set api_url = $1 where organization_id = $2", [
      `${api.url}/v25.0`,
      expired?.id,
    ]);
    const { code, said } = await watch(world.startTick()).ended;
    expect(code).toBe(3);
    expect(said).toMatch(/sender "number-1" is halted: 190/);
    const rows = await world.query<{ mine: boolean; status: string; attempts: number; n: number }>(
      "select organization_id = $1 as mine, status, attempts, count(*)::int as n from bulk_message_jobs group by 1, 2, 3 order by 1",
      [expired?.id],
    );
    expect(rows).toEqual([
      { mine: false, status: "sent", attempts: 1, n: 40 },
      { mine: true, status: "pending", attempts: 0, n: 40 },
    ]);
    const resumed = await world.adsapp("sender", "resume", "number-1", "--org", expired?.slug ?? "");
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    await finish(world);
    await expectEachOnce(world);
  });
});
