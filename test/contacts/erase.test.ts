import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { erasePerson, exportPerson } from "../../src/contacts/person.ts";
import { operator, owner } from "../../src/db/identity.ts";
import { enrollContacts } from "../../src/drips/enroll.ts";
import { tick } from "../../src/tick/tick.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeJobs, makeRun } from "../support/factories.ts";
import { messagesBody, preferenceBody } from "../webhooks/messages.ts";
import { bodyOf, type Setup, setup } from "../webhooks/setup.ts";
import { tenantOf } from "./setup.ts";

let s: Setup;
let folder: string;

beforeAll(async () => {
  s = await setup();
  folder = mkdtempSync(join(tmpdir(), "adsapp-erase-"));
});

afterEach(() => s.expectCleanAudit());

afterAll(async () => {
  await s.end();
  rmSync(folder, { recursive: true, force: true });
});

const admin = () => operator(s.organization.profileId);
const erase = (id: string, profileId = s.organization.profileId) =>
  s.database.transaction(operator(profileId), (tx) => erasePerson(tx, id));
const contactOf = (phone: string) =>
  s.row<{ id: string }>("select id from contacts where organization_id = $1 and phone = $2", [
    s.organization.id,
    phone,
  ]);

/** Every row of every table in which one of these words stands. */
async function rowsThatSay(words: readonly string[]): Promise<string[]> {
  return s.database.transaction(owner, async (tx) => {
    const tables = await tx.query<{ name: string }>(
      "select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1",
    );
    const all = tables.map(
      ({ name }) =>
        `select '${name}: ' || to_jsonb(t)::text as said from ${name} t where exists (select from unnest($1::text[]) w where position(w in to_jsonb(t)::text) > 0)`,
    );
    return (await tx.query<{ said: string }>(all.join(" union all "), [words])).map(({ said }) => said);
  });
}

let people = 0;

/** Someone with all that may be stored: sent to, in a drip, answering, with tags, a list, events, an import, consent. */
async function someone() {
  const n = ++people;
  const digits = `316123456${n + 10}`;
  const phone = `+${digits}`;
  const shop = tenantOf(s.database, s.organization, folder);
  const line = (name: string) => [
    "mobiel;voornaam;achternaam;email;plaats",
    `${phone};${name};Geheim${n};geheim${n}@example.com;Schuilplaats${n}`,
  ];
  await shop.importLines(line(`Verborgen${n}`), { tags: ["vip"], list: `klanten ${n}` });
  await shop.importLines(line(`Stiekem${n}`));
  const { id } = await contactOf(phone);
  const [other] = await makeContacts(s.database, s.organization, 1);
  const run = await makeRun(s.database, await makeCampaign(s.database, s.organization));
  await makeJobs(s.database, run, { sent: 2 }, { contacts: [{ id }, other as { id: string }] });
  const named = JSON.stringify({ type: "contacts", contacts: [phone, (other as { phone: string }).phone] });
  const asked = { any: [{ field: "phone", op: "eq", value: phone }, { tag: "vip" }] };
  const byEmail = { field: "email", op: "eq", value: `geheim${n}@example.com` };
  await s.rows("update bulk_campaigns set target_audience = $2 where id = $1", [run.campaignId, named]);
  await s.rows("update bulk_campaigns set target_audience = target_audience || '{\"v\": 2}' where id = $1", [
    run.campaignId,
  ]);
  await s.rows("update campaign_runs set definition = definition || $2 where campaign_id = $1", [
    run.campaignId,
    JSON.stringify({ audience: JSON.parse(named) }),
  ]);
  await s.rows("insert into contact_lists (organization_id, name, filter) values ($1, $2, $3)", [
    s.organization.id,
    `om ${n}`,
    JSON.stringify(asked),
  ]);
  await s.rows(
    "insert into automation_rules (organization_id, name, trigger_type, conditions, actions) values ($1, $2, 'contact_created', $3, '[]')",
    [s.organization.id, `om ${n}`, JSON.stringify(byEmail)],
  );
  const drip = await makeDrip(s.database, s.organization);
  await s.rows("update drip_campaigns set exit_when = $2 where id = $1", [
    drip.id,
    JSON.stringify([byEmail]),
  ]);
  await s.rows("update drip_campaign_steps set conditions = $2 where campaign_id = $1", [
    drip.id,
    JSON.stringify(asked),
  ]);
  await makeEnrollments(s.database, drip, [{ id }]);
  const contacts = [{ wa_id: digits, profile: { name: `Verborgen${n} Geheim${n}` } }];
  await s.apply(
    messagesBody(
      [
        { from: digits, text: { body: `Mijn geheim${n} adres` } },
        { from: (other as { phone: string }).phone.slice(1), text: { body: "Van een ander" } },
      ],
      { contacts },
    ),
    preferenceBody({ wa_id: digits, value: "stop", at: new Date(Date.now() - 60_000) }),
  );
  await s.rows(
    "update messages set body = $2, payload = '{}' where contact_id = $1 and direction = 'outbound'",
    [id, `Hoi Verborgen${n}`],
  );
  await s.rows(
    "insert into contact_events (organization_id, contact_id, type, name, data, event_id) values ($1, $2, 'custom_event', 'bought', $3, $4)",
    [s.organization.id, id, JSON.stringify({ for: `Geheim${n}` }), `order of Geheim${n}`],
  );
  await s.rows(
    `insert into satisfaction_ratings (organization_id, conversation_id, score, comment)
     select $1, id, 5, $3 from conversations where organization_id = $1 and contact_id = $2`,
    [s.organization.id, id, `Groeten, Geheim${n}`],
  );
  const merged = await s.row(
    `insert into contacts (organization_id, erased_at, merged_into, opted_out_at, opt_out_source) values ($1, now(), $2, now() - interval '1 day', $3) returning id`,
    [s.organization.id, id, `reply: Geheim${n} zegt STOP`],
  );
  await s.rows(
    "insert into messages (organization_id, direction, contact_id, type, status, body) values ($1, 'inbound', $2, 'text', 'received', $3)",
    [s.organization.id, merged.id, `Geheim${n}, voor de samenvoeging`],
  );
  return {
    id,
    phone,
    digits,
    other: other as { id: string; phone: string },
    campaignId: run.campaignId,
    words: [digits, `Verborgen${n}`, `Geheim${n}`, `geheim${n}`, `Stiekem${n}`, `Schuilplaats${n}`],
    shop,
  };
}

