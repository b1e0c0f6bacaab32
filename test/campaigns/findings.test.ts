import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findingsOf } from "../../src/campaigns/findings.ts";
import { makeContacts, makeSender, makeTemplate } from "../support/factories.ts";
import { broadcast, NOW, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main", provider: "whatsapp-cloud", throughput: 20 });
  await makeSender(s.database, s.organization, { name: "logger" });
  await makeSender(s.database, s.organization, { name: "broken", haltReason: "190: token expired" });
  await makeContacts(s.database, s.organization, 2, { tags: ["customers"] });
  await makeTemplate(s.database, s.organization);
  await makeTemplate(s.database, s.organization, { name: "waiting", status: "PENDING" });
  await makeTemplate(s.database, s.organization, { name: "paused_one", language: "en_US", status: "PAUSED" });
  await s.asAdmin(async (tx) => {
    await tx.run("insert into contact_lists (organization_id, name) values ($1, 'klanten')", [
      s.organization.id,
    ]);
    const components = [
      { type: "HEADER", format: "IMAGE" },
      { type: "BODY", text: "Kijk" },
      { type: "BUTTONS", buttons: [{ type: "COPY_CODE" }] },
    ];
    await tx.run(
      `insert into message_templates (organization_id, name, language, category, status, components)
       values ($1, 'with_image', 'nl', 'MARKETING', 'APPROVED', $2)`,
      [s.organization.id, JSON.stringify(components)],
    );
  });
  await s.asAdmin((tx) =>
    tx.run(
      `insert into message_templates (organization_id, name, language, category, status, parameter_format, components)
       values ($1, 'strange', 'nl', 'MARKETING', 'APPROVED', 'POSITIONAL', $2), ($1, 'linked', 'nl', 'MARKETING', 'APPROVED', 'NAMED', $3)`,
      [
        s.organization.id,
        JSON.stringify([
          { type: "HEADER", format: "LOCATION" },
          { type: "BODY", text: "Kijk {{1}}" },
          { type: "BUTTONS", buttons: [{ type: "FLOW", text: "Vul in" }] },
          { type: "CAROUSEL", cards: [] },
        ]),
        JSON.stringify([
          { type: "HEADER", format: "TEXT", text: "Hoi {{naam}}" },
          { type: "BODY", text: "Kijk {{naam}}" },
          { type: "BUTTONS", buttons: [{ type: "URL", text: "Kijk", url: "https://example.nl/{{1}}" }] },
        ]),
      ],
    ),
  );
  await makeTemplate(s.database, s.organization, { name: "service", category: "UTILITY" });
  await makeTemplate(s.database, s.organization, { name: "codes", category: "AUTHENTICATION" });
  await makeTemplate(s.database, s.organization, { name: "long", body: `${"a".repeat(1000)} {{1}}` });
  await makeTemplate(s.database, s.other, { name: "theirs" });
  await makeSender(s.database, s.other, { name: "their_sender" });
});

afterAll(() => s.end());

const findings = async (given: object) => {
  const { errors, warnings } = await s.asAdmin((tx) => findingsOf(tx, s.organization.id, broadcast(given)));
  return { errors, warnings };
};
const NONE = { errors: [], warnings: [] };
const message = (template: string, more: object = {}) => ({
  message: { type: "template", template, language: "nl", variables: { "1": "x" }, ...more },
});
const scheduled = (scheduledAt: string, more: object = {}) => ({
  scheduling: { type: "scheduled", scheduledAt, ...more },
});

