// A tick was killed after Meta had its message: that it went out is known by its status alone, which comes before the answer to it, or after.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import type { TestJob } from "../support/factories.ts";
import { makeContacts } from "../support/factories.ts";
import { until } from "../support/until.ts";
import { type MessageGiven, messagedPerson, messagesBody, minutesAgo, ordersOf } from "./messages.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

type Kind = "b" | "d";

interface Late {
  waId: string;
  /** the message of two hours ago, and the one that the tick of 30 minutes ago could not write down */
  known: { id: string };
  late: { id: string };
  wamid: string;
}

async function lateJob(): Promise<Late> {
  const { waId, contactId, job } = await messagedPerson(s);
  const [late] = (await s.jobs({ dispatching: 1 }, { contacts: [{ id: contactId }] })) as [TestJob];
  return { waId, known: job, late, wamid: `wamid.late.${late.id}` };
}

async function lateLog(): Promise<Late> {
  const person = await messagedPerson(s);
  const drip = await makeDrip(s.database, s.organization, {
    settings: { stopOnReply: false },
    steps: [{ minutes: 0 }, { days: 2 }],
  });
  await makeEnrollments(s.database, drip, [{ id: person.contactId }]);
  const late = await s.row<{ id: string }>(
    `update drip_message_logs set status = 'unknown', attempts = 1, dispatched_at = adsapp_now() - interval '30 minutes',
            scheduled_for = adsapp_now() - interval '30 minutes', unknown_since = adsapp_now(),
            next_attempt_at = null where contact_id = $1 returning id`,
    [person.contactId],
  );
  return { waId: person.waId, known: person.job, late, wamid: `wamid.late.${late.id}` };
}

type Fact = (it: Late, kind: Kind) => string;

const says =
  (given: MessageGiven & { named?: boolean }): Fact =>
  ({ waId, wamid }) => {
    const { named, ...rest } = given;
    return messagesBody([
      {
        id: `${wamid}.${rest.text ?? "answer"}`.replaceAll(/\W/g, "."),
        from: waId,
        ...rest,
        ...(named ? { answers: wamid } : {}),
      },
    ]);
  };
const news =
  (status: string, code?: number): Fact =>
  ({ late, wamid }, kind) =>
    bodyOf([
      {
        id: wamid,
        status,
        job: late,
        kind,
        at: minutesAgo(status === "sent" ? 30 : 29).toISOString(),
        ...(code === undefined ? {} : { code }),
      },
    ]);

/** What is known of the answers at the end, when each of these came in by itself, in this order. */
async function knownAfter(kind: Kind, facts: readonly Fact[]) {
  const it = kind === "b" ? await lateJob() : await lateLog();
  for (const fact of facts) await s.apply(fact(it, kind));
  const table = kind === "b" ? "bulk_message_jobs" : "drip_message_logs";
  const rows = await s.rows(
    `select replied_at is not null as replied, opted_out_at is not null as opted_out from bulk_message_jobs where id = $1
     union all select replied_at is not null, opted_out_at is not null from ${table} where id = $2`,
    [it.known.id, it.late.id],
  );
  return {
    known: rows[0],
    late: rows[1],
    messages: await s.rows(
      `select count(m.replied_at)::int as answered, count(*)::int as of from messages m
        where coalesce(m.bulk_message_job_id, m.drip_message_log_id) is not null and m.contact_id = (select contact_id from ${table} where id = $1)`,
      [it.late.id],
    ),
    source: (
      await s.row(
        `select s.name from conversations c join contacts k on k.id = c.contact_id left join channel_sources s on s.id = c.channel_source_id where k.phone = '+' || $1`,
        [it.waId],
      )
    ).name,
  };
}

const repliedAt = async ({ id }: { id: string }) =>
  (await s.row("select replied_at from bulk_message_jobs where id = $1", [id])).repliedAt;

