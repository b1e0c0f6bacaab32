import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { templateSchema } from "../../src/templates/definition.ts";
import previewCommand from "../../src/templates/preview.command.ts";
import { saveTemplate } from "../../src/templates/templates.ts";
import { runCommand } from "../reports/run-command.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeContacts, makeOrganization, makeTemplate, type TestOrganization } from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;

const RICH = templateSchema.parse({
  kind: "template",
  name: "rijk",
  language: "nl",
  category: "MARKETING",
  components: [
    { type: "HEADER", format: "TEXT", text: "Dag {{naam}}" },
    { type: "BODY", text: "Hoi {{naam}},\nvandaag {{korting}} korting" },
    { type: "FOOTER", text: "Stop? Zeg het." },
    {
      type: "BUTTONS",
      buttons: [
        { type: "URL", text: "Bekijk", url: "https://example.nl/{{1}}" },
        { type: "COPY_CODE", text: "Kopieer" },
        { type: "QUICK_REPLY", text: "Stop promoties" },
        { type: "PHONE_NUMBER", text: "Bel", phone_number: "+31201234567" },
      ],
    },
  ],
});

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database, { name: "Bakkerij Jansen" });
  const other = await makeOrganization(database);
  await makeContacts(database, organization, 1);
  await makeTemplate(database, organization, { name: "wacht", status: "PENDING", body: "Hoi" });
  await makeTemplate(database, other, { name: "theirs" });
  await database.transaction(operator(organization.profileId), async (tx) => {
    await saveTemplate(tx, organization.id, RICH);
    await tx.run("update contacts set first_name = 'Zoë'");
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const preview = (...argv: string[]) =>
  runCommand(previewCommand as never, argv, {
    databaseUrl: testDatabase.url,
    organization: organization.slug,
  });
const previewJson = async (...argv: string[]) => {
  const { stdout } = await runCommand(previewCommand as never, argv, {
    databaseUrl: testDatabase.url,
    organization: organization.slug,
    format: "json",
  });
  return JSON.parse(stdout);
};

const ALL = ["--var", "naam={{ contact.first_name }}", "--var", "header_naam=daar", "--var", "korting=15 %"];
const BUTTONS = ["--var", "button_0=a/b", "--var", "button_1=HERFST"];

describe("template preview", () => {
  it("shows the message as a real contact would read it", async () => {
    const { stdout, stderr } = await preview("rijk", "--contact", "+31610000001", ...ALL, ...BUTTONS);
    expect(stdout).toBe(
      [
        "Dag daar",
        "Hoi Zoë,",
        "vandaag 15 % korting",
        "Stop? Zeg het.",
        "[ Bekijk → https://example.nl/a/b ]",
        "[ Kopieer: HERFST ]",
        "[ Stop promoties ]",
        "[ Bel → +31201234567 ]",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe("");
  });

  it("gives what would be sent, once every value is there", async () => {
    const whole = await previewJson("rijk", "--contact", "+31610000001", ...ALL, ...BUTTONS);
    expect(whole.missing).toEqual([]);
    expect(whole.payload).toMatchObject({
      name: "rijk",
      components: [
        { type: "header", parameters: [{ parameter_name: "naam", text: "daar" }] },
        { type: "body", parameters: [{ text: "Zoë" }, { text: "15 %" }] },
        { sub_type: "url", parameters: [{ text: "a/b" }] },
        { sub_type: "copy_code" },
      ],
    });
    const partly = await previewJson("rijk", ...ALL);
    expect(partly.payload).toBeNull();
    expect(partly.missing).toEqual(["naam: contact.first_name", "button_0", "button_1"]);
    expect(partly.body).toBe("Hoi {{naam}},\nvandaag 15 % korting");
  });

  it("says that Meta does not send it yet", async () => {
    expect(await preview("wacht")).toMatchObject({
      stdout: "Hoi\n",
      stderr: expect.stringContaining("PENDING"),
      exitCode: 0,
    });
  });

  it.each<[string, string[], number, string]>([
    ["a value that it does not take", ["rijk", "--var", "nam=x"], 2, 'no value "nam"'],
    ["a value where it takes none", ["wacht", "--var", "1=x"], 2, "none at all"],
    [
      "Liquid that cannot be read",
      ["rijk", "--var", "naam={{ contact.nam }}"],
      2,
      "contact.nam is not known",
    ],
    ["a contact that is not there", ["rijk", "--contact", "+31699999999"], 4, "not found"],
    ["a template of another tenant", ["theirs"], 4, 'template "theirs" not found'],
  ])("refuses %s", async (_what, argv, exitCode, message) => {
    const ran = await preview(...argv);
    expect(ran).toMatchObject({ exitCode, stdout: "", stderr: expect.stringContaining(message) });
  });
});
