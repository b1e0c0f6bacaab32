import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { owner } from "../../src/db/identity.ts";
import { takeLanes } from "../../src/sending/lane.ts";
import { claimWindow } from "../sending/claim.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { type JobState, makeCampaign, makeContacts, makeJobs, makeRun } from "../support/factories.ts";
import { messagedPerson, messagesBody, minutesAgo, repliesOf } from "./messages.ts";
import { bodyOf, OTHER_NUMBER, type Setup, setup } from "./setup.ts";

let s: Setup;
let next = 620_000_000;
let news = 0;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const freePhone = (): string => `+31${next++}`;
const contact = (id: string) => s.row("select * from contacts where id = $1", [id]);
const by = (address: string) => s.row("select * from contacts where phone = $1 or bsuid = $1", [address]);

/** Contacts with phones of their own, the first one the oldest. */
async function people(n: number, given: Parameters<typeof makeContacts>[3] = {}) {
  const made = await makeContacts(s.database, s.organization, n, given);
  await s.rows(
    `update contacts c set created_at = adsapp_now() - make_interval(days => 10 - w.n::int)
       from unnest($1::uuid[]) with ordinality as w(id, n) where c.id = w.id`,
    [made.map(({ id }) => id)],
  );
  return made;
}

const change = (from: string, system: object, at = minutesAgo(1)) =>
  ({ id: `wamid.SYS.${++news}`, from: from.slice(1), type: "system", system, at }) as const;
const newNumber = (from: string, to: string, at?: Date) =>
  change(from, { type: "user_changed_number", body: "User changed", wa_id: to.slice(1) }, at);

describe("a person who writes under a user id alone, and was sent to by phone", () => {
  const user = (): string => `NL.77${next++}`;
  const outOf = async (id: string) => (await contact(id)).optOutSource;

  it("is known by the status of what was sent, so that a STOP stops the contact that we send to", async () => {
    const person = await messagedPerson(s);
    const bsuid = user();
    const told = { id: person.wamid, status: "delivered", recipient_id: undefined, recipient_user_id: bsuid };
    await s.apply(bodyOf([told]));
    expect(await contact(person.contactId)).toMatchObject({ phone: `+${person.waId}`, bsuid });
    await s.apply(messagesBody([{ from_user_id: bsuid, text: { body: "stop" } }]));
    expect(await outOf(person.contactId)).toBe("reply: stop");
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 1 });
  });

  it("is known by what the answer quotes, in the same body too", async () => {
    const person = await messagedPerson(s);
    const bsuid = user();
    await s.apply(messagesBody([{ from_user_id: bsuid, answers: person.wamid, text: { body: "stop" } }]));
    expect(await contact(person.contactId)).toMatchObject({ bsuid, optOutSource: "reply: stop" });
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 1 });
  });

  it("becomes one with the contact that a STOP made before the status came: nobody is sent to who said no", async () => {
    const person = await messagedPerson(s);
    const bsuid = user();
    await s.apply(messagesBody([{ from_user_id: bsuid, text: { body: "stop" } }]));
    expect(await outOf(person.contactId)).toBeNull();
    await s.apply(bodyOf([{ id: person.wamid, status: "read", recipient_user_id: bsuid }]));
    expect(await contact(person.contactId)).toMatchObject({ bsuid, optOutSource: "reply: stop" });
  });

  it("is not taken for the one whose message is quoted in a group, nor known by what went to an earlier number", async () => {
    const [one, other] = [await messagedPerson(s), await messagedPerson(s)];
    await s.apply(messagesBody([{ from_user_id: user(), answers: one.wamid, group_id: "g1" }]));
    expect(await contact(one.contactId)).toMatchObject({ bsuid: null });
    await s.apply(messagesBody([newNumber(`+${other.waId}`, freePhone())]));
    await s.apply(bodyOf([{ id: other.wamid, status: "read", recipient_user_id: user() }]));
    expect(await contact(other.contactId)).toMatchObject({ bsuid: null });
  });

  it("of another tenant's message is nobody's here", async () => {
    const person = await messagedPerson(s);
    await s.apply(bodyOf([{ id: person.wamid, status: "read", recipient_user_id: user() }], OTHER_NUMBER));
    expect(await contact(person.contactId)).toMatchObject({ bsuid: null });
  });
});

