import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskPhone } from "../../src/cli/output/index.ts";
import { worker } from "../../src/db/identity.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "../support/factories.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
/** the other tenant's things, by name and id */
let theirs: Record<"campaign" | "sender" | "list" | "template" | "contact" | "user", string[]>;

beforeAll(async () => {
  w = await makeWorld();
  const { database } = w;
  const jansen = await makeOrganization(database, { slug: "jansen" });
  await makeSender(database, jansen);
  await makeContacts(database, jansen, 3);
  await makeTemplate(database, jansen);
  await makeCampaign(database, jansen, { name: "Black Friday Sale" });
  await makeList(jansen, "klanten");
  const other = await makeOrganization(database, { slug: "pietersen" });
  const sender = await makeSender(database, other, { name: "secret-sender", haltReason: "190" });
  const [contact] = (await makeContacts(database, other, 8)).slice(7);
  const template = await makeTemplate(database, other, { name: "secret_template" });
  const campaign = await makeCampaign(database, other, { name: "Secret Sale" });
  theirs = {
    campaign: [campaign.name, campaign.id],
    sender: [sender.name, sender.id],
    list: ["secret list", await makeList(other, "secret list")],
    template: [template.name, template.id],
    contact: [contact?.phone ?? "", contact?.id ?? ""],
    user: [`cli@${other.slug}`, other.profileId],
  };
});

afterAll(() => w.end());

const inJansen = (...words: string[]) => w.adsapp(["--org", "jansen", ...words]);

async function makeList(organization: TestOrganization, name: string): Promise<string> {
  const made = await w.database.transaction(worker, (tx) =>
    tx.one<{ id: string }>("insert into contact_lists (organization_id, name) values ($1, $2) returning id", [
      organization.id,
      name,
    ]),
  );
  return made?.id ?? "";
}

describe("not found", () => {
  it.each([
    [
      ["campaign", "show", "Black Fridy Sale"],
      'campaign "Black Fridy Sale" not found\nDid you mean "Black Friday Sale"?',
    ],
    [["sender", "show", "mian"], 'sender "mian" not found\nDid you mean "main"?'],
    [["list", "show", "klantne"], 'list "klantne" not found\nDid you mean "klanten"?'],
    [["template", "show", "blak_friday"], 'template "blak_friday" not found\nDid you mean "black_friday"?'],
    [["org", "show", "janssen"], 'organization "janssen" not found\nDid you mean "jansen"?'],
  ])("%j is 4, with near names", async (words, said) => {
    expect(await inJansen(...words)).toEqual({ stdout: "", stderr: `error: ${said}\n`, exitCode: 4 });
  });

  it.each(["campaign list", "tick", "status", "report analytics", "contact import x.csv"])(
    "is an organization that does not exist, for %s too",
    async (words) => {
      const { stderr, exitCode } = await w.adsapp(`--org nobody ${words}`);
      expect({ stderr, exitCode }).toEqual({
        stderr: 'error: organization "nobody" not found\n',
        exitCode: 4,
      });
    },
  );
});

/** Through the program as it is; each argument and flag of each command: test/security/strangers.test.ts. */
describe("another tenant's name or id", () => {
  const NAMED: [keyof typeof theirs, (name: string) => string[]][] = [
    ["campaign", (name) => ["campaign", "show", name]],
    ["contact", (name) => ["contact", "opt-out", name]],
    ["user", (name) => ["--as", name, "campaign", "list"]],
  ];

  it.each(NAMED.map(([thing, words]) => ({ thing, words, line: words("…").join(" ") })))(
    "$line answers as for one that does not exist",
    async ({ thing, words }) => {
      const [name = "", id = ""] = theirs[thing];
      const stranger =
        thing === "contact" ? "+31698765432" : thing === "user" ? "cli@pietersem" : "Sesame Street";
      const pairs = [
        [name, stranger],
        [id, randomUUID()],
      ] as const;
      for (const [other, random] of pairs) {
        const [real, made] = await Promise.all([inJansen(...words(other)), inJansen(...words(random))]);
        const blank = ({ stdout, stderr, exitCode }: typeof real, word: string) => ({
          stdout,
          stderr: stderr.replaceAll(word, "…").replaceAll(maskPhone(word), "…"),
          exitCode,
        });
        expect(blank(real, other)).toEqual(blank(made, random));
        expect(real).toMatchObject({ stdout: "", exitCode: 4, stderr: expect.stringContaining("not found") });
      }
    },
  );
});