describe("an answer belongs to the same message, whatever comes in first", () => {
  const later = minutesAgo(10);
  it.each<{ what: string; facts: Fact[]; late: object; known: object }>([
    {
      what: "that names it",
      facts: [news("delivered"), says({ at: later, named: true })],
      known: { replied: false, optedOut: false },
      late: { replied: true, optedOut: false },
    },
    {
      what: "that names none",
      facts: [news("sent"), says({ at: later }), news("read")],
      known: { replied: false, optedOut: false },
      late: { replied: true, optedOut: false },
    },
    {
      what: "of before it",
      facts: [news("sent"), says({ at: minutesAgo(40) })],
      known: { replied: true, optedOut: false },
      late: { replied: false, optedOut: false },
    },
    {
      what: "to one that failed, which nobody saw",
      facts: [news("sent"), news("failed", 131026), says({ at: later })],
      known: { replied: true, optedOut: false },
      late: { replied: false, optedOut: false },
    },
    {
      what: "to one that failed, and arrived after all",
      facts: [news("failed", 131026), says({ at: later }), news("delivered")],
      known: { replied: false, optedOut: false },
      late: { replied: true, optedOut: false },
    },
    {
      what: "among others, a STOP too",
      facts: [news("sent"), says({ at: minutesAgo(50) }), says({ at: later, text: { body: "stop" } })],
      known: { replied: true, optedOut: false },
      late: { replied: false, optedOut: true },
    },
  ])("$what", async ({ facts, known, late }) => {
    for (const kind of ["b", "d"] as const)
      for (const order of ordersOf(facts)) {
        const at = order.map((fact) => facts.indexOf(fact));
        const found = await knownAfter(kind, order);
        const answered = [known, late].filter((one) => "replied" in one && one.replied).length;
        expect({ kind, at, ...found }).toEqual({
          kind,
          at,
          known,
          late,
          messages: [{ answered, of: 2 }],
          source: "Campaigns",
        });
      }
  });

  it("a conversation that began with an answer to it came from its campaign", async () => {
    const [person] = await makeContacts(s.database, s.organization, 1);
    const [late] = (await s.jobs({ dispatching: 1 }, { contacts: [person as { id: string }] })) as [TestJob];
    const { phone } = await s.contact(late);
    const source = async () =>
      (
        await s.row(
          "select s.type, s.daily_counts from conversations c join channel_sources s on s.id = c.channel_source_id where c.contact_id = $1",
          [late.contactId],
        )
      ).type;
    await s.apply(messagesBody([{ from: String(phone).slice(1), answers: "wamid.first" }]));
    expect(await source()).toBe("direct");
    await s.apply(
      bodyOf([{ id: "wamid.first", status: "sent", job: late, at: minutesAgo(2).toISOString() }]),
    );
    expect(await source()).toBe("campaign");
    expect((await s.job(late)).repliedAt).not.toBeNull();
  });

  it("when a tick could write down only long after what it had sent", async () => {
    const { waId, known, late, wamid } = await lateJob();
    await s.apply(messagesBody([{ from: waId, at: minutesAgo(10) }]));
    expect(await repliedAt(known)).not.toBeNull();
    await s.accepted(late as TestJob, wamid, minutesAgo(30));
    await s.apply(bodyOf([{ id: wamid, status: "delivered", at: minutesAgo(29).toISOString() }]));
    expect([await repliedAt(known), await repliedAt(late)]).toEqual([null, expect.any(Date)]);
  });

  it("when both are applied at the same moment, by two ticks: neither passes the other unseen", async () => {
    const { waId, known, late, wamid } = await lateJob();
    await s.apply(messagesBody([{ from: "31600000000" }])); // the number as webhooks show it is known from then on
    const beside = new Database({ url: s.url });
    let isApplied = false;
    const waiting = (n: number) =>
      s.database.transaction(owner, async (tx) => {
        const locked =
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        return (await tx.query(locked)).length >= n;
      });
    let applied: Promise<unknown>[] = [];
    await beside.transaction(worker, async (tx) => {
      await tx.run("select from contacts where phone = '+' || $1 for no key update", [waId]);
      await storeBodies(s.database, [messagesBody([{ from: waId, at: minutesAgo(10) }])], "test");
      applied = [applyInbox(s.database)];
      await until("the answer waits for its person", () => waiting(1));
      const news = bodyOf([{ id: wamid, status: "sent", job: late, at: minutesAgo(30).toISOString() }]);
      await storeBodies(s.database, [news], "test");
      applied.push(applyInbox(s.database).then(() => (isApplied = true)));
      await until("the news waits too, or is through", async () => isApplied || (await waiting(2)));
    });
    await Promise.all(applied);
    await beside.close();
    expect([await repliedAt(known), await repliedAt(late)]).toEqual([null, expect.any(Date)]);
  });

  it("two contacts that come to be one: who wrote under a user id answered what went to their phone", async () => {
    const person = await messagedPerson(s);
    await s.apply(messagesBody([{ from: undefined, from_user_id: "NL.9071992", at: minutesAgo(50) }]));
    expect((await s.job(person.job)).repliedAt).toBeNull();
    await s.apply(
      messagesBody([
        { from: person.waId, from_user_id: "NL.9071992", type: "reaction", reaction: { emoji: "👍" } },
      ]),
    );
    expect((await s.job(person.job)).repliedAt).not.toBeNull();
  });
});
