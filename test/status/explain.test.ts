import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator, worker } from "../../src/db/identity.ts";
import command from "../../src/status/explain/explain.command.ts";
import { type Explanation, explain } from "../../src/status/explain/explain.ts";
import type { Gate } from "../../src/status/explain/gate.ts";
import { runCommand } from "../reports/run-command.ts";
import { minutesAfter, NOW, type Setup, setup, type World } from "../sending/setup.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts } from "../support/factories.ts";
import { organizationOf } from "./explain-world.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

interface Wanted {
  id: string;
}

async function told(w: World, contact: Wanted, campaign: Wanted): Promise<Explanation> {
  const identity = operator(w.organization.profileId);
  return explain(s.database, identity, await organizationOf(s, w), {
    contact: contact.id,
    campaign: campaign.id,
  });
}

async function gate(w: World, contact: Wanted, campaign: Wanted, name: string): Promise<Gate | undefined> {
  return (await told(w, contact, campaign)).gates.find((each) => each.gate === name);
}

/** The first pending one of a broadcast. */
const nth = (w: World, campaign: Wanted, n: number) =>
  w.rows<{ id: string }>(
    "select contact_id as id from bulk_message_jobs where campaign_id = $1 and status = 'pending' and next_attempt_at is null order by seq offset $2 limit 1",
    [campaign.id, n],
  );

describe("explain tells of a broadcast", () => {
  it("every gate in the order in which a tick comes to them", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 1 } });
    const [person] = await nth(w, campaign, 0);
    const { verdict, reason, until, status, gates } = await told(w, person as Wanted, campaign);
    expect({ verdict, reason, until, status }).toEqual({
      verdict: "pass",
      reason: "the next tick sends it",
      until: null,
      status: "pending",
    });
    expect(gates.map((each) => each.gate)).toEqual([
      ...["campaign", "organization", "audience", "lateness", "send_before", "message", "next_attempt"],
      ...[
        "contact",
        "consent",
        "holdout",
        "service_window",
        "frequency_cap",
        "hours",
        "variables",
        "country",
      ],
      ...["sender", "canary", "hourly_limit", "messaging_limit", "pair_limit", "breaker"],
    ]);
  });

  it("why somebody is not in the audience", async () => {
    const w = await s.world();
    const [vip] = await w.contacts(1, { tags: ["klant", "vip"], attributes: { stad: "Utrecht" } });
    const [lead] = await w.contacts(1, { tags: ["lead"] });
    const audience = async (targetAudience: object, person = lead) => {
      const campaign = await makeCampaign(s.database, w.organization, { status: "draft", targetAudience });
      const found = await gate(w, person as Wanted, campaign, "audience");
      return `${found?.verdict}: ${found?.reason}`;
    };
    expect(await audience({ type: "tags", tags: ["klant", "vip"], match: "any" })).toBe(
      "stop: it asks for one of the tags klant, vip",
    );
    expect(await audience({ type: "tags", tags: ["lead", "vip"], match: "all" })).toBe(
      "stop: it asks for the tag vip",
    );
    expect(await audience({ type: "list", list: "beurs" })).toBe(
      "stop: it asks for a place on the list beurs",
    );
    expect(await audience({ type: "contacts", contacts: ["+31600000000"] })).toMatch(
      /^stop: .*one of the contacts/,
    );
    const where = { all: [{ tag: "lead" }, { field: "attributes.stad", op: "eq", value: "Utrecht" }] };
    expect(await audience({ type: "segment", where })).toBe('stop: it asks for attributes.stad eq "Utrecht"');
    expect(await audience({ type: "all", exclude: { tags: ["vip"] } }, vip)).toBe(
      "stop: it excludes the person: tag vip",
    );
    expect(await audience({ type: "all" })).toMatch(/^pass: .*not written out yet/);
  });

  it("that somebody came after the audience was frozen", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { sent: 1 } });
    const [late] = await w.contacts(1, { createdAt: minutesAfter(10) });
    expect(await gate(w, late as Wanted, campaign, "audience")).toMatchObject({
      verdict: "stop",
      reason: expect.stringContaining("after the audience was frozen"),
    });
  });

  it("when quiet hours end, and in whose time zone", async () => {
    const w = await s.world();
    const [person] = await w.contacts(1, { timezone: "Asia/Tokyo" });
    const campaign = await w.broadcast({
      contacts: [person as Wanted],
      settings: { quietHours: ["18:00", "09:00"] },
    });
    const explanation = await told(w, person as Wanted, campaign);
    expect(explanation).toMatchObject({ verdict: "wait", until: new Date("2026-11-28T00:00:00Z") });
    expect(explanation.reason).toBe("quiet hours 18:00–09:00, in Asia/Tokyo (the contact's time zone)");
  });

  it("whose turn comes when, by messagesPerHour", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 10 }, perHour: 60 });
    const of = async (n: number) =>
      gate(w, (await nth(w, campaign, n))[0] as Wanted, campaign, "hourly_limit");
    expect(await of(0)).toMatchObject({ verdict: "pass" });
    expect(await of(1)).toMatchObject({ verdict: "pass" });
    const third = await of(2);
    expect(third).toMatchObject({ verdict: "wait", reason: "60 an hour at most, and 2 go before it" });
    const everySeconds = 3660 / 59;
    expect((Number(third?.until) - NOW.getTime()) / 1000).toBeGreaterThan(everySeconds - 1);
    const last = await of(9);
    expect((Number(last?.until) - Number(third?.until)) / 1000).toBeCloseTo(7 * everySeconds, -1);
  });

  it("when the frequency cap lets the person have another one", async () => {
    const w = await s.world({ settings: { frequencyCap: { messages: 1, days: 7 } } });
    const [person] = await w.contacts(1);
    const [job] = (await w.broadcast({ contacts: [person as Wanted], states: { sent: 1 }, ago: "1 day" }))
      .jobs;
    await w.rows(
      "insert into contact_touches (organization_id, contact_id, ats, row_ids) values ($1, $2, array[$3::timestamptz], array[$4::uuid])",
      [w.organization.id, person?.id, minutesAfter(-1440), job?.id],
    );
    const campaign = await w.broadcast({ contacts: [person as Wanted] });
    const found = await gate(w, person as Wanted, campaign, "frequency_cap");
    expect(found).toMatchObject({ verdict: "stop", until: minutesAfter(6 * 1440) });
  });

  it("what happened to whom it was sent, with what an error means", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { read: 1, failed: 1 } });
    const [read, failed] = campaign.jobs;
    const one = await told(w, { id: read?.contactId ?? "" }, campaign);
    expect(one).toMatchObject({ verdict: "stop", status: "read", reason: "read" });
    expect(one.history.map(({ what }) => what)).toEqual(["sent", "delivered", "read"]);
    const other = await told(w, { id: failed?.contactId ?? "" }, campaign);
    expect(other.history).toMatchObject([
      {
        what: "failed",
        attempt: 1,
        detail: expect.stringMatching(/^131000: .{10,}\(Something went wrong\)$/),
      },
    ]);
  });
});