describe("a person with a new number", () => {
  it("keeps the contact, its consent and its history; the user id of the old number is gone with it", async () => {
    const person = await messagedPerson(s);
    const [old, to] = [`+${person.waId}`, freePhone()];
    await s.apply(messagesBody([{ from: person.waId, from_user_id: "NL.1", text: { body: "stop" } }]));
    await s.rows("update contacts set undeliverable_at = adsapp_now() where id = $1", [person.contactId]);
    await s.apply(messagesBody([newNumber(old, to)]));
    expect(await contact(person.contactId)).toMatchObject({
      phone: to,
      waId: to.slice(1),
      bsuid: null,
      optOutSource: "reply: stop",
      undeliverableAt: null,
      mergedInto: null,
    });
    await s.apply(messagesBody([{ from: to.slice(1), from_user_id: "NL.2", answers: person.wamid }]));
    expect(await contact(person.contactId)).toMatchObject({ bsuid: "NL.2" });
    expect(await repliesOf(s, person)).toEqual({ replies: 1, optOuts: 1 });
    await s.apply(bodyOf([{ id: person.wamid, status: "delivered" }]));
    expect(await s.job(person.job)).toMatchObject({ status: "delivered" });
  });

  it("is told of once: the same news again does not touch who has the old number by then", async () => {
    const [person] = (await people(1)) as [{ id: string; phone: string }];
    const to = freePhone();
    const body = messagesBody([newNumber(person.phone, to)]);
    await s.apply(body);
    await s.apply(messagesBody([{ from: person.phone.slice(1) }]));
    await s.apply(body, body);
    expect(await contact(person.id)).toMatchObject({ phone: to });
    expect(await by(person.phone)).toMatchObject({ mergedInto: null });
  });

  it("may have moved twice, or told of a user id alone, or of neither: each in its order, nothing refused", async () => {
    const [person, other, third] = (await people(3)) as [
      { id: string; phone: string },
      { id: string; phone: string },
      { id: string; phone: string },
    ];
    const [second, last] = [freePhone(), freePhone()];
    await s.apply(
      messagesBody([
        newNumber(second, last, minutesAgo(1)),
        newNumber(person.phone, second, minutesAgo(2)),
        change(other.phone, { type: "user_changed_user_id", user_id: "NL.77" }),
        change(third.phone, { type: "customer_identity_changed", hash: "x" }),
        change(third.phone, { type: "user_changed_number" }),
        change(freePhone(), { type: "user_changed_number", wa_id: "31600000000" }),
      ]),
    );
    expect(await contact(other.id)).toMatchObject({ phone: other.phone, bsuid: "NL.77" });
    expect(await contact(third.id)).toMatchObject({ phone: third.phone });
    expect(await contact(person.id)).toMatchObject({ phone: last });
  });

  it("may have come to a number from which its owner of before had moved away, told in any order", async () => {
    const [person] = (await people(1)) as [{ id: string; phone: string }];
    const [second, third, theirs] = [freePhone(), freePhone(), freePhone()];
    await s.apply(
      messagesBody([
        newNumber(third, freePhone(), minutesAgo(4)), // when it was another's
        newNumber(second, third, minutesAgo(2)),
        newNumber(second, theirs, minutesAgo(5)),
        newNumber(person.phone, second, minutesAgo(3)),
      ]),
    );
    expect(await contact(person.id)).toMatchObject({ phone: third });
  });

  it("of another tenant moves nobody here", async () => {
    const [person] = (await people(1)) as [{ id: string; phone: string }];
    await s.apply(messagesBody([newNumber(person.phone, freePhone())], { number: OTHER_NUMBER }));
    expect(await contact(person.id)).toMatchObject({ phone: person.phone });
  });
});

