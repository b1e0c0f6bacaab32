import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { Dispatch } from "../../src/sending/dispatch.ts";
import { cloudProvider } from "../../src/sending/providers/whatsapp-cloud.ts";
import { accept, apiThat, cloudWorld, statusesOf } from "../sending/dispatching.ts";
import { NOW, type Setup, setup } from "../sending/setup.ts";
import { until } from "../support/until.ts";
import { selfSigned } from "./certificate.ts";
import { expectEachOnce, finish } from "./finish.ts";
import { during, watch } from "./processes.ts";
import { makeWorld } from "./world.ts";

const LEASE = 2;

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

describe("a lease whose renewal comes late", () => {
  it("ends the lane's work for good: the rest is handed back, and the lane is free", async () => {
    const api = await apiThat(accept);
    const { w, campaign } = await cloudWorld(s, 300, { throughput: 20 });
    const takenAt = performance.now();
    const held = await w.lane();
    const provider = cloudProvider({
      apiUrl: `${api.url}/v25.0`,
      phoneNumberId: held.phoneNumberId ?? "",
      token: "token",
    });
    const never = new AbortController().signal;
    const dispatch = new Dispatch(
      {
        database: s.database,
        lane: held,
        provider,
        leaseSeconds: LEASE,
        stopping: never,
        aborting: never,
        now: () => NOW,
      },
      takenAt,
    );
    const work = dispatch.run();
    const elsewhere = new Database({ url: s.url });
    await elsewhere.transaction(worker, async (tx) => {
      await tx.query("select from senders where id = $1 for update", [held.id]); // the renewal has to wait
      const lockedAt = performance.now();
      await until("its right to dispatch is over", () => performance.now() > lockedAt + LEASE * 1000);
    });
    await elsewhere.close();
    expect(await work).toMatchObject({ fault: undefined });
    const { pending = 0, sent = 0, ...others } = await statusesOf(w, campaign);
    expect(others).toEqual({});
    expect(sent).toBe(api.arrivals.length);
    expect(pending).toBeGreaterThan(0);
    expect(await w.rows("select lane_token from senders where id = $1", [held.id])).toEqual([
      { laneToken: null },
    ]);
  });
});

/** An HTTPS API whose handshakes wait until the test lets them go on, and that counts what arrives. */
async function slowToGreet() {
  const { cert, key } = selfSigned();
  const folder = mkdtempSync(join(tmpdir(), "adsapp-tls-"));
  writeFileSync(join(folder, "ca.pem"), cert);
  let posts = 0;
  const api = createServer({ cert, key }, (_request, response) => {
    posts++;
    response.writeHead(500).end();
  });
  let greet = () => {};
  const mayGreet = new Promise<void>((resolve) => {
    greet = resolve;
  });
  let waiting = 0;
  const door = createTcpServer((client) => {
    waiting++;
    client.pause();
    client.on("error", () => {});
    void mayGreet.then(() => {
      const inside = connect((api.address() as AddressInfo).port, "127.0.0.1");
      inside.on("error", () => {});
      client.pipe(inside).pipe(client);
    });
  });
  for (const server of [api, door])
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  onTestFinished(() => {
    api.closeAllConnections();
    api.close();
    door.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url: `https://localhost:${(door.address() as AddressInfo).port}`,
    ca: join(folder, "ca.pem"),
    waiting: () => waiting,
    posts: () => posts,
    greet,
  };
}

describe("a worker that was frozen for longer than its lease", () => {
  it("sends none of the messages that wait for a connection when it wakes up: others may have sent them since", async () => {
    const api = await slowToGreet();
    const world = await makeWorld({ people: 30, lease: 4, env: { NODE_EXTRA_CA_CERTS: api.ca } });
    await world.sendThrough(api.url);
    const tick = watch(world.startTick());
    await during(tick, "its messages wait for a connection", () => api.waiting() >= 5);
    tick.child.kill("SIGSTOP");
    await until("its lease is over", async () => {
      const [lane] = await world.query<{ over: boolean }>(
        "select lane_expires_at <= clock_timestamp() as over from senders",
      );
      return lane?.over === true;
    });
    await world.sendThrough(world.simulator.url);
    await finish(world); // a quarter of an hour later they are sent again
    const sent = world.simulator.counts().accepted;
    api.greet();
    tick.child.kill("SIGCONT");
    const { code, said } = await tick.ended;
    expect([0, 75], said).toContain(code);
    expect(api.posts()).toBe(0);
    expect(world.simulator.counts().accepted).toBe(sent);
    await expectEachOnce(world);
  });
});
