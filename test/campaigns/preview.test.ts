import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { previewCampaign } from "../../src/campaigns/preview.ts";
import { type Rate, ratesOf } from "../../src/campaigns/rates.ts";
import { worker } from "../../src/db/identity.ts";
import { makeContacts, makeSender, makeTemplate } from "../support/factories.ts";
import { broadcast, NOW, type Setup, setup } from "./setup.ts";

let s: Setup;

/** Two who may be messaged (one without a first name), one of each who may not; and another tenant's people. */
beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main", provider: "whatsapp-cloud", throughput: 1 });
  await makeSender(s.database, s.organization, { name: "logger" });
  await makeTemplate(s.database, s.organization);
  await makeTemplate(s.database, s.organization, { name: "factuur", category: "UTILITY" });
  await makeContacts(s.database, s.organization, 1, {
    firstName: "Sanne",
    optedInAt: NOW,
    lastInboundAt: NOW,
  });
  const [nameless] = await makeContacts(s.database, s.organization, 1);
  await makeContacts(s.database, s.organization, 1, { optedOutAt: NOW });
  await makeContacts(s.database, s.organization, 1, { blockedAt: NOW });
  await makeContacts(s.database, s.other, 5);
  await s.asAdmin((tx) => tx.run("update contacts set first_name = null where id = $1", [nameless?.id]));
});

afterAll(() => s.end());

const preview = (given: object = {}, within = s.asAdmin, rates?: Rate[]) =>
  previewCampaign(
    within,
    (work) => s.database.transaction(worker, work),
    {
      id: s.organization.id,
      name: "Bakkerij Jansen",
      slug: s.organization.slug,
      timezone: "Europe/Amsterdam",
      defaultCountry: "NL",
    },
    broadcast(given),
    rates,
  );

