import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkDefinition } from "../../src/definitions/read.ts";
import create from "../../src/drips/create.command.ts";
import { dripByAnswers } from "../../src/drips/create-by-answers.ts";
import { dripSchema } from "../../src/drips/definition.ts";
import { type Answer, answering, KEY } from "../support/answers.ts";
import { makeContext } from "../support/context.ts";
import { makeContacts, makeSender, makeTemplate } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main" });
  await makeContacts(s.database, s.organization, 1, { firstName: "Sanne" });
  await makeContacts(s.database, s.organization, 2, { tags: ["customer"] });
  await makeTemplate(s.database, s.organization, { name: "welkom", category: "UTILITY", body: "Hoi {{1}}!" });
});

afterAll(() => s.end());

const { enter, down, space } = KEY;

async function asked(answers: readonly Answer[]) {
  const person = answering(answers);
  const context = makeContext({ databaseUrl: s.database.url, organization: s.organization.slug });
  const made = await dripByAnswers(context, person.terminal).catch((error: unknown) => error);
  return { made, screen: person.answers.screen };
}

const ANSWERS: Answer[] = [
  ["Name", `Leads${enter}`],
  ["Who enters it?", `${down}${down}${enter}`],
  ["Tag", down + enter],
  ["Which one", `leads${enter}`],
  ["leave the drip?", `n${enter}`],
  ["Only in business hours?", enter],
  ["Does a tag make people leave it?", `y${enter}`],
  ["Whoever has one of these leaves", `${space}${enter}`],
  ["How long after somebody entered", enter],
  ["At what time of that day", enter],
  ["Message", enter],
  ["Value of {{1}}", `{{ contact.first_name }}${enter}`],
  ["Another step?", `y${enter}`],
  ["How long after step 1", `2 days${enter}`],
  ["Write a delay such as", `\u00152d${enter}`],
  ["At what time of that day", `10:00${enter}`],
  ["Message", down + enter],
  ["Text", `Nog vragen?${enter}`],
  ["Another step?", enter],
];

const YAML = `kind: drip
name: Leads
trigger: { type: tag_added, tag: leads }
settings: { stopOnReply: false }
exitWhen: [ { tag: customer } ]
steps:
  - { delay: 0m, message: { type: template, template: welkom, language: nl, variables: { "1": "{{ contact.first_name }}" } } }
  - { delay: 2d, sendAt: "10:00", message: { type: text, text: "Nog vragen?" } }
`;

describe("drip create on a terminal without a file", () => {
  it("asks step by step, shows what a contact would get, and makes the definition that a YAML file would be", async () => {
    const { made, screen } = await asked([
      ...ANSWERS,
      ["Save it as YAML?", enter],
      ["Create the drip", enter],
    ]);
    const { kind: _kind, ...wanted } = checkDefinition("file", YAML, dripSchema);
    expect(made).toEqual(wanted);
    expect(screen).toContain("kind: drip\nname: Leads\n");
    expect(screen).toMatch(
      /\+31610000001, were it to enter now:\n\d{4}-\d\d-\d\d \d\d:\d\d {2}Hoi Sanne!\n.*:00 {2}Nog vragen\?\n/,
    );
  });

  it("ends with 130 at Ctrl-C, and nothing is changed", async () => {
    const { made } = await asked([...ANSWERS.slice(0, 10), ["Message", KEY.ctrlC]]);
    expect(made).toMatchObject({ exitCode: 130, message: "interrupted; nothing was changed" });
    expect(await s.query("select from drip_campaigns")).toEqual([]);
  });

  it("asks nothing off a terminal: it says to give a file, with 2", async () => {
    const ran = await s.run(create, []);
    expect(ran).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: "error: name the definition with -f FILE\nOn a terminal it asks step by step.\n",
    });
  });
});
