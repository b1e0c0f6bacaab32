import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import create from "../../src/campaigns/create.command.ts";
import { broadcastByAnswers } from "../../src/campaigns/create-by-answers.ts";
import { fileDefinition } from "../../src/campaigns/named.ts";
import { templateSchema } from "../../src/templates/definition.ts";
import { saveTemplate } from "../../src/templates/templates.ts";
import { runCommand } from "../reports/run-command.ts";
import { type Answer, answering, KEY } from "../support/answers.ts";
import { makeContext } from "../support/context.ts";
import { makeContacts, makeSender, makeTemplate } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main" });
  await makeSender(s.database, s.organization, { name: "second" });
  await makeContacts(s.database, s.organization, 3, { tags: ["vip", "leads"] });
  await makeContacts(s.database, s.organization, 2, { tags: ["vip"] });
  await makeContacts(s.database, s.organization, 1, { tags: ["staff", "vip"], blockedAt: new Date() });
  await makeTemplate(s.database, s.organization, { name: "sale", body: "Hoi {{1}}, {{2}} korting" });
  await makeTemplate(s.database, s.organization, { name: "pending_one", status: "PENDING" });
  await s.asAdmin(async (tx) => {
    await tx.run("insert into contact_lists (name) values ('klanten')");
    const components = [
      { type: "HEADER", format: "IMAGE" },
      { type: "BODY", text: "Kijk" },
    ];
    await saveTemplate(
      tx,
      s.organization.id,
      templateSchema.parse({
        kind: "template",
        name: "a_picture",
        language: "nl",
        category: "MARKETING",
        components,
      }),
    );
  });
  await makeTemplate(s.database, s.other, { name: "theirs" });
});

afterAll(() => s.end());

const { enter, down, space } = KEY;

/** Answers the questions of campaign create. */
async function asked(answers: readonly Answer[]) {
  const person = answering(answers);
  const context = makeContext({ databaseUrl: s.database.url, organization: s.organization.slug });
  const made = await broadcastByAnswers(context, person.terminal).catch((error: unknown) => error);
  return { made, context, screen: person.answers.screen, waitsFor: person.answers.waitsFor };
}