describe("a broadcast meets the database", () => {
  it("without a finding when all is there", async () => {
    expect(await findings({})).toEqual(NONE);
    expect(
      await findings({
        sender: "main",
        targetAudience: { type: "tags", tags: ["customers"], exclude: { lists: ["klanten"] } },
      }),
    ).toEqual(NONE);
  });

  it("and learns what the sending would use", async () => {
    const found = await s.asAdmin((tx) => findingsOf(tx, s.organization.id, broadcast()));
    expect(found).toMatchObject({
      throughput: 20,
      provider: "whatsapp-cloud",
      template: { name: "black_friday", category: "MARKETING" },
    });
    expect(Math.abs(found.startsAt.getTime() - NOW.getTime())).toBeLessThan(60_000);
    const later = await s.asAdmin((tx) =>
      findingsOf(tx, s.organization.id, broadcast(scheduled("2026-12-01T10:00"))),
    );
    expect(later.startsAt).toEqual(new Date("2026-12-01T09:00:00Z"));
  });

  it("and says the same to a viewer", async () => {
    const found = await s.asViewer((tx) => findingsOf(tx, s.organization.id, broadcast()));
    expect(found.errors).toEqual([]);
  });

  it.each<[string, object, string]>([
    ["an unknown sender", { sender: "mian2" }, 'there is no sender "mian2"'],
    ["a sender of another tenant", { sender: "their_sender" }, 'there is no sender "their_sender"'],
    [
      "an unknown list",
      { targetAudience: { type: "list", list: "klant" } },
      'there is no list "klant"; did you mean "klanten"?',
    ],
    [
      "an unknown list to exclude",
      { targetAudience: { type: "all", exclude: { lists: ["pers"] } } },
      'there is no list "pers"',
    ],
    [
      "an unknown template",
      message("black_fridy"),
      'template "black_fridy" (nl) does not exist; did you mean "black_friday"?',
    ],
    ["a template of another tenant", message("theirs"), 'template "theirs" (nl) does not exist'],
    [
      "a template in another language",
      message("paused_one"),
      'template "paused_one" (nl) does not exist; there is one in en_US',
    ],
    [
      "a template that Meta has not approved",
      message("waiting"),
      'template "waiting" (nl) is PENDING: Meta sends only APPROVED ones',
    ],
    [
      "a value that is not given",
      message("black_friday", { variables: {} }),
      'template "black_friday" (nl) needs a value for "1" in message.variables',
    ],
    [
      "a value that is empty",
      message("black_friday", { variables: { "1": " " } }),
      'template "black_friday" (nl) needs a value for "1" in message.variables',
    ],
    [
      "a value too many",
      message("black_friday", { variables: { "1": "x", naam: "y" } }),
      'template "black_friday" (nl) has no variable "naam"',
    ],
    [
      "a code that is not given",
      message("with_image", { variables: {}, header: { image: { id: "1" } } }),
      'template "with_image" (nl) needs a value for "button_0" in message.variables',
    ],
    [
      "a header that is not given",
      message("with_image", { variables: { button_0: "X" } }),
      'template "with_image" (nl) has a header with an image: write message.header.image',
    ],
    [
      "a header of another kind",
      message("with_image", { variables: { button_0: "X" }, header: { video: { id: "1" } } }),
      'template "with_image" (nl) has a header with an image: write message.header.image',
    ],
    [
      "a header too many",
      message("black_friday", { header: { image: { id: "1" } } }),
      'template "black_friday" (nl) has no media in its header',
    ],
    [
      "a typing error in Liquid",
      message("black_friday", { variables: { "1": "{{ contact.firstname }}" } }),
      'message.variables.1: "{{ contact.firstname }}": contact.firstname is not known; did you mean contact.first_name?',
    ],
    [
      "an end before its start",
      scheduled("2026-12-01T10:00", { sendBefore: "2026-12-01T10:00" }),
      "sendBefore is not after its start: everyone would be skipped",
    ],
    [
      "an end that has gone by",
      { scheduling: { sendBefore: "2026-11-27T09:00:00Z" } },
      "sendBefore is not after its start: everyone would be skipped",
    ],
  ])("and cannot start with %s", async (_what, given, error) => {
    expect(await findings(given)).toEqual({ errors: [error], warnings: [] });
  });

  it.each<[string, object, string[]]>([
    [
      "parts that adsapp cannot fill in",
      message("strange"),
      ["a LOCATION header", "a FLOW button", "a CAROUSEL"].map(
        (part) => `template "strange" (nl) has ${part}: adsapp cannot fill that in`,
      ),
    ],
    [
      "a template for one-time codes",
      message("codes"),
      ['template "codes" (nl) is for one-time codes (AUTHENTICATION): no campaign sends those'],
    ],
    [
      "a named header and a link without their values",
      message("linked", { variables: { naam: "x" } }),
      ['template "linked" (nl) needs a value for "header_naam", "button_0" in message.variables'],
    ],
    [
      "values that are too long, each",
      message("with_image", { variables: { button_0: "x".repeat(16) }, header: { image: { id: "1" } } }),
      ['template "with_image" (nl): the value for "button_0" has 16 characters, of 15 at most'],
    ],
    [
      "a text that is too long with its value",
      message("long", { variables: { "1": "b".repeat(24) } }),
      ['template "long" (nl): its text has 1025 characters, of 1024 at most'],
    ],
  ])("and cannot start with %s", async (_what, given, errors) => {
    expect(await findings(given)).toEqual({ errors, warnings: [] });
  });

  it("and may be as long as Meta takes, and as Liquid makes it", async () => {
    const values = ["b".repeat(23), "{{ contact.first_name }}"];
    for (const value of values)
      expect(await findings(message("long", { variables: { "1": value } }))).toEqual(NONE);
  });

  it("and names all that keeps it from starting", async () => {
    const { errors } = await findings({
      sender: "x",
      targetAudience: { type: "list", list: "y" },
      ...message("z", { variables: { "1": "{{ a }}" } }),
    });
    expect(errors).toHaveLength(4);
  });

  it.each<[string, object, string]>([
    [
      "a tag that nobody has",
      { targetAudience: { type: "tags", tags: ["customers", "vip"] } },
      'no contact has the tag "vip"',
    ],
    [
      "people who are not there",
      { targetAudience: { type: "contacts", contacts: ["+31610000001", "+31699999999"] } },
      "there is no contact +31699999999",
    ],
    [
      "a halted sender",
      { sender: "broken" },
      'sender "broken" is halted: nothing goes out before adsapp sender resume',
    ],
    [
      "a template not approved, but a log sender",
      { sender: "logger", ...message("waiting") },
      'template "waiting" (nl) is PENDING',
    ],
    [
      "a promotion by a template for service",
      message("service"),
      'template "service" (nl) is UTILITY and the campaign promotional: Meta limits accounts that send marketing with such templates (131064)',
    ],
    [
      "a notification by a template for marketing",
      { type: "notification", ...message("black_friday") },
      'template "black_friday" (nl) is MARKETING, so this notification campaign counts as marketing: who opted out is skipped',
    ],
    [
      "a text outside the service window",
      { message: { type: "text", text: "Hoi" } },
      "this is no template: it reaches only people who wrote in the last 24 hours, the others are skipped",
    ],
    [
      "a time that has gone by",
      scheduled("2026-11-27T09:59:00"),
      "scheduledAt 2026-11-27T09:59:00 has gone by: it starts at once",
    ],
    [
      "a local time that does not exist",
      scheduled("2027-03-28T02:30"),
      "2027-03-28T02:30 does not exist there (the clock goes forward): it starts at 2027-03-28 03:30:00",
    ],
    [
      "a local time that is there twice",
      scheduled("2027-10-31T02:30"),
      "2027-10-31T02:30 is there twice that night (the clock goes back): it starts the second time",
    ],
  ])("and is warned of %s", async (_what, given, warning) => {
    expect(await findings(given)).toEqual({ errors: [], warnings: [warning] });
  });

  it.each<[string, object]>([
    ["a notification by a template for service", { type: "notification", ...message("service") }],
    ["a text from a log sender", { sender: "logger", message: { type: "text", text: "Hoi" } }],
    ["an instant in the night when clocks change", scheduled("2027-10-31T02:30:00+01:00")],
    [
      "a time that is still to come in its own zone",
      scheduled("2026-11-27T09:59", { timezone: "America/New_York" }),
    ],
    ["an end after its start", scheduled("2026-12-01T10:00", { sendBefore: "2026-12-01T10:00:01" })],
  ])("and is not bothered about %s", async (_what, given) => {
    expect(await findings(given)).toEqual(NONE);
  });

  it("and needs a sender at all", async () => {
    const empty = await s.database.transaction(
      { role: "operator", profileId: s.other.profileId },
      async (tx) => {
        await tx.run("delete from senders where organization_id = $1", [s.other.id]);
        return findingsOf(tx, s.other.id, broadcast({ message: { type: "text", text: "Hoi" } }));
      },
    );
    expect(empty.errors).toEqual(["the organization has no sender: adsapp sender add"]);
    expect(empty.throughput).toBeNull();
  });
});