describe("contact erase", () => {
  it("leaves no row of any table that says who it was, and every count as it was", async () => {
    const { id, words } = await someone();
    expect((await rowsThatSay(words)).length).toBeGreaterThan(8);
    const counts = () =>
      s.rows("select id, messages_sent, replies_received, opt_outs from bulk_campaigns order by id");
    const before = await counts();
    expect(await erase(id)).toMatchObject({ contactId: id, messages: 4, webhookBodies: 2 });
    expect(await rowsThatSay(words)).toEqual([]);
    expect(await counts()).toEqual(before);
    expect(await s.rows("select from messages where contact_id = $1", [id])).toHaveLength(3);
    expect(
      await s.row("select status, exit_reason from drip_enrollments where contact_id = $1", [id]),
    ).toMatchObject({
      exitReason: "opted_out",
    });
  });

  it("leaves an id that says nothing where a definition named the person, and the others whom it names", async () => {
    const { id, other, campaignId } = await someone();
    await erase(id);
    const audience = { type: "contacts", contacts: [id, other.phone], v: 2 };
    expect(await s.row("select target_audience from bulk_campaigns where id = $1", [campaignId])).toEqual({
      targetAudience: audience,
    });
  });

  it("takes the person out of a raw body, and leaves the others in", async () => {
    const { id, other } = await someone();
    await erase(id);
    const bodies = await rowsThatSay([other.phone.slice(1)]);
    expect(bodies.filter((row) => row.startsWith("webhook_inbox: "))).toHaveLength(1);
    expect(bodies.join()).toContain("Van een ander");
  });

  it("takes the person out of a body that waits, which is applied for the others", async () => {
    const { id, digits } = await someone();
    await s.rows("insert into webhook_inbox (body) values ($1)", [
      messagesBody([
        { from: digits, text: { body: "nog een geheim" } },
        { from: "31699999901", text: { body: "STOP" } },
      ]),
    ]);
    await erase(id);
    await s.apply();
    expect(await rowsThatSay(["nog een geheim", digits])).toEqual([]);
    expect(await s.row("select opted_out_at from contacts where phone = '+31699999901'")).toMatchObject({
      optedOutAt: expect.any(Date),
    });
  });

  it("has late statuses still count, and takes what came in since when it is done again", async () => {
    const { id } = await someone();
    const run = await makeRun(s.database, await makeCampaign(s.database, s.organization));
    const [job] = await makeJobs(s.database, run, { sent: 1 }, { contacts: [{ id }] });
    const sent = await s.row(
      "select provider_message_id as wamid from messages where bulk_message_job_id = $1",
      [job?.id],
    );
    await erase(id);
    await s.apply(bodyOf([{ id: sent.wamid as string, status: "delivered", job: job as { id: string } }]));
    expect(await s.job(job as never)).toMatchObject({ status: "delivered" });
    await s.rows("update messages set body = 'laat' where contact_id = $1 and direction = 'outbound'", [id]);
    expect((await erase(id)).messages).toBeGreaterThan(0);
    expect(await s.rows("select from messages where contact_id = $1 and body is not null", [id])).toEqual([]);
  });

  it("keeps Meta's ids, which hold the phone, for the 30 days in which statuses come", async () => {
    const { id } = await someone();
    await s.rows(
      "update messages set created_at = created_at - interval '31 days' where contact_id = $1 and direction = 'inbound'",
      [id],
    );
    await erase(id);
    const ids = await s.rows<{ direction: string; own: boolean }>(
      "select direction, provider_message_id = 'erased:' || id as own from messages where contact_id = $1",
      [id],
    );
    expect(ids.filter(({ own }) => own).map(({ direction }) => direction)).toEqual(["inbound", "inbound"]);
  });

  it("has what waits for the person skipped", async () => {
    const { id } = await someone();
    const run = await makeRun(
      s.database,
      await makeCampaign(s.database, s.organization, { type: "transactional" }),
    );
    const [job] = await makeJobs(s.database, run, { pending: 1 }, { contacts: [{ id }] });
    await erase(id);
    const signal = new AbortController().signal;
    await tick({
      database: s.database,
      env: {},
      leaseSeconds: 30,
      budgetSeconds: 20,
      only: ["send"],
      drain: true,
      organizationId: s.organization.id,
      stopping: signal,
      aborting: signal,
      logFile: join(folder, "messages.ndjson"),
    } as never);
    expect(await s.job(job as never)).toMatchObject({ status: "skipped", skipReason: "erased" });
  });

  it("is an admin's: not an agent's or a viewer's, and nobody's of another organization", async () => {
    const { id } = await someone();
    await expect(erase(id, s.organization.viewerId)).rejects.toMatchObject({ exitCode: 5 });
    const asOther = s.database.transaction(operator(s.other.profileId), (tx) =>
      tx.one<{ erased: object | null }>("select erase_contact($1) as erased", [id]),
    );
    expect(await asOther).toEqual({ erased: null });
    expect(await contactOf(`+316123456${people + 10}`)).toEqual({ id });
  });
});