describe("explain tells of a drip", () => {
  it("who is not in it, how one gets in, and who may not", async () => {
    const w = await s.world();
    const make = (trigger: { type: string; [config: string]: unknown }) =>
      makeDrip(s.database, w.organization, { trigger });
    const drip = await make({ type: "tag_added", tag: "leads" });
    const called = await make({ type: "api", event: "signup" });
    const [stranger] = await w.contacts(1);
    const [blocked] = await w.contacts(1, { blockedAt: NOW });
    const reason = async (person: Wanted | undefined, of = drip) =>
      (await told(w, person as Wanted, of)).reason;
    expect(await reason(stranger)).toBe("was never in it; it enters when it gets the tag leads");
    expect(await reason(stranger, called)).toBe(
      "was never in it; it enters when a program tells of signup (type api)",
    );
    expect(await reason(blocked)).toBe("was never in it; it may not enter: blocked");
    expect(await w.rows("select from drip_enrollments where campaign_id = $1", [drip.id])).toEqual([]);
  });

  it("when the next step is due, and what came before", async () => {
    const w = await s.world();
    const drip = await makeDrip(s.database, w.organization, {});
    const people = await w.contacts(2);
    const [first, second] = await makeEnrollments(s.database, drip, people);
    await settleSteps(s.database, [first as Wanted], "sent");
    const next = await told(w, people[0] as Wanted, drip);
    expect(next).toMatchObject({ verdict: "wait", reason: "step 2", status: "pending" });
    expect(next.until?.toISOString()).toMatch(/^2026-11-29T09:00/);
    await settleSteps(s.database, [second as Wanted], "skipped", { reason: "outside_service_window" });
    const other = await told(w, people[1] as Wanted, drip);
    expect(other.history).toMatchObject([{ step: 1, what: "skipped", detail: "outside_service_window" }]);
  });
});

describe("adsapp explain", () => {
  const run = (w: World, argv: readonly string[], format: "table" | "json" = "table") =>
    runCommand(command, argv, { databaseUrl: s.url, organization: w.organization.slug, format, now: NOW });

  it("finds broadcasts and drips by name, and says what neither is called", async () => {
    const w = await s.world();
    const [person] = await w.contacts(1);
    const phone = (person as { phone: string }).phone;
    const campaign = await w.broadcast({ contacts: [person as Wanted] });
    const drip = await makeDrip(s.database, w.organization, { name: "Welkom" });
    const table = await run(w, ["--contact", phone, "--campaign", campaign.name]);
    expect(table).toMatchObject({ exitCode: 0, stderr: "" });
    expect(table.stdout).toMatch(/^Gate +Verdict +Until +Why\ncampaign +pass/);
    expect(table.stdout).toMatch(/All in all +pass/);
    const json = JSON.parse((await run(w, ["--contact", phone, "--campaign", drip.name], "json")).stdout);
    expect(Object.keys(json)).toEqual([
      ...["contactId", "campaign", "kind", "status", "verdict", "reason", "until", "gates", "history"],
    ]);
    expect(Object.keys(json.gates[0])).toEqual(["gate", "verdict", "reason", "until"]);
    const unknown = await run(w, ["--contact", phone, "--campaign", "Welkon"]);
    expect(unknown).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('Did you mean "Welkom"?') });
    const nobody = await run(w, ["--contact", "+31600000000", "--campaign", "Welkom"]);
    expect(nobody).toMatchObject({ exitCode: 4 });
  });

  it("writes nothing: not a row of it changes", async () => {
    const w = await s.world({ sender: { provider: "whatsapp-cloud" } });
    const [person] = await makeContacts(s.database, w.organization, 1);
    const campaign = await w.broadcast({ contacts: [person as Wanted] });
    const rows = () =>
      s.database.transaction(worker, (tx) =>
        tx.query(
          "select j.xmin::text as job, r.xmin::text as run, s.xmin::text as sender from bulk_message_jobs j join campaign_runs r using (campaign_id) join senders s on s.id = r.sender_id where j.campaign_id = $1",
          [campaign.id],
        ),
      );
    const before = await rows();
    await told(w, person as Wanted, campaign);
    expect(await rows()).toEqual(before);
  });
});
