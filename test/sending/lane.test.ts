import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { haltSenders, type Lane, releaseLane, renewLane, takeLanes } from "../../src/sending/lane.ts";
import { makeSender } from "../support/factories.ts";
import { LEASE, NOW, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const META = "https://graph.facebook.com/v25.0";

const senders = (w: World) =>
  w.rows(
    `select name, state, halt_reason, lane_token, lane_holder, lane_expires_at > clock_timestamp() as held,
            extract(epoch from lane_expires_at - clock_timestamp()) as seconds
       from senders where organization_id = $1 order by name`,
    [w.organization.id],
  );

async function worldWithWork(given: Parameters<Setup["world"]>[0] = {}): Promise<World> {
  const w = await s.world(given);
  await w.broadcast({ states: { pending: 2 } });
  return w;
}

describe("a lane is taken", () => {
  it("with a new token, a holder and a lease by the server's own clock", async () => {
    const w = await worldWithWork();
    const lane = await w.lane();
    const [sender] = await senders(w);
    expect(sender).toMatchObject({
      laneToken: lane.laneToken,
      laneHolder: expect.stringContaining(`:${process.pid}`),
      held: true,
    });
    expect(sender?.seconds).toBeGreaterThan(LEASE - 10);
    expect(sender?.seconds).toBeLessThanOrEqual(LEASE);
  });

  it("by one worker at a time, free again when released", async () => {
    const w = await worldWithWork();
    const lane = await w.lane();
    expect(await w.lanes()).toEqual([]);
    await releaseLane(s.database, lane);
    expect((await w.lane()).laneToken).not.toBe(lane.laneToken);
  });

  it("by another once the lease ran out", async () => {
    const w = await worldWithWork();
    const lane = await w.lane();
    await w.expireLeases();
    expect((await w.lane()).laneToken).not.toBe(lane.laneToken);
    expect(await renewLane(s.database, lane, LEASE)).toBeUndefined();
  });

  it("by exactly one of many that ask at once", async () => {
    const w = await worldWithWork();
    const databases = Array.from({ length: 8 }, () => new Database({ url: s.url, connections: 1 }));
    const ask = { leaseSeconds: LEASE, organizationId: w.organization.id, limit: 16 };
    const taken = await Promise.all(databases.map((database) => takeLanes(database, ask)));
    await Promise.all(databases.map((database) => database.close()));
    expect(taken.flat()).toHaveLength(1);
  });

  it("only where work is due", async () => {
    const w = await s.world();
    expect(await w.lanes()).toEqual([]);
    await w.broadcast({ states: { sent: 2, waiting: 1 } });
    expect(await w.lanes()).toEqual([]);
    await w.broadcast({ states: { pending: 1 } });
    expect(await w.lanes()).toHaveLength(1);
  });

  it("as many as are asked for, each its own", async () => {
    const w = await worldWithWork();
    for (const name of ["second", "third"]) {
      const { id } = await makeSender(s.database, w.organization, { name });
      await w.broadcast({ senderId: id, states: { pending: 1 } });
    }
    const ask = { leaseSeconds: LEASE, organizationId: w.organization.id };
    const some = await takeLanes(s.database, { ...ask, limit: 2 });
    const rest = await takeLanes(s.database, { ...ask, limit: 2 });
    expect([...some, ...rest].map(({ name }) => name).sort()).toEqual(["main", "second", "third"]);
  });

  it("never of a halted sender or a paused organization", async () => {
    expect(await (await worldWithWork({ sender: { haltReason: "190: the token expired" } })).lanes()).toEqual(
      [],
    );
    const w = await worldWithWork();
    await w.rows("update organizations set paused_at = adsapp_now() where id = $1", [w.organization.id]);
    expect(await w.lanes()).toEqual([]);
  });
});

describe("a lease", () => {
  it("is renewed by its holder", async () => {
    const w = await worldWithWork();
    const lane = await w.lane();
    expect(await renewLane(s.database, lane, 300)).toEqual({ rateFactor: 1, fullRateInSeconds: 0 });
    expect((await senders(w))[0]?.seconds).toBeGreaterThan(LEASE);
  });

  it("that ran out is not renewed, even where nobody took the lane: what it held may be given up already", async () => {
    const w = await worldWithWork();
    const lane = await w.lane();
    await w.expireLeases();
    expect(await renewLane(s.database, lane, LEASE)).toBeUndefined();
    expect(await senders(w)).toMatchObject([{ held: false }]);
  });

  it("is neither renewed nor released by whoever lost it", async () => {
    const w = await worldWithWork();
    const lost: Lane = await w.lane();
    await w.expireLeases();
    const { laneToken } = await w.lane();
    await releaseLane(s.database, lost);
    expect(await renewLane(s.database, lost, LEASE)).toBeUndefined();
    expect(await senders(w)).toMatchObject([{ laneToken, held: true }]);
  });

  it("does not know the rehearsal's clock", async () => {
    const w = await worldWithWork();
    await w.lane();
    s.at(new Date("2027-03-01T09:00:00Z"));
    expect(await w.lanes()).toEqual([]);
    s.at(NOW);
  });
});

describe("a sender halts", () => {
  const account = { provider: "whatsapp-cloud", wabaId: "102290129340398", tokenEnv: "TOKEN_A" } as const;

  async function worldOfThree(): Promise<World> {
    const w = await worldWithWork({ sender: { ...account, phoneNumberId: "1001" } });
    await makeSender(s.database, w.organization, { ...account, name: "same account", phoneNumberId: "1002" });
    await makeSender(s.database, w.organization, {
      ...account,
      name: "other token",
      phoneNumberId: "1003",
      tokenEnv: "TOKEN_B",
    });
    return w;
  }

  it("alone, with the reason, and its lease ends with that", async () => {
    const w = await worldOfThree();
    const lane = await w.lane();
    await haltSenders(s.database, lane, "131031: account locked", false);
    expect((await senders(w)).map(({ name, state, haltReason }) => [name, state, haltReason])).toEqual([
      ["main", "halted", "131031: account locked"],
      ["other token", "active", null],
      ["same account", "active", null],
    ]);
    expect(await renewLane(s.database, lane, LEASE)).toBeUndefined();
  });

  it("with every sender of its account, and nobody else's", async () => {
    const [w, stranger] = [
      await worldOfThree(),
      await worldWithWork({ sender: { ...account, phoneNumberId: "1001" } }),
    ];
    await haltSenders(s.database, await w.lane(), "190: the token expired", true);
    expect((await senders(w)).map(({ name, state }) => [name, state])).toEqual([
      ["main", "halted"],
      ["other token", "active"],
      ["same account", "halted"],
    ]);
    expect(await senders(stranger)).toMatchObject([{ state: "active" }]);
  });

  it("once: the first reason stays", async () => {
    const w = await worldOfThree();
    const lane = await w.lane();
    await haltSenders(s.database, lane, "first", true);
    await haltSenders(s.database, lane, "second", true);
    expect(await senders(w)).toMatchObject([
      { haltReason: "first" },
      { haltReason: null },
      { haltReason: "first" },
    ]);
  });
});

describe("under the clock of a rehearsal", () => {
  it.each([
    [META, 0],
    ["HTTPS://GRAPH.FACEBOOK.COM/v25.0", 0],
    ["https://facebook.com:443/v25.0", 0],
    ["http://127.0.0.1:4010/v25.0", 1],
    ["https://graph.facebook.com.example.org/v25.0", 1],
  ])("the lane of %s: %i taken", async (apiUrl, taken) => {
    const w = await worldWithWork({ sender: { provider: "whatsapp-cloud", apiUrl } });
    expect(await w.lanes()).toHaveLength(taken);
  });

  it("a log sender's lane is taken", async () => {
    expect(await (await worldWithWork()).lanes()).toHaveLength(1);
  });

  it("and Meta's is, when the clock is the real one", async () => {
    const w = await worldWithWork({ sender: { provider: "whatsapp-cloud", apiUrl: META } });
    const database = new Database({ url: s.url });
    const ask = { leaseSeconds: LEASE, organizationId: w.organization.id, limit: 16 };
    expect(await takeLanes(database, ask)).toHaveLength(1);
    await database.close();
  });
});
