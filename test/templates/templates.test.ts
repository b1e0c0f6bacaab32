import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { templateSchema } from "../../src/templates/definition.ts";
import { findTemplate, listTemplates, saveTemplate } from "../../src/templates/templates.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, makeTemplate, type TestOrganization } from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database);
  other = await makeOrganization(database);
  await makeTemplate(database, other, { name: "theirs" });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const asAdmin = <T>(work: (tx: Transaction) => Promise<T>) =>
  database.transaction(operator(organization.profileId), work);
const template = (name: string, text: string, language = "nl") =>
  templateSchema.parse({
    kind: "template",
    name,
    language,
    category: "MARKETING",
    components: [{ type: "BODY", text }],
  });
const save = (name: string, text: string, language?: string) =>
  asAdmin((tx) => saveTemplate(tx, organization.id, template(name, text, language)));
const find = (name: string, language?: string) =>
  asAdmin((tx) => findTemplate(tx, organization.id, name, language));

describe("a template is saved", () => {
  it("with its variables and their format", async () => {
    expect(await save("numbered", "{{2}} {{1}}")).toMatchObject({
      parameterFormat: "POSITIONAL",
      variables: ["1", "2"],
      status: "APPROVED",
    });
    expect(await save("named", "{{korting}} {{naam}}")).toMatchObject({
      parameterFormat: "NAMED",
      variables: ["korting", "naam"],
    });
    expect(await save("fixed", "Hoi")).toMatchObject({ parameterFormat: "POSITIONAL", variables: [] });
  });

  it("with a name as long as Meta's may be", async () => {
    expect((await save("a".repeat(512), "Hoi")).name).toHaveLength(512);
  });

  it("over the one of that name and language, and beside that of another language", async () => {
    const first = await save("twice", "Hoi {{1}}");
    const second = await save("twice", "Hoi {{1}} en {{2}}");
    expect(second).toMatchObject({ id: first.id, variables: ["1", "2"] });
    expect((await save("twice", "Hi", "en_US")).id).not.toBe(first.id);
  });

  it("not by a viewer, new or over another", async () => {
    const asViewer = (name: string) =>
      database.transaction(operator(organization.viewerId), (tx) =>
        saveTemplate(tx, organization.id, template(name, "x")),
      );
    await save("kept", "Hoi");
    await expect(asViewer("new")).rejects.toMatchObject({ code: "42501" });
    await expect(asViewer("kept")).rejects.toMatchObject({ code: "42501" });
    expect((await find("kept")).components).toEqual([{ type: "BODY", text: "Hoi" }]);
  });
});

describe("a template is found", () => {
  it("by name or id, and by language where it has several", async () => {
    const dutch = await save("several", "Hoi");
    expect((await find("several")).id).toBe(dutch.id);
    expect((await find(dutch.id)).id).toBe(dutch.id);
    const english = await save("several", "Hi", "en");
    expect((await find("several", "en")).id).toBe(english.id);
    await expect(find("several")).rejects.toMatchObject({ exitCode: 2, hint: "Say which: --language en|nl" });
    await expect(find("several", "de")).rejects.toMatchObject({
      exitCode: 4,
      message: 'template "several (de)" not found',
      hint: 'Did you mean "several (en)" or "several (nl)"?',
    });
  });

  it("not when it is another tenant's", async () => {
    await expect(find("theirs")).rejects.toMatchObject({
      exitCode: 4,
      message: 'template "theirs" not found',
    });
    const names = (await asAdmin((tx) => listTemplates(tx, organization.id))).map(({ name }) => name);
    expect(names).not.toContain("theirs");
    expect(await asAdmin((tx) => listTemplates(tx, other.id))).toEqual([]);
  });

  it("by a name that is nearly right", async () => {
    await save("black_friday", "Hoi");
    await expect(find("black_fryday")).rejects.toMatchObject({ hint: 'Did you mean "black_friday"?' });
  });
});