describe("an erased person", () => {
  it("is brought back by no import: skipped, and counted", async () => {
    const { id, phone, shop } = await someone();
    await erase(id);
    const report = await shop.importLines(["mobiel;voornaam", `${phone};Terug`, "0612349999;Nieuw"], {
      tags: ["x"],
      list: "y",
    });
    expect(report).toMatchObject({ rows: 2, created: 1, skipped: 1, suppressed: 1, rejected: 0 });
    expect(
      await s.rows("select from contacts where organization_id = $1 and phone = $2", [
        s.organization.id,
        phone,
      ]),
    ).toEqual([]);
    expect(await rowsThatSay(["Terug"])).toEqual([]);
  });

  it("is a contact of another organization all the same", async () => {
    const { id, phone } = await someone();
    await erase(id);
    const theirs = tenantOf(s.database, s.other, folder);
    expect(await theirs.importLines(["mobiel", phone])).toMatchObject({ created: 1, suppressed: 0 });
  });

  it("who writes again can be answered, without marketing until they ask for it", async () => {
    const { id, phone, digits } = await someone();
    await erase(id);
    await s.apply(messagesBody([{ from: digits }]));
    const again = await s.row(
      "select id, opted_out_at, opt_out_source from contacts where organization_id = $1 and phone = $2",
      [s.organization.id, phone],
    );
    expect(again).toMatchObject({ optedOutAt: expect.any(Date), optOutSource: "preferences: erased before" });
    expect(again.id).not.toBe(id);
    const later = new Date(Date.now() + 2_000);
    s.database.setNowOffset("1 hour");
    await s.apply(messagesBody([{ from: digits, text: { body: "START" }, at: later }]));
    await s.apply(messagesBody([{ from: digits, from_user_id: `NL.S${digits}`, at: later }]));
    s.database.setNowOffset(undefined);
    expect(await s.row("select opted_out_at from contacts where id = $1", [again.id])).toEqual({
      optedOutAt: null,
    });
  });

  it("who writes again is skipped as suppressed where it is marketing, and gets what is not", async () => {
    const { id, digits, phone } = await someone();
    await erase(id);
    await s.apply(messagesBody([{ from: digits }]));
    const { id: again } = await contactOf(phone);
    const people = [{ id: again }];
    const [ad, parcel] = await Promise.all(
      (["promotional", "transactional"] as const).map(async (type) =>
        makeRun(s.database, await makeCampaign(s.database, s.organization, { type })),
      ),
    );
    const [adJob] = await makeJobs(s.database, ad as never, { pending: 1 }, { contacts: people });
    const [parcelJob] = await makeJobs(s.database, parcel as never, { pending: 1 }, { contacts: people });
    const drip = await makeDrip(s.database, s.organization);
    const entered = await s.database.transaction(admin(), (tx) =>
      enrollContacts(tx, s.organization.id, { ...drip, status: "active" }, [again]),
    );
    expect(entered.refused).toEqual({ suppressed: 1 });
    await s.rows("update senders set lane_token = null, lane_expires_at = null");
    const signal = new AbortController().signal;
    await tick({
      database: s.database,
      env: {},
      leaseSeconds: 30,
      budgetSeconds: 20,
      only: ["send"],
      organizationId: s.organization.id,
      stopping: signal,
      aborting: signal,
      logFile: join(folder, "messages.log"),
    });
    expect(await s.job(adJob as never)).toMatchObject({ status: "skipped", skipReason: "suppressed" });
    expect((await s.job(parcelJob as never)).skipReason).not.toBe("suppressed");
  });

  it("gets no marketing either under a user id, once the erased phone turns out to be theirs", async () => {
    const { id, digits } = await someone();
    await erase(id);
    await s.apply(messagesBody([{ from_user_id: `NL.E${digits}` }]));
    const of = () =>
      s.row("select opted_out_at, opt_out_source from contacts where bsuid = $1", [`NL.E${digits}`]);
    expect(await of()).toEqual({ optedOutAt: null, optOutSource: null });
    await s.apply(messagesBody([{ from: digits, from_user_id: `NL.E${digits}` }]));
    expect(await of()).toEqual({ optedOutAt: expect.any(Date), optOutSource: "preferences: erased before" });
  });

  it("cannot be found out by the hashes: people read neither them nor the key", async () => {
    const { id, phone } = await someone();
    await erase(id);
    for (const statement of [
      "select key from suppression_keys",
      "select address_hash from suppressions",
      "select adsapp_suppressed(adsapp_organization_id(), '{+31612345671}')",
    ])
      await expect(s.database.transaction(admin(), (tx) => tx.run(statement))).rejects.toMatchObject({
        code: "42501",
      });
    const asked = (profileId: string) =>
      s.database.transaction(operator(profileId), (tx) =>
        tx.query("select adsapp_suppressed_here(array[$1])", [phone]),
      );
    expect([await asked(s.organization.profileId), await asked(s.other.profileId)]).toMatchObject([[{}], []]);
  });
});

describe("contact export", () => {
  it("holds all that is stored about one person, with the evidence of consent, and nothing of others", async () => {
    const { id, words, other } = await someone();
    const all = await s.database.transaction(admin(), (tx) => exportPerson(tx, s.organization.id, id));
    for (const [section, rows] of Object.entries(all))
      expect([section, rows.length > 0]).toEqual([section, true]);
    const text = JSON.stringify(all);
    for (const word of words) expect(text).toContain(word);
    expect(text).not.toContain(other.phone.slice(1));
    expect(text).not.toContain("Van een ander");
    expect(JSON.stringify(all.consent)).toContain("preferences: ");
  });
});
