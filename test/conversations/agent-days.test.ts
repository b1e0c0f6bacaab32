import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { settleAgentDays } from "../../src/conversations/agent-days.ts";
import { goOffline, goOnline } from "../../src/conversations/agents.ts";
import {
  assignConversation,
  closeConversation,
  rateConversation,
  reply,
} from "../../src/conversations/answer.ts";
import type { Row } from "../../src/db/database.ts";
import type { Phase } from "../../src/tick/phases.ts";
import { tick } from "../../src/tick/tick.ts";
import { type Person, refusedOnly, type Setup, setup, tap } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await s.rows(
    `update organizations set business_hours = '{"mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]], "wed": [["09:00", "17:00"]]}' where id = $1`,
    [s.organization.id],
  );
});

beforeEach(() => clockAt("2026-11-23T09:00:00Z"));
afterEach(async () => {
  s.database.setNowOffset(undefined);
  await s.expectCleanAudit();
});
afterAll(() => s.end());

/** Time starts there and runs on. */
async function clockAt(time: string): Promise<void> {
  s.database.setNowOffset(undefined);
  const { offset } = await s.row<{ offset: string }>(
    "select ($1::timestamptz - clock_timestamp())::text as offset",
    [time],
  );
  s.database.setNowOffset(offset);
}

const COLUMNS = `date, conversations_handled, messages_sent, round(avg_first_response_time) as first, round(avg_response_time) as response, round(avg_resolution_time) as resolution,
  round(online_time, -1) as online, customer_satisfaction_score as score, round(business_first_response_time) as business_first, round(business_resolution_time) as business_resolution`;
const kept = (agentId: string) =>
  s.rows(`select ${COLUMNS} from agent_performance_metrics where agent_id = $1 order by date`, [agentId]);

/** All that is kept, and all that it would be if it were computed from nothing. */
async function keptAndFresh(): Promise<[Row[], Row[]]> {
  const columns = `organization_id, agent_id, date, conversations_handled, messages_sent, avg_first_response_time, avg_response_time, avg_resolution_time, online_time,
    customer_satisfaction_score, business_first_response_time, business_response_time, business_resolution_time`;
  return [
    await s.rows(`select ${columns} from agent_performance_metrics order by agent_id, date`),
    await s.rows(
      `select ${columns} from agent_day_metrics(
         (select array_agg(p.id) from profiles p cross join generate_series(0, 20) n),
         (select array_agg(date '2026-11-18' + n) from profiles p cross join generate_series(0, 20) n)) order by agent_id, date`,
    ),
  ];
}

/** What a tick does; without phases: all of it. */
function ticks(only?: readonly Phase[]) {
  const signal = new AbortController().signal;
  return tick({
    database: s.database,
    env: {},
    leaseSeconds: 30,
    budgetSeconds: 10,
    stopping: signal,
    aborting: signal,
    logFile: "/dev/null",
    ...(only === undefined ? {} : { only }),
  });
}
const at = (time: string) => ({ at: new Date(time) });

