import { describe, expect, it } from "vitest";
import { type Broadcast, makeBroadcast } from "../support/broadcast.ts";
import { logsOf, makeDrip, makeEnrollments, type TestDrip } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { finish, interruptedTick } from "./crash.ts";

const PEOPLE = 300;

/** A drip of two steps, a day apart, with everybody's first step due now. */
async function makeWorld() {
  const world = await makeBroadcast({ people: 3, simulator: { latencyMs: 15, shares: { failed: 0 } } });
  expect((await world.tick()).exitCode).toBe(0);
  const variables = { "1": "{{ contact.first_name }}" };
  const message = { type: "template", template: "black_friday", language: "nl", variables };
  const drip = await makeDrip(world.database, world.organization, {
    settings: { transactional: true },
    steps: [
      { minutes: 0, message },
      { days: 1, message },
    ],
  });
  const people = await makeContacts(world.database, world.organization, PEOPLE);
  await makeEnrollments(world.database, drip, people);
  return { world, drip };
}

/** Everybody got the first step once, as the API itself says, and has the second one planned. */
async function expectEachStepOnce(world: Broadcast, drip: TestDrip): Promise<void> {
  const logs = await logsOf(world.database, drip);
  const posts = new Map<string, number>();
  for (const { opaqueId } of world.simulator.accepted()) {
    const [kind, id = ""] = opaqueId.split(":");
    if (kind === "d") posts.set(id, (posts.get(id) ?? 0) + 1);
  }
  const firsts = logs.filter(({ stepOrder }) => stepOrder === 1);
  expect(firsts.map(({ id }) => posts.get(id))).toEqual(firsts.map(() => 1));
  expect(firsts.filter(({ status }) => ["pending", "dispatching", "unknown"].includes(status))).toEqual([]);
  const seconds = logs.filter(({ stepOrder }) => stepOrder === 2);
  expect(seconds).toHaveLength(PEOPLE);
  expect(seconds.every(({ status }) => status === "pending")).toBe(true);
  await world.expectCleanAudit();
}

describe("a tick that is killed while it sends a drip", () => {
  it("leaves each step to be sent once, and each person with the next one planned", async () => {
    const { world, drip } = await makeWorld();
    expect(await interruptedTick(world, "SIGKILL", 90)).toBe("SIGKILL");
    await world.expireLeases();
    await interruptedTick(world, "SIGKILL", 40);
    await finish(world);
    await expectEachStepOnce(world, drip);
  });

  it("politely hands the rest back", async () => {
    const { world, drip } = await makeWorld();
    expect(await interruptedTick(world, "SIGTERM", 90)).toBe(0);
    const open = (await logsOf(world.database, drip)).map(({ status }) => status);
    expect(open.filter((status) => status === "dispatching" || status === "unknown")).toEqual([]);
    await finish(world);
    await expectEachStepOnce(world, drip);
  });
});

describe("ticks at once over a drip", () => {
  it("send each step once", async () => {
    const { world, drip } = await makeWorld();
    const ticks = await Promise.all([world.tick(), world.tick(), world.tick()]);
    expect(ticks.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    await finish(world);
    await expectEachStepOnce(world, drip);
  });
});
