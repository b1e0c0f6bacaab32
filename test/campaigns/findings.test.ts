import { describe, expect, it } from "vitest";
import { findingsOf } from "../../src/campaigns/findings.ts";
import { findings, message, NONE, s, scheduled, useFindings } from "./findings-world.ts";
import { broadcast, NOW } from "./setup.ts";

useFindings();

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