function fileOf(text = ""): string {
  const folder = mkdtempSync(join(tmpdir(), "adsapp-interview-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "broadcast.yaml");
  if (text !== "") writeFileSync(file, text);
  return file;
}

const YAML = `kind: broadcast
name: Asked for
type: transactional
sender: second
targetAudience:
  type: tags
  tags: [vip, leads]
  match: all
  exclude: { tags: [staff] }
message:
  type: template
  template: sale
  language: nl
  variables: { "1": "{{ contact.first_name | default: 'klant' }}", "2": "010" }
scheduling: { type: scheduled, scheduledAt: 2026-12-01T10:00, timezone: Europe/Amsterdam }
rateLimiting: { messagesPerHour: 500 }
`;

const ANSWERS: Answer[] = [
  ["Name", `Asked for${enter}`],
  ["What kind of broadcast", down + enter],
  ["Sender", down + enter],
  ["Audience", down + enter],
  ["Tags", `${space}${down}${space}${enter}`],
  ["People with", down + enter],
  ["Leave anyone out?", `y${enter}`],
  ["Without people", `${down}${down}${space}${enter}`],
  ["Is that who it is for?", enter],
  ["Message", down + enter],
  ["Value of {{1}}", `{{ contact.first_name | default: 'klant' }}${enter}`],
  ["Value of {{2}}", `010${enter}`],
  ["When is it sent?", down + enter],
  ["Time, such as", `2026-12-01T10:00${enter}`],
  ["Messages an hour", `500${enter}`],
];

describe("campaign create on a terminal without a file", () => {
  it("asks step by step, and its answers are the definition that a YAML file would be", async () => {
    const file = fileOf();
    const { made, context, screen, waitsFor } = await asked([
      ...ANSWERS,
      ["Save it as YAML?", `y${enter}`],
      ["File", `\u0015${file}${enter}`],
      ["Create the campaign", enter],
    ]);
    expect(waitsFor).toBeUndefined();
    expect(made).toEqual(await fileDefinition(context, fileOf(YAML)));
    expect(made).toEqual(await fileDefinition(context, file));
    expect(readFileSync(file, "utf8")).toMatch(/^kind: broadcast\nname: Asked for\n/);
    expect(screen).toContain("3 people.");
    expect(screen).toContain("Audience: 3 people, of whom 3 may be messaged now.");
    expect(screen).toContain("vip (6)");
    expect(screen).toMatch(/Would? ?be sent|Will be sent +3/);
    expect(screen).not.toContain("pending_one");
    expect(screen).not.toContain("theirs");
  });

  it("counts the audience, and asks again whom it is for until the person is content", async () => {
    const { made, screen } = await asked([
      ["Name", `Counted${enter}`],
      ["What kind of broadcast", enter],
      ["Sender", enter],
      ["Audience", enter],
      ["Leave anyone out?", enter],
      ["Is that who it is for?", `n${enter}`],
      ["Audience", `${down}${down}${down}${enter}`],
      ["Phones", `0610000001 +31610000002${enter}`],
      ["Leave anyone out?", enter],
      ["Is that who it is for?", enter],
      ["Message", `${down}${down}${enter}`],
      ["Text", `{{ contact.frist_name }}${enter}`],
      ["did you mean contact.first_name", `\u0015Hoi!${enter}`],
      ["When is it sent?", enter],
      ["Messages an hour", enter],
      ["Save it as YAML?", enter],
      ["Create the campaign", enter],
    ]);
    expect(made).toMatchObject({
      name: "Counted",
      targetAudience: { type: "contacts", contacts: ["+31610000001", "+31610000002"] },
      message: { type: "text", text: "Hoi!" },
      scheduling: { type: "immediate" },
      rateLimiting: { enabled: false },
    });
    expect(made).not.toHaveProperty("sender");
    expect(screen).toContain("Audience: 6 people, of whom 5 may be messaged now.");
    expect(screen).toContain("Audience: 2 people, of whom 2 may be messaged now.");
  });

  it("knows lists, a template's picture, and what is sent again and again", async () => {
    const { made } = await asked([
      ["Name", `Weekly${enter}`],
      ["What kind of broadcast", enter],
      ["Sender", enter],
      ["Audience", `${down}${down}${enter}`],
      ["List", enter],
      ["Leave anyone out?", enter],
      ["Is that who it is for?", enter],
      ["Message", enter],
      ["Link of the image", `nowhere${enter}`],
      ["Write a link", `\u0015https://example.com/a.png${enter}`],
      ["When is it sent?", `${down}${down}${down}${enter}`],
      ["as cron has it", `0 10 * *${enter}`],
      ["cron", `\u00150 10 * * MON${enter}`],
      ["Messages an hour", enter],
      ["Save it as YAML?", enter],
      ["Create the campaign", enter],
    ]);
    expect(made).toMatchObject({
      targetAudience: { type: "list", list: "klanten" },
      message: {
        type: "template",
        template: "a_picture",
        header: { image: { link: "https://example.com/a.png" } },
      },
      scheduling: { type: "recurring", cron: "0 10 * * MON", timezone: "Europe/Amsterdam" },
    });
  });

  it("makes nothing when the last answers are no", async () => {
    const { made } = await asked([
      ...ANSWERS,
      ["Save it as YAML?", enter],
      ["Create the campaign", `n${enter}`],
    ]);
    expect(made).toBeUndefined();
  });

  it.each([0, 4, 11, ANSWERS.length, ANSWERS.length + 1])(
    "ends with 130 at Ctrl-C, whatever it asks, and nothing is changed (question %i)",
    async (n) => {
      const all: Answer[] = [...ANSWERS, ["Save it as YAML?", enter], ["Create the campaign", enter]];
      const [question] = all[n] as Answer;
      const { made } = await asked([...all.slice(0, n), [question, KEY.ctrlC]]);
      expect(made).toMatchObject({ exitCode: 130, message: "interrupted; nothing was changed" });
      expect(await s.asAdmin((tx) => tx.query("select from bulk_campaigns"))).toEqual([]);
    },
  );

  it("asks nothing off a terminal: it says to give a file, with 2", async () => {
    const ran = await runCommand(create, [], {
      databaseUrl: s.database.url,
      organization: s.organization.slug,
    });
    expect(ran).toEqual({
      stdout: "",
      stderr: "error: name the definition with -f FILE\nOn a terminal it asks step by step.\n",
      exitCode: 2,
    });
  });
});