describe("an agent's day", () => {
  it("has first responses, answers, resolutions, time online and satisfaction, by the clock and by business hours", async () => {
    const person = await s.person();
    await s.as(s.agentId, (tx) => goOnline(tx, s.organization.id));
    await clockAt("2026-11-23T17:00:00Z"); // Monday; 18:00 in Amsterdam, an hour after the close
    await s.as(s.agentId, (tx) => goOffline(tx, s.organization.id, undefined));
    await s.says(person, at("2026-11-23T15:50:00Z"));
    await s.says(person, at("2026-11-23T16:20:00Z"));
    await clockAt("2026-11-23T17:50:00Z");
    await s.answers(person);
    await clockAt("2026-11-23T18:00:00Z");
    await s.answers(person, "En nog iets"); // no answer to anything new
    await clockAt("2026-11-24T09:10:00Z");
    await s.says(person, at("2026-11-24T09:00:00Z"));
    await s.answers(person);
    const { id } = await s.conversation(person);
    await clockAt("2026-11-24T09:50:00Z");
    await s.as(s.agentId, (tx) => closeConversation(tx, s.organization.id, id, false));
    await clockAt("2026-11-25T10:01:00Z");
    await s.says(person, { ...tap(id, 4), ...at("2026-11-25T10:00:00Z") });
    await ticks(["send"]);
    await clockAt("2026-11-25T11:00:00Z");
    expect(await settleAgentDays(s.database)).toBeGreaterThan(0);
    expect(await kept(s.agentId)).toEqual([
      {
        ...{
          date: "2026-11-23",
          conversationsHandled: 1,
          messagesSent: 2,
          first: 7200,
          response: 7200,
          resolution: null,
        },
        ...{ online: 28_800, score: null, businessFirst: 600, businessResolution: null },
      },
      {
        ...{
          date: "2026-11-24",
          conversationsHandled: 1,
          messagesSent: 1,
          first: null,
          response: 600,
          resolution: 64_800,
        },
        ...{ online: 0, score: null, businessFirst: null, businessResolution: 600 + 6600 },
      },
      expect.objectContaining({ date: "2026-11-25", conversationsHandled: 0, score: 4 }),
    ]);
    const [now, fresh] = await keptAndFresh();
    expect(now).toEqual(fresh);
  });

  it("changes when news comes later, and is the same however often it is computed", async () => {
    const person = await s.person();
    await clockAt("2026-11-26T10:00:00Z");
    await s.says(person, at("2026-11-26T09:50:00Z"));
    await s.answers(person, "Hoi", s.secondAgentId);
    await settleAgentDays(s.database);
    expect(await kept(s.secondAgentId)).toMatchObject([{ date: "2026-11-26", first: 600, messagesSent: 0 }]);
    await s.says(person, at("2026-11-26T09:40:00Z")); // its webhook was late
    expect(await settleAgentDays(s.database)).toBe(1);
    expect(await kept(s.secondAgentId)).toMatchObject([{ first: 1200 }]);
    expect(await settleAgentDays(s.database)).toBe(0);
  });

  it("counts no answer that failed: the time runs on to the one that went out", async () => {
    const person = await s.person();
    await clockAt("2026-11-30T10:00:00Z");
    await s.says(person, at("2026-11-30T09:50:00Z"));
    const id = await s.answers(person, "Hoi", s.secondAgentId);
    await settleAgentDays(s.database);
    await s.rows("update messages set status = 'failed', failed_at = adsapp_now() where id = $1", [id]);
    await clockAt("2026-11-30T10:10:00Z");
    await s.answers(person, "Hoi!", s.secondAgentId);
    await settleAgentDays(s.database);
    const days = await kept(s.secondAgentId);
    expect(days.at(-1)).toMatchObject({
      date: "2026-11-30",
      conversationsHandled: 1,
      first: 1200,
      response: 1200,
    });
    const [now, fresh] = await keptAndFresh();
    expect(now).toEqual(fresh);
  });

  it("is computed by a tick that has nothing else to do, and the next one is idle", async () => {
    await settleAgentDays(s.database);
    const person = await s.person();
    await clockAt("2026-11-26T15:00:00Z");
    await s.says(person, at("2026-11-26T14:59:00Z"));
    const { id } = await s.conversation(person);
    await s.as(s.agentId, (tx) => closeConversation(tx, s.organization.id, id, false));
    await ticks();
    expect((await kept(s.agentId)).find(({ date }) => date === "2026-11-26")).toMatchObject({
      resolution: 60,
    });
    expect(
      await s.rows("select from agent_days_due where organization_id = $1", [s.organization.id]),
    ).toEqual([]);
  });

  it("goes with the conversation when another agent gets it", async () => {
    const person = await s.person();
    await clockAt("2026-11-27T10:00:00Z");
    await s.says(person, at("2026-11-27T09:50:00Z"));
    const { id } = await s.conversation(person);
    await s.as(s.secondAgentId, (tx) => closeConversation(tx, s.organization.id, id, false));
    await settleAgentDays(s.database);
    const dayOf = async (agentId: string) => (await kept(agentId)).find(({ date }) => date === "2026-11-27");
    expect(await dayOf(s.secondAgentId)).toMatchObject({ conversationsHandled: 1 });
    await s.as(s.agentId, (tx) =>
      tx.run("update conversations set assigned_agent_id = $2 where id = $1", [id, s.agentId]),
    );
    await settleAgentDays(s.database);
    expect(await dayOf(s.secondAgentId)).toBeUndefined();
    expect(await dayOf(s.agentId)).toMatchObject({ conversationsHandled: 1 });
  });

  it("waits for its mark's cause: what is not committed yet is not taken", async () => {
    await settleAgentDays(s.database);
    const person = await s.person();
    await clockAt("2026-11-28T10:00:00Z");
    await s.says(person, at("2026-11-28T09:50:00Z"));
    await s.answers(person);
    const { id } = await s.conversation(person);
    await s.as(s.agentId, async (tx) => {
      await reply(tx, id, "nog een");
      expect(await settleAgentDays(s.database)).toBe(0); // the mark is there, and held
    });
    expect(await settleAgentDays(s.database)).toBe(1);
    const [now, fresh] = await keptAndFresh();
    expect(now).toEqual(fresh);
  });
});

