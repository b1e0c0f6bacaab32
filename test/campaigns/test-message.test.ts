import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { testCampaign } from "../../src/campaigns/test.ts";
import { worker } from "../../src/db/identity.ts";
import type { Organization } from "../../src/organizations/organization.ts";
import { makeCampaign, makeContacts, makeSender, makeTemplate } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

const TESTER = "+31610000001";
const READER = "+31610000002";

let s: Setup;
let organization: Organization;

beforeAll(async () => {
  s = await setup();
  organization = {
    ...s.organization,
    name: "Bakkerij Jansen",
    defaultCountry: "NL",
  } as unknown as Organization;
  await makeSender(s.database, s.organization, { name: "main", provider: "whatsapp-cloud" });
  await makeContacts(s.database, s.organization, 4);
  await makeContacts(s.database, s.other, 1);
  await makeTemplate(s.database, s.organization);
  await makeTemplate(s.database, s.organization, { name: "wacht", status: "PENDING" });
  await s.asAdmin(async (tx) => {
    await tx.run("update contacts set first_name = case phone when $1 then 'Tess' when $2 then 'Robin' end", [
      TESTER,
      READER,
    ]);
    await tx.run(
      "update contacts set opted_out_at = adsapp_now(), opt_out_source = 'test' where phone = '+31610000003'",
    );
  });
  const message = { type: "template", language: "nl", variables: { "1": "{{ contact.first_name }}" } };
  await makeCampaign(s.database, s.organization, {
    name: "Sale",
    message: { ...message, template: "black_friday" },
  });
  await makeCampaign(s.database, s.organization, {
    name: "Later",
    message: { ...message, template: "wacht" },
  });
  await makeCampaign(s.database, s.organization, { name: "Praat", message: { type: "text", text: "Hoi" } });
  await makeCampaign(s.database, s.organization, {
    name: "Over",
    message: { ...message, template: "black_friday" },
    scheduling: { type: "scheduled", scheduledAt: "2026-01-01T10:00", sendBefore: "2026-01-02T10:00" },
    targetAudience: { type: "list", list: "nergens" },
  });
});

afterAll(() => s.end());

const asWorker: Setup["asAdmin"] = (work) => s.database.transaction(worker, work);
const test = (given: { campaign: string; to: string; contact?: string }, as = s.asAdmin) =>
  testCampaign(as, asWorker, organization, given);
const rows = (sql: string) => asWorker((tx) => tx.query(sql));

describe("a test of a campaign", () => {
  it("waits in the direct queue, as the tester will read it", async () => {
    const { id, text } = await test({ campaign: "Sale", to: TESTER });
    expect(text).toBe("Hoi Tess, vandaag korting");
    const [message] = await asWorker((tx) =>
      tx.query("select m.*, c.phone from messages m join contacts c on c.id = m.contact_id where m.id = $1", [
        id,
      ]),
    );
    expect(message).toMatchObject({
      direction: "outbound",
      phone: TESTER,
      senderId: expect.any(String),
      type: "template",
      status: "pending",
      body: "Hoi Tess, vandaag korting",
      bulkMessageJobId: null,
      payload: {
        type: "template",
        template: {
          name: "black_friday",
          language: { code: "nl" },
          components: [{ type: "body", parameters: [{ type: "text", text: "Tess" }] }],
        },
      },
    });
  });

  it("is filled in for another contact, and goes to the tester all the same", async () => {
    const { to, text } = await test({ campaign: "Sale", to: TESTER, contact: READER });
    expect([to, text]).toEqual([TESTER, "Hoi Robin, vandaag korting"]);
  });

  it("does not ask for the campaign's audience and time", async () => {
    expect(await test({ campaign: "Over", to: TESTER })).toMatchObject({
      campaign: "Over",
      status: "pending",
    });
  });

  it("counts nowhere, and the audit is clean", async () => {
    await test({ campaign: "Sale", to: TESTER });
    const statistics = await rows(
      "select distinct total_targets, messages_sent, messages_failed, messages_skipped from bulk_campaigns",
    );
    expect(statistics).toEqual([{ totalTargets: 0, messagesSent: 0, messagesFailed: 0, messagesSkipped: 0 }]);
    expect(await rows("select from bulk_message_jobs")).toEqual([]);
    const { checks } = await asWorker((tx) => audit(tx, null));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  it.each<[string, { campaign: string; to: string; contact?: string }, object]>([
    [
      "whose template is not approved",
      { campaign: "Later", to: TESTER },
      { exitCode: 1, message: expect.stringContaining("is PENDING") },
    ],
    [
      "for a tester who opted out",
      { campaign: "Sale", to: "+31610000003" },
      { exitCode: 1, message: "+31610000003 may not be messaged: opted_out" },
    ],
    [
      "for a tester who is no contact",
      { campaign: "Sale", to: "+31699999999" },
      { exitCode: 4, hint: expect.stringContaining("contact import") },
    ],
    [
      "of a campaign that is not there",
      { campaign: "Sales", to: TESTER },
      { exitCode: 4, hint: 'Did you mean "Sale"?' },
    ],
    [
      "that lacks a value",
      { campaign: "Sale", to: "+31610000004" },
      { exitCode: 1, message: "contact +31610000004 has no contact.first_name" },
    ],
    [
      "of a text to a tester who has not written",
      { campaign: "Praat", to: TESTER },
      { exitCode: 1, message: expect.stringContaining("24 hours") },
    ],
  ])("is refused %s, and nothing waits", async (_what, given, fault) => {
    const count = async () => (await rows("select from messages")).length;
    const before = await count();
    await expect(test(given)).rejects.toMatchObject(fault);
    expect(await count()).toBe(before);
  });

  it("of a text goes to a tester who has written", async () => {
    await asWorker((tx) =>
      tx.run("update contacts set last_inbound_at = adsapp_now() - interval '1 hour' where phone = $1", [
        READER,
      ]),
    );
    expect(await test({ campaign: "Praat", to: READER })).toMatchObject({ text: "Hoi" });
  });

  it("is not for viewers", async () => {
    await expect(test({ campaign: "Sale", to: TESTER }, s.asViewer)).rejects.toMatchObject({ exitCode: 5 });
  });

  it("knows no contact of another tenant", async () => {
    const [theirs] = await rows(`select id from contacts where organization_id = '${s.other.id}'`);
    await expect(test({ campaign: "Sale", to: String(theirs?.id) })).rejects.toMatchObject({ exitCode: 4 });
  });
});
