import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dripFindings } from "../../src/drips/findings.ts";
import { makeSender, makeTemplate } from "../support/factories.ts";
import { drip, type Setup, says, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main", provider: "whatsapp-cloud" });
  await makeSender(s.database, s.organization, { name: "logger" });
  await makeSender(s.database, s.organization, { name: "broken", haltReason: "190: token expired" });
  await makeTemplate(s.database, s.organization, { name: "welkom" });
  await makeTemplate(s.database, s.organization, { name: "waiting", status: "PENDING" });
  await makeTemplate(s.database, s.organization, { name: "english", language: "en_US" });
  await makeTemplate(s.database, s.other, { name: "theirs" });
  await makeSender(s.database, s.other, { name: "their_sender" });
  await s.query("insert into contact_lists (organization_id, name) values ($1, 'klanten')", [
    s.organization.id,
  ]);
});

afterAll(() => s.end());

const findings = (given: object) => s.asAdmin((tx) => dripFindings(tx, s.organization.id, drip(given)));
const template = (name: string, more: object = {}) => ({
  delay: "1d",
  message: { type: "template", template: name, language: "nl", variables: { "1": "x" }, ...more },
});
const welcome = template("welkom");

describe("a drip meets the database", () => {
  it("without a finding when all is there, and says the same to a viewer", async () => {
    const whole = {
      sender: "main",
      trigger: { type: "tag_added", tag: "leads" },
      exitWhen: [{ list: "klanten" }],
      steps: [welcome, welcome],
    };
    expect(await findings(whole)).toEqual({ errors: [], warnings: [] });
    const seen = await s.asViewer((tx) => dripFindings(tx, s.organization.id, drip(whole)));
    expect(seen).toEqual({ errors: [], warnings: [] });
  });

  it.each<[string, object, string]>([
    ["an unknown sender", { sender: "mian" }, 'there is no sender "mian"; did you mean "main"?'],
    ["a sender of another tenant", { sender: "their_sender" }, 'there is no sender "their_sender"'],
    [
      "an unknown template",
      { steps: [welcome, template("welkm")] },
      'step 2: template "welkm" (nl) does not exist; did you mean "welkom"?',
    ],
    [
      "a template of another tenant",
      { steps: [template("theirs")] },
      'step 1: template "theirs" (nl) does not exist',
    ],
    [
      "a template in another language",
      { steps: [template("english")] },
      'step 1: template "english" (nl) does not exist; there is one in en_US',
    ],
    [
      "a template that Meta has not approved",
      { steps: [template("waiting")] },
      'step 1: template "waiting" (nl) is PENDING: Meta sends only APPROVED ones',
    ],
    [
      "a value that is not given",
      { steps: [welcome, template("welkom", { variables: {} })] },
      'step 2: template "welkom" (nl) needs a value for "1" in message.variables',
    ],
    [
      "a value too many",
      { steps: [template("welkom", { variables: { "1": "x", "2": "y" } })] },
      'step 1: template "welkom" (nl) has no variable "2"',
    ],
  ])("and %s keeps it from being active", async (_what, given, error) => {
    expect((await findings({ steps: [welcome], ...given })).errors).toEqual([error]);
  });

  it("and Liquid that cannot be read is told with its step", async () => {
    const { errors } = await findings({
      sender: "logger",
      steps: [welcome, says("Hoi {{ contact.first_name")],
    });
    expect(errors).toEqual([expect.stringMatching(/^step 2: message\.text: /)]);
  });

  it.each<[string, object, string]>([
    [
      "a trigger without its tag",
      { trigger: "tag_added" },
      "its trigger names no tag: it never fires (drip enroll still enters people)",
    ],
    [
      "a list that is not there",
      { steps: [{ ...welcome, when: { not: { list: "klante" } } }] },
      'there is no list "klante": nobody meets that condition; did you mean "klanten"?',
    ],
    [
      "a halted sender",
      { sender: "broken" },
      'sender "broken" is halted: nothing goes out before adsapp sender resume',
    ],
    [
      "a text outside the service window",
      { steps: [welcome, says("Hoi")] },
      "step 2: this is no template: it reaches only people who wrote in the last 24 hours, the others are skipped",
    ],
    [
      "a template that is not approved yet, on a log sender",
      { sender: "logger", steps: [template("waiting")] },
      'step 1: template "waiting" (nl) is PENDING',
    ],
  ])("and is warned about %s", async (_what, given, warning) => {
    expect(await findings({ steps: [welcome], ...given })).toEqual({ errors: [], warnings: [warning] });
  });

  it("and all of it is said at once; an organization without a sender is told how to get one", async () => {
    const of = await s.database.transaction({ role: "operator", profileId: s.other.profileId }, (tx) =>
      dripFindings(tx, s.other.id, drip({ steps: [template("a"), template("b")], trigger: "tag_added" })),
    );
    expect(of.errors).toHaveLength(2);
    expect((await findings({ sender: "x", steps: [template("a"), template("b")] })).errors).toHaveLength(3);
  });
});