it("whatever happens in whatever order, what is kept by marks equals what is computed from nothing", async () => {
  const people: Person[] = [];
  for (let n = 0; n < 3; n++) people.push(await s.person());
  const agent = fc.constantFrom("agentId" as const, "secondAgentId" as const);
  const step = fc.record({
    what: fc.constantFrom(
      "says",
      "late",
      "answers",
      "sent",
      "assigns",
      "closes",
      "taps",
      "rates",
      "online",
      "offline",
      "settles",
    ),
    who: fc.integer({ min: 0, max: 2 }),
    agent,
    score: fc.integer({ min: 1, max: 5 }),
    minutes: fc.integer({ min: 1, max: 400 }),
  });
  let minutes = Date.parse("2026-11-29T06:00:00Z") / 60_000;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 25 }), async (steps) => {
      for (const { what, who, agent, score, minutes: passed } of steps) {
        minutes += passed / 10;
        const now = new Date(minutes * 60_000);
        await clockAt(now.toISOString());
        const person = people[who] as Person;
        const [open] = (await s.conversations(person)).filter(({ resolvedAt }) => resolvedAt === null);
        const [closed] = (await s.conversations(person)).filter(({ resolvedAt }) => resolvedAt !== null);
        const by = <T>(work: Parameters<typeof s.as<T>>[1]) => s.as(s[agent], work);
        if (what === "says") await s.says(person, { at: now });
        if (what === "late") await s.says(person, { at: new Date(now.getTime() - passed * 60_000) });
        if (what === "sent") await ticks(["send"]);
        if (what === "online") await by((tx) => goOnline(tx, s.organization.id));
        if (what === "offline") await by((tx) => goOffline(tx, s.organization.id, undefined));
        if (what === "settles") await settleAgentDays(s.database);
        if (what === "answers" && open !== undefined)
          await s.answers(person, "Hoi", s[agent]).catch(refusedOnly);
        if (what === "assigns" && open !== undefined)
          await by((tx) => assignConversation(tx, s.organization.id, open.id, s[agent]));
        if (what === "closes" && open !== undefined)
          await by((tx) => closeConversation(tx, s.organization.id, open.id, false));
        if (what === "taps" && closed !== undefined)
          await s.says(person, { ...tap(closed.id, score), at: now });
        if (what === "rates" && open !== undefined)
          await by((tx) => rateConversation(tx, s.organization.id, open.id, score, undefined)).catch(
            refusedOnly,
          );
      }
      await settleAgentDays(s.database);
      const [kept, fresh] = await keptAndFresh();
      expect(kept).toEqual(fresh);
    }),
    { numRuns: 6 },
  );
});
