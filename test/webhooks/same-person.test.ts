import { describe, expect, it } from "vitest";
import { owner } from "../../src/db/identity.ts";
import { takeLanes } from "../../src/sending/lane.ts";
import { claimWindow } from "../sending/claim.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { type JobState, makeCampaign, makeJobs, makeRun } from "../support/factories.ts";
import { messagedPerson, messagesBody, minutesAgo } from "./messages.ts";
import { by, change, contact, newNumber, people, s, usePeople } from "./same-person.ts";
import { bodyOf } from "./setup.ts";

usePeople();

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
