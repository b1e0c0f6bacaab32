import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeSender } from "../support/factories.ts";
import { minutesAfter, NOW, only, type Setup, setup, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

beforeEach(() => s.at(NOW));

afterAll(async () => {
  s.at(minutesAfter(0));
  await s.expectCleanAudit();
  await s.end();
});

const TEMPLATE = { type: "template", template: "black_friday", language: "nl" };
const DAY = 24 * 60;

type Person = { id: string };

/** A sender of Meta's whose portfolio reaches `limit` people a day. */
async function limitedWorld(limit: number | null, provider: "whatsapp-cloud" | "log" = "whatsapp-cloud") {
  const w = await s.world({ sender: { provider } });
  await w.rows(
    `with p as (insert into portfolios (organization_id, name, messaging_limit) values ($1, 'Klein', $2) returning id)
     update senders set portfolio_id = p.id from p where senders.organization_id = $1`,
    [w.organization.id, limit],
  );
  return w;
}

const sale = (w: World, contacts: readonly { id: string }[]) => w.broadcast({ contacts, message: TEMPLATE });

async function claimed(w: World, size = 500): Promise<string[]> {
  const { jobs } = await w.claim(size);
  await w.rows("update senders set lane_token = null, lane_expires_at = null where organization_id = $1", [
    w.organization.id,
  ]);
  return jobs.map(({ contactId }) => contactId);
}

const stateOf = async (w: World) =>
  only(
    await w.rows(
      "select p.reached, (select count(*)::int from portfolio_reach r where r.portfolio_id = p.id) as rows from portfolios p where p.organization_id = $1",
      [w.organization.id],
    ),
  );

describe("the messaging limit", () => {
  it("lets as many people through as there is room for, and leaves the other rows as they are", async () => {
    const w = await limitedWorld(3);
    const people = await w.contacts(5);
    const campaign = await sale(w, people);
    expect(await claimed(w)).toEqual(people.slice(0, 3).map(({ id }) => id));
    expect(await stateOf(w)).toEqual({ reached: 3, rows: 3 });
    expect((await w.jobs(campaign)).slice(3)).toMatchObject(
      [4, 5].map((seq) => ({ seq, status: "pending", attempts: 0, nextAttemptAt: null, dispatchedAt: null })),
    );
    expect(await w.run(campaign)).toMatchObject({ nextSeq: 3, lookedAt: expect.any(Date) });
  });

  it("gives each person's room back after 24 hours, not before", async () => {
    const w = await limitedWorld(2);
    const people = await w.contacts(4);
    await sale(w, people);
    expect(await claimed(w)).toHaveLength(2);
    s.at(minutesAfter(DAY - 1));
    expect(await claimed(w)).toEqual([]);
    s.at(minutesAfter(DAY + 1));
    expect(await claimed(w)).toEqual(people.slice(2).map(({ id }) => id));
    expect(await stateOf(w)).toEqual({ reached: 2, rows: 2 });
  });

  it("counts people, not messages: whoever was reached is free, and holds the room on for a day", async () => {
    const w = await limitedWorld(2);
    const [first, second, third] = (await w.contacts(3)) as { id: string }[] as [Person, Person, Person];
    await sale(w, [first, second]);
    expect(await claimed(w)).toHaveLength(2);
    s.at(minutesAfter(60));
    await sale(w, [third, first]);
    expect(await claimed(w)).toEqual([first.id]);
    s.at(minutesAfter(DAY + 1));
    await sale(w, await w.contacts(1));
    expect(await claimed(w)).toHaveLength(1); // the second's room; the first has theirs for an hour more
  });

  it("counts nobody within the service window", async () => {
    const w = await limitedWorld(1);
    const inside = await w.contacts(3, { lastInboundAt: minutesAfter(-60) });
    await sale(w, [...inside, ...(await w.contacts(2))]);
    expect(await claimed(w)).toHaveLength(4);
    expect(await stateOf(w)).toEqual({ reached: 1, rows: 1 });
  });

  it("is shared by the portfolio's senders, and by broadcasts and drips", async () => {
    const w = await limitedWorld(3);
    const people = await w.contacts(6);
    const other = await makeSender(s.database, w.organization, {
      name: "second",
      provider: "whatsapp-cloud",
      phoneNumberId: "2",
    });
    await w.rows(
      "update senders set portfolio_id = (select id from portfolios where organization_id = $1) where id = $2",
      [w.organization.id, other.id],
    );
    const drip = await makeDrip(s.database, w.organization, { steps: [{ message: TEMPLATE }] });
    await makeEnrollments(s.database, drip, people.slice(0, 1));
    expect(await claimed(w)).toEqual([people[0]?.id]);
    await w.broadcast({ contacts: people.slice(1, 2), message: TEMPLATE });
    expect(await claimed(w)).toEqual([people[1]?.id]);
    await w.broadcast({ contacts: people.slice(2), message: TEMPLATE, senderId: other.id });
    expect(await claimed(w)).toEqual([people[2]?.id]);
  });

  it("binds neither a log sender nor a portfolio without a limit", async () => {
    for (const w of [await limitedWorld(1, "log"), await limitedWorld(null)]) {
      await sale(w, await w.contacts(3));
      expect(await claimed(w)).toHaveLength(3);
      expect((await stateOf(w)).rows).toBe(0);
    }
  });

  it("that is set later counts what was sent before it", async () => {
    const w = await limitedWorld(null);
    const sent = await w.broadcast({ states: { sent: 2, unknown: 1, pending: 3 }, message: TEMPLATE });
    await w.rows("update portfolios set messaging_limit = 4 where organization_id = $1", [w.organization.id]);
    expect(await claimed(w)).toHaveLength(1);
    expect(await stateOf(w)).toEqual({ reached: 4, rows: 4 });
    expect(sent.jobs).toHaveLength(6);
  });

  it("skips and defers whom the gates turn away, although there is no room", async () => {
    const w = await limitedWorld(1);
    const people = [...(await w.contacts(2)), ...(await w.contacts(1, { blockedAt: NOW }))];
    const campaign = await sale(w, people);
    expect(await claimed(w)).toHaveLength(1);
    expect((await w.jobs(campaign)).map(({ status }) => status)).toEqual([
      "dispatching",
      "pending",
      "skipped",
    ]);
  });

  it("keeps its lane from being taken for nothing, for half a minute at a time", async () => {
    const w = await limitedWorld(1);
    const [first, second] = (await w.contacts(2)) as { id: string }[] as [Person, Person];
    await sale(w, [first, second]);
    expect(await claimed(w)).toEqual([first.id]);
    expect(await claimed(w)).toEqual([]);
    expect(await w.lanes()).toEqual([]);
    s.at(minutesAfter(1));
    await w.broadcast({ type: "transactional", contacts: [first], message: TEMPLATE });
    expect(await claimed(w)).toEqual([first.id]);
  });

  it("holds where two lanes claim at once", async () => {
    const w = await limitedWorld(5);
    const other = await makeSender(s.database, w.organization, {
      name: "second",
      provider: "whatsapp-cloud",
      phoneNumberId: "2",
    });
    await w.rows(
      "update senders set portfolio_id = (select id from portfolios where organization_id = $1) where id = $2",
      [w.organization.id, other.id],
    );
    await sale(w, await w.contacts(20));
    await w.broadcast({ contacts: await w.contacts(20), message: TEMPLATE, senderId: other.id });
    const lanes = await w.lanes();
    expect(lanes).toHaveLength(2);
    const windows = await Promise.all(lanes.flatMap((lane) => [w.claim(3, lane), w.claim(3, lane)]));
    expect(windows.flatMap(({ jobs }) => jobs)).toHaveLength(5);
  });
});
