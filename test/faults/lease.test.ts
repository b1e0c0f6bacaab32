import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { Dispatch } from "../../src/sending/dispatch.ts";
import { cloudProvider } from "../../src/sending/providers/whatsapp-cloud.ts";
import { accept, apiThat, cloudWorld, statusesOf } from "../sending/dispatching.ts";
import { NOW, type Setup, setup } from "../sending/setup.ts";
import { until } from "../support/until.ts";

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
    await s.database.transaction(worker, async (tx) => {
      await tx.query("select from senders where id = $1 for update", [held.id]); // the renewal has to wait
      await until("its right to dispatch is over", () => performance.now() > takenAt + LEASE * 1000);
    });
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