describe("a preview", () => {
  it("counts the audience by reason, as the sending will", async () => {
    expect(await preview()).toMatchObject({
      targets: 4,
      willBeSent: 2,
      skipped: { opted_out: 1, blocked: 1 },
      errors: [],
    });
  });

  it("lets opted-out people have what is no marketing", async () => {
    const factuur = {
      type: "transactional",
      message: { type: "template", template: "factuur", language: "nl", variables: { "1": "x" } },
    };
    expect(await preview(factuur)).toMatchObject({ targets: 4, willBeSent: 3, skipped: { blocked: 1 } });
  });

  it("takes a template of category MARKETING for marketing, whatever the campaign's type", async () => {
    expect(await preview({ type: "notification" })).toMatchObject({
      willBeSent: 2,
      skipped: { opted_out: 1, blocked: 1 },
    });
  });

  it("asks for an opt-in where the settings do", async () => {
    expect(await preview({ settings: { requireOptIn: true } })).toMatchObject({
      willBeSent: 1,
      skipped: { opted_out: 1, blocked: 1, no_opt_in: 1 },
    });
  });

  it("counts who is outside the service window when it is no template, on WhatsApp", async () => {
    const text = { type: "transactional", message: { type: "text", text: "Hoi" } };
    expect(await preview(text)).toMatchObject({
      willBeSent: 1,
      skipped: { blocked: 1, outside_service_window: 2 },
      samples: [{ text: "Hoi" }],
    });
    expect(await preview({ ...text, sender: "logger" })).toMatchObject({
      willBeSent: 3,
      skipped: { blocked: 1 },
    });
  });

  it("shows what real people would read, and what one lacks", async () => {
    const { samples, warnings } = await preview();
    expect(samples).toHaveLength(2);
    expect(samples).toContainEqual({
      to: "+31610000001",
      variant: null,
      text: "Hoi Sanne, vandaag korting",
      missing: null,
    });
    expect(samples).toContainEqual({
      to: "+31610000002",
      variant: null,
      text: null,
      missing: "contact.first_name",
    });
    expect(warnings).toEqual([
      "who lacks a value is skipped: +31610000002 has no contact.first_name (Liquid's default filter gives one)",
    ]);
  });

  it("says when it would be done: from now on, or from its time on", async () => {
    const immediate = await preview();
    expect(immediate.forecast).toMatchObject({ messages: 2, perSecond: 1, seconds: 2 });
    const scheduling = { type: "scheduled", scheduledAt: "2026-12-01T10:00" };
    const hourly = await preview({ scheduling, rateLimiting: { messagesPerHour: 1 } });
    expect(hourly.forecast).toEqual({
      messages: 2,
      perSecond: 0,
      seconds: 3660,
      startsAt: new Date("2026-12-01T09:00:00Z"),
      finishesAt: new Date("2026-12-01T10:01:00Z"),
      heldUpBy: [],
    });
  });

  it("has no samples, but its counts, where the message cannot be sent", async () => {
    const broken = await preview({ message: { type: "text", text: "{{ oops" } });
    expect(broken).toMatchObject({
      targets: 4,
      samples: [],
      errors: [expect.stringContaining("not closed")],
    });
    const missing = await preview({
      message: { type: "template", template: "none", language: "nl" },
      sender: "none",
    });
    expect(missing).toMatchObject({
      targets: 4,
      samples: [],
      forecast: null,
      errors: [expect.any(String), expect.any(String)],
    });
  });

  it("says so when nobody would get it", async () => {
    const nobody = await preview({ targetAudience: { type: "tags", tags: ["none"] } });
    expect(nobody).toMatchObject({ targets: 0, willBeSent: 0, skipped: {}, samples: [] });
    expect(nobody.warnings).toEqual(['no contact has the tag "none"', "nobody would get it"]);
  });

  it("counts who is not meant, and who is kept out by what", async () => {
    const [first, second] = await s.asAdmin((tx) =>
      tx.query<{ id: string }>("select id from contacts where organization_id = $1 order by phone limit 2", [
        s.organization.id,
      ]),
    );
    await s.asAdmin((tx) =>
      tx.run(
        "insert into contact_tags (organization_id, contact_id, tag) values ($1, $2, 'a'), ($1, $3, 'a'), ($1, $3, 'b')",
        [s.organization.id, first?.id, second?.id],
      ),
    );
    const targetAudience = {
      type: "tags",
      tags: ["a"],
      exclude: { tags: ["none", "b"], contactedWithinDays: 3 },
    };
    expect(await preview({ targetAudience })).toMatchObject({
      contacts: 4,
      notInTarget: 2,
      excluded: { "tag b": 1 },
      targets: 1,
      willBeSent: 1,
    });
  });

  it("takes off those held out, and shows the variants in turn", async () => {
    const given = {
      message: { type: "text", text: "A" },
      type: "transactional",
      sender: "logger",
      variants: [
        { name: "A", weight: 1 },
        { name: "B", weight: 1, message: { text: "B" } },
      ],
      settings: { holdout: 34 },
    };
    const { samples, ...counts } = await preview(given);
    expect(counts).toMatchObject({ targets: 4, willBeSent: 2, skipped: { blocked: 1, holdout: 1 } });
    expect(samples.map(({ variant, text }) => [variant, text])).toEqual([
      ["A", "A"],
      ["B", "B"],
      ["A", "A"],
    ]);
  });

  it("prices whoever gets it, by country", async () => {
    const rates = ratesOf("card", "country,category,price,currency\nNL,MARKETING,0.1,EUR\n");
    const { cost } = await preview({}, s.asAdmin, rates);
    expect(cost).toEqual({
      lines: [
        { country: "NL", category: "MARKETING", messages: 2, price: 0.1, amount: 0.2, currency: "EUR" },
      ],
      total: { EUR: 0.2 },
      unpriced: 0,
    });
  });

  it("prices each message once, however many variants and small groups share them", async () => {
    const letters = ["A", "B", "C", "D", "E"];
    const variants = letters.map((name) => ({ name, weight: 1, message: { template: "factuur" } }));
    const rates = ratesOf("card", "country,category,price,currency\n*,UTILITY,1,EUR\n+316,UTILITY,1,EUR\n");
    const priced = async (settings: object) => {
      const { willBeSent, cost } = await preview({ variants, settings }, s.asAdmin, rates);
      return {
        willBeSent,
        priced: cost?.lines.reduce((sum, { messages }) => sum + messages, 0),
        ...cost?.total,
      };
    };
    expect(await priced({})).toEqual({ willBeSent: 2, priced: 2, EUR: 2 });
    expect(await priced({ holdout: 50 })).toEqual({ willBeSent: 1, priced: 1, EUR: 1 });
  });

  it("says by what it is held up", async () => {
    const quiet = await preview({ settings: { quietHours: ["09:00", "12:00"] } });
    expect(quiet.forecast).toMatchObject({ heldUpBy: ["quiet_hours"], finishesAt: expect.any(Date) });
    expect(quiet.forecast?.finishesAt?.getTime()).toBeGreaterThan(NOW.getTime() + 2 * 3_600_000 - 60_000);
  });

  it("is the same for a viewer", async () => {
    expect(await preview({}, s.asViewer)).toMatchObject({ targets: 4, willBeSent: 2 });
  });
});