describe("two contacts that turn out to be one person", () => {
  it("become the older one, with all that is known of both and the strictest consent", async () => {
    const [older, younger] = (await people(2)) as [
      { id: string; phone: string },
      { id: string; phone: string },
    ];
    await s.rows(
      "update contacts set first_name = null, last_name = null, attributes = $2, opted_in_at = adsapp_now(), opt_in_source = 'form' where id = $1",
      [older.id, { city: "Delft" }],
    );
    await s.rows(
      "update contacts set first_name = 'Sanne', email = 's@example.nl', attributes = $2, opted_out_at = adsapp_now(), opt_out_source = 'letter', blocked_at = adsapp_now() where id = $1",
      [younger.id, { city: "Gouda", size: 3 }],
    );
    await s.rows(
      "insert into contact_tags (contact_id, tag) values ($1, 'a'), ($1, 'b'), ($2, 'b'), ($2, 'c')",
      [older.id, younger.id],
    );
    const { id: list } = await s.row(
      "insert into contact_lists (organization_id, name) values ($1, 'l') returning id",
      [s.organization.id],
    );
    await s.rows("insert into contact_list_members (list_id, contact_id) values ($1, $2), ($1, $3)", [
      list,
      older.id,
      younger.id,
    ]);
    await s.apply(messagesBody([newNumber(younger.phone, older.phone)]));
    expect(await contact(older.id)).toMatchObject({
      phone: older.phone,
      firstName: "Sanne",
      email: "s@example.nl",
      attributes: { city: "Delft", size: 3 },
      optInSource: "form",
      optedOutAt: expect.any(Date),
      optOutSource: "letter",
      blockedAt: expect.any(Date),
    });
    expect(await contact(younger.id)).toMatchObject({
      phone: null,
      mergedInto: older.id,
      firstName: null,
      email: null,
    });
    const tags = await s.rows("select tag from contact_tags where contact_id = $1 order by tag", [older.id]);
    expect(tags.map(({ tag }) => tag)).toEqual(["a", "b", "c"]);
    expect(await s.row("select count(*) as n from contact_list_members where list_id = $1", [list])).toEqual({
      n: 1,
    });
  });

  it("bring their broadcasts, messages and drips together, and every count stays what it was", async () => {
    const [older, younger] = (await people(2)) as [
      { id: string; phone: string },
      { id: string; phone: string },
    ];
    const [mine] = await s.jobs({ sent: 1 }, { contacts: [older] });
    const [theirs] = await s.jobs({ delivered: 1 }, { contacts: [younger] });
    const drip = await makeDrip(s.database, s.organization);
    const alone = await makeDrip(s.database, s.organization);
    const enrollments = [
      ...(await makeEnrollments(s.database, drip, [older, younger])),
      ...(await makeEnrollments(s.database, alone, [younger])),
    ];
    await s.rows("update drip_enrollments set next_message_at = $2 where id = any ($1)", [
      enrollments.map(({ id }) => id),
      minutesAgo(31),
    ]);
    await settleSteps(s.database, enrollments, "sent", { at: minutesAgo(30) });
    await s.apply(messagesBody([newNumber(older.phone, younger.phone)]));
    const kept = await contact(older.id);
    expect(kept).toMatchObject({ phone: younger.phone, mergedInto: null });
    expect((await s.job(theirs as never)).contactId).toBe(older.id);
    const states = await s.rows(
      "select campaign_id, status, exit_reason, entry_no from drip_enrollments where contact_id = $1 order by campaign_id = $2 desc, entry_no",
      [older.id, drip.id],
    );
    expect(states).toEqual([
      { campaignId: drip.id, status: "active", exitReason: null, entryNo: 1 },
      { campaignId: drip.id, status: "dropped", exitReason: "merged", entryNo: 2 },
      { campaignId: alone.id, status: "active", exitReason: null, entryNo: 1 },
    ]);
    for (const table of [
      "bulk_message_jobs",
      "messages",
      "drip_enrollments",
      "drip_message_logs",
      "contact_events",
    ])
      expect(await s.row(`select count(*) as n from ${table} where contact_id = $1`, [younger.id])).toEqual({
        n: 0,
      });
    await s.apply(
      messagesBody([{ from: younger.phone.slice(1), answers: `wamid.${mine?.messageId}` }]),
      bodyOf([{ id: `wamid.${theirs?.messageId}`, status: "read" }]),
    );
    expect(await s.job(mine as never)).toMatchObject({ repliedAt: expect.any(Date) });
    expect(await s.job(theirs as never)).toMatchObject({ status: "read" });
  });

  it("in one broadcast, in whatever state each is: the ledger balances, and nobody who has it gets it again", async () => {
    // in the order in which makeJobs makes them
    const states = [
      "sent",
      "read",
      "failed",
      "skipped",
      "unknown",
      "waiting",
      "cancelled",
      "pending",
    ] as const;
    const pairs = states.flatMap((one) => states.map((other) => [one, other] as const));
    const all = await people(pairs.length * 2);
    const campaign = await makeCampaign(s.database, s.organization);
    const run = await makeRun(s.database, campaign);
    const wanted: Partial<Record<JobState, number>> = {};
    const whose = new Map<JobState, { id: string }[]>(states.map((state) => [state, []]));
    pairs.forEach(([one, other], n) => {
      whose.get(one)?.push(all[2 * n] as { id: string });
      whose.get(other)?.push(all[2 * n + 1] as { id: string });
    });
    for (const state of states) wanted[state] = whose.get(state)?.length ?? 0;
    await makeJobs(s.database, run, wanted, {
      ago: "2 hours",
      contacts: states.flatMap((state) => whose.get(state) ?? []),
    });
    const before = await s.rows(
      "select id, status, contact_id from bulk_message_jobs where campaign_id = $1",
      [campaign.id],
    );
    await s.apply(
      messagesBody(
        pairs.map((_, n) =>
          newNumber((all[2 * n + 1] as { phone: string }).phone, (all[2 * n] as { phone: string }).phone),
        ),
      ),
    );
    await s.expectCleanAudit();
    const after = new Map(
      (await s.rows("select id, status from bulk_message_jobs where campaign_id = $1", [campaign.id])).map(
        (row) => [row.id, row.status],
      ),
    );
    const of = new Map(before.map((row) => [row.contactId, row]));
    const out = new Set(["unknown", "sent", "read"]);
    const open = new Set(["pending", "waiting"]);
    pairs.forEach(([one, other], n) => {
      const [stays, goes] = [
        of.get((all[2 * n] as { id: string }).id),
        of.get((all[2 * n + 1] as { id: string }).id),
      ];
      const now = [after.get(stays?.id), after.get(goes?.id)];
      expect({ one, other, now }).toEqual({
        one,
        other,
        now: [
          open.has(one) ? (out.has(other) ? "skipped" : "pending") : stays?.status,
          open.has(other) ? "skipped" : goes?.status,
        ],
      });
    });
  });

  it("are known as one when somebody with a username is seen with a number that is another contact's", async () => {
    const person = await messagedPerson(s);
    await s.apply(messagesBody([{ from_user_id: "NL.501", text: { body: "afmelden" } }]));
    const nameless = await by("NL.501");
    await s.apply(messagesBody([{ id: "wamid.ONE", from: person.waId, from_user_id: "NL.501" }]));
    expect(await contact(person.contactId)).toMatchObject({
      bsuid: "NL.501",
      optOutSource: "reply: afmelden",
    });
    expect(await contact(nameless.id as string)).toMatchObject({ mergedInto: person.contactId, bsuid: null });
    expect((await s.message("wamid.ONE")).contactId).toBe(person.contactId);
    expect(await s.row("select count(*) as n from messages where contact_id = $1", [nameless.id])).toEqual({
      n: 0,
    });
  });

  it("may be three: one with the new number, one with the new user id", async () => {
    const [first, second] = (await people(2)) as [
      { id: string; phone: string },
      { id: string; phone: string },
    ];
    await s.apply(messagesBody([{ from_user_id: "NL.601" }]));
    const third = await by("NL.601");
    await s.apply(
      messagesBody([
        change(second.phone, { type: "user_changed_number", wa_id: first.phone.slice(1), user_id: "NL.601" }),
      ]),
    );
    expect(await contact(first.id)).toMatchObject({ phone: first.phone, bsuid: "NL.601" });
    for (const id of [second.id, third.id as string])
      expect(await contact(id)).toMatchObject({ mergedInto: first.id });
  });

  it("count as one for the messaging limit and the frequency cap from then on", async () => {
    const [older, younger] = (await people(2)) as [
      { id: string; phone: string },
      { id: string; phone: string },
    ];
    const { id: portfolio } = await s.row(
      "insert into portfolios (organization_id, name, messaging_limit) values ($1, 'main', 100) returning id",
      [s.organization.id],
    );
    await s.rows(
      "insert into portfolio_reach (organization_id, portfolio_id, contact_id, at) select $1, $2, id, adsapp_now() from unnest($3::uuid[]) as id",
      [s.organization.id, portfolio, [older.id, younger.id]],
    );
    await s.rows("update portfolios set reached = 2 where id = $1", [portfolio]);
    await s.rows(
      `insert into contact_touches (organization_id, contact_id, ats, row_ids)
       select $1, id, array[adsapp_now()], array[gen_random_uuid()] from unnest($2::uuid[]) as id`,
      [s.organization.id, [older.id, younger.id]],
    );
    await s.apply(messagesBody([newNumber(older.phone, younger.phone)]));
    expect(await s.row("select reached from portfolios where id = $1", [portfolio])).toEqual({ reached: 1 });
    expect(
      await s.row("select cardinality(ats) as n from contact_touches where contact_id = $1", [older.id]),
    ).toEqual({ n: 2 });
    await s.expectCleanAudit();
    await s.database.transaction(owner, (tx) => tx.run("delete from portfolios where id = $1", [portfolio]));
  });

  it("get what still waits for them once, at the new number", async () => {
    const [older, younger] = (await people(2)) as [
      { id: string; phone: string },
      { id: string; phone: string },
    ];
    const jobs = await s.jobs({ pending: 2 }, { contacts: [older, younger] });
    await s.apply(messagesBody([newNumber(older.phone, younger.phone)]));
    await s.rows("update senders set lane_token = null, lane_expires_at = null");
    const [lane] = await takeLanes(s.database, {
      leaseSeconds: 30,
      organizationId: s.organization.id,
      limit: 1,
    });
    const window = await claimWindow(s.database, lane as never, 100);
    const ids = jobs.map(({ id }) => id);
    const mine = window.jobs.filter(({ id }) => ids.includes(id));
    expect(mine.map(({ phone }) => phone)).toEqual([younger.phone]);
  });
});
