import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { maskPhone } from "../../src/cli/output/index.ts";
import { worker } from "../../src/db/identity.ts";
import { makeWorld, type World } from "../cli/world.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import { type NamedInput, namedInputs, type Thing } from "./names.ts";

const { named, unjudged } = await namedInputs();

let w: World;
/** what an organization has, by name and id */
type Things = Record<Thing, string[]>;
let ours: Things;
let theirs: Things;

beforeAll(async () => {
  w = await makeWorld();
  ours = await makeThings("jansen", "Onze", 1);
  theirs = await makeThings("pietersen", "Geheime", 9);
});

afterAll(() => w.end());

async function makeThings(slug: string, prefix: string, people: number): Promise<Things> {
  const { database } = w;
  const organization = await makeOrganization(database, { slug });
  const sender = await makeSender(database, organization, { name: `${prefix}-sender`, haltReason: "190" });
  const contacts = await makeContacts(database, organization, people, { tags: [`${prefix}-tag`] });
  const contact = contacts.at(-1) as { id: string; phone: string };
  const template = await makeTemplate(database, organization, { name: `${prefix.toLowerCase()}_template` });
  const campaign = await makeCampaign(database, organization, { name: `${prefix} Actie`, status: "paused" });
  const [job] = await makeJobs(database, await makeRun(database, campaign), { unknown: 1 });
  const drip = await makeDrip(database, organization, { name: `${prefix} Reeks` });
  await makeEnrollments(database, drip, [contact]);
  return database.transaction(worker, async (tx) => {
    const made = async (sql: string, ...parameters: unknown[]) =>
      (await tx.one<{ id: string }>(sql, [organization.id, ...parameters]))?.id ?? "";
    const rule = await made(
      "insert into automation_rules (organization_id, name, trigger_type, actions) values ($1, $2, 'contact_created', '[]') returning id",
      `${prefix} Regel`,
    );
    const list = await made(
      "insert into contact_lists (organization_id, name) values ($1, $2) returning id",
      `${prefix} lijst`,
    );
    const conversation = await made(
      "insert into conversations (organization_id, contact_id) values ($1, $2) returning id",
      contact.id,
    );
    const source = await made(
      "insert into channel_sources (organization_id, type, name, code) values ($1, 'qr_code', $2, upper(left($2, 4)) || '23') returning id",
      `${prefix} bron`,
    );
    const message = await made(
      "insert into messages (organization_id, direction, contact_id, type, body, status, consent, received_at, provider_message_id) values ($1, 'inbound', $2, 'text', 'stop?', 'received', 'review', adsapp_now(), $3) returning id",
      contact.id,
      `wamid.${slug}`,
    );
    const imported = await made(
      "insert into contact_imports (organization_id, file_name, file_hash) values ($1, 'a.csv', 'abc') returning id",
    );
    return {
      campaign: [campaign.name, campaign.id],
      contact: [contact.phone, contact.id],
      conversation: [contact.phone, conversation],
      source: [`${prefix} bron`, source],
      drip: [drip.name, drip.id],
      import: [imported],
      job: [job?.id ?? ""],
      list: [`${prefix} lijst`, list],
      message: [`wamid.${slug}`, message],
      rule: [`${prefix} Regel`, rule],
      sender: [sender.name, sender.id],
      tag: [`${prefix}-tag`],
      template: [template.name, template.id],
      user: [`cli@${slug}`, organization.profileId],
    };
  });
}

/** A name of nothing, near to nothing, of the kind that the other one is. */
function nothingLike(thing: Thing, name: string): string {
  if (/^[0-9a-f-]{36}$/.test(name)) return randomUUID();
  return (
    {
      contact: "+31612345678",
      conversation: "+31612345678",
      user: "quux@xyzzyplugh",
      message: "wamid.xyzzyplugh",
    }[thing as string] ?? "Xyzzy Plugh Quux"
  );
}

/** What a command wants beside the name before it looks for it. */
const BESIDE: Record<string, string[]> = {
  "campaign retry campaign": ["--failed"],
  "drip preview drip": ["--days", "1"],
  "sender set name": ["--messaging-limit", "100"],
  "job resolve id": ["--verdict", "sent"],
  "job resolve --campaign": ["--verdict", "sent"],
};
/** Inputs that ask instead of naming: what matches nothing is an empty answer. */
const ASKS = new Set<Thing>(["tag"]);
const asks = ({ path, input, thing }: NamedInput) =>
  ASKS.has(thing) ||
  `${path} ${input}` === "contact list --after" ||
  `${path} ${input}` === "campaign test --to";

/** The command line that names `name` where `wanted` says, with what it needs of our own beside it. */
function lineOf(wanted: NamedInput, name: string): string[] {
  const own = (input: string) =>
    input === wanted.input ? name : input === "action" ? "dismiss" : (OWN[input]?.() ?? "");
  const isFlag = wanted.input.startsWith("--");
  const before = isFlag ? argsBesideFlag(wanted) : wanted.args;
  const flags = [
    ...wanted.needed,
    ...(isFlag && !wanted.needed.includes(wanted.input) ? [wanted.input] : []),
  ];
  return [
    ...before.map(own),
    ...flags.flatMap((flag) => [flag, own(flag)]),
    ...(wanted.path === "drip enroll" && !isFlag ? ["--contact", ours.contact[0] as string] : []),
    ...(wanted.path === "drip unenroll" && !isFlag ? ["--contact", ours.contact[0] as string] : []),
    ...(BESIDE[`${wanted.path} ${wanted.input}`] ?? []),
  ];
}

/** A flag that chooses people or messages stands instead of the argument that names them. */
const argsBesideFlag = ({ path, args }: NamedInput) =>
  args.filter((name) => name !== "contact" && !(path === "job resolve" && name === "id"));

const OWN: Record<string, () => string | undefined> = {
  "--campaign": () => ours.campaign[0],
  "--contact": () => ours.contact[0],
  "--to": () => ours.contact[0],
  "--at": () => "2026-12-24T10:00:00+01:00",
  campaign: () => ours.campaign[0],
  contact: () => ours.contact[0],
  conversation: () => ours.conversation[0],
  email: () => ours.user[0],
  score: () => "5",
  text: () => "Hoi",
  source: () => ours.source[0],
  "--type": () => "campaign",
  drip: () => ours.drip[0],
  list: () => ours.list[0],
  name: () => ours.template[0],
  tag: () => "vip",
};

const specOf = async (path: string) => {
  const entry = commands.find((command) => command.path === path);
  return (await (entry as (typeof commands)[number]).load()).default;
};

async function answerTo(path: string, words: readonly string[], name: string) {
  const given = { databaseUrl: w.url, organization: "jansen", yes: true, home: w.home };
  const ran = await runCommand(await specOf(path), words, given).catch((error: Error) => ({
    stdout: "",
    stderr: `threw: ${error.message}`,
    exitCode: -1,
  }));
  const blank = (text: string) => text.replaceAll(name, "…").replaceAll(maskPhone(name), "…");
  return { ...ran, stdout: blank(ran.stdout), stderr: blank(ran.stderr) };
}

/** Every row that the other organization has. */
async function rowsOfTheirs(): Promise<unknown> {
  return w.database.transaction(worker, async (tx) => {
    const tables = await tx.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_table_privilege(c.oid, 'select') order by 1`,
    );
    const digests = tables.map(
      ({ name }) =>
        `select '${name}' as name, md5(coalesce(string_agg(t::text, '' order by t::text), '')) as rows
           from ${name} t where organization_id = (select id from organizations where slug = 'pietersen')`,
    );
    return tx.query(digests.join(" union all "));
  });
}

describe("another organization's name or id", () => {
  it("is judged for every argument and flag of every command", () => {
    expect(unjudged).toEqual([]);
    expect(named.length).toBeGreaterThan(50);
    expect(new Set(named.map(({ thing }) => thing)).size).toBe(Object.keys(ours).length);
  });

  it.each(named.map((input) => ({ ...input, line: `${input.path} ${input.input}` })))(
    "answers as one that does not exist: $line",
    async ({ line: _line, ...wanted }) => {
      const before = await rowsOfTheirs();
      for (const name of theirs[wanted.thing]) {
        const nothing = nothingLike(wanted.thing, name);
        const other = await answerTo(wanted.path, lineOf(wanted, name), name);
        expect(other).toEqual(await answerTo(wanted.path, lineOf(wanted, nothing), nothing));
        if (!asks(wanted))
          expect(other).toMatchObject({
            stdout: "",
            exitCode: 4,
            stderr: expect.stringContaining("not found"),
          });
      }
      expect(await rowsOfTheirs()).toEqual(before);
    },
  );

  it("while one's own is found: the lines above are not refused for something else", async () => {
    const refused: string[] = [];
    const place = ({ path }: NamedInput) =>
      path === "contact review" ? 0 : path === "contact erase" || path === "campaign delete" ? 2 : 1; // consent settles a review
    for (const wanted of named.toSorted((a, b) => place(a) - place(b))) {
      const name = ours[wanted.thing][0] as string;
      const { exitCode, stderr } = await answerTo(wanted.path, lineOf(wanted, name), name);
      const isEmpty = /^error: nobody (has the tag|is on the list)/.test(stderr); // an earlier line saw to it
      if ((exitCode === 4 && !isEmpty) || exitCode === -1)
        refused.push(`${wanted.path} ${wanted.input}: ${stderr}`);
    }
    expect(refused).toEqual([]);
  });

  const FILES: [command: string, thing: Thing, yaml: (name: string) => string][] = [
    [
      "campaign create",
      "sender",
      (name) =>
        `kind: broadcast\nname: "${randomUUID()}"\ntype: promotional\nsender: ${name}\ntargetAudience: { type: all }\nmessage: { type: text, content: Hoi }\n`,
    ],
    [
      "campaign create",
      "list",
      (name) =>
        `kind: broadcast\nname: "${randomUUID()}"\ntype: promotional\ntargetAudience: { type: list, list: "${name}" }\nmessage: { type: text, content: Hoi }\n`,
    ],
    [
      "campaign create",
      "template",
      (name) =>
        `kind: broadcast\nname: "${randomUUID()}"\ntype: promotional\ntargetAudience: { type: all }\nmessage: { type: template, template: "${name}", language: nl }\n`,
    ],
    [
      "campaign create",
      "contact",
      (name) =>
        `kind: broadcast\nname: "${randomUUID()}"\ntype: promotional\ntargetAudience: { type: contacts, contacts: ["${name}"] }\nmessage: { type: text, content: Hoi }\n`,
    ],
    [
      "drip create",
      "template",
      (name) =>
        `kind: drip\nname: "${randomUUID()}"\ntrigger: { type: manual }\nsteps: [ { delay: 0m, message: { type: template, template: "${name}", language: nl } } ]\n`,
    ],
    [
      "drip create",
      "sender",
      (name) =>
        `kind: drip\nname: "${randomUUID()}"\nsender: "${name}"\ntrigger: { type: manual }\nsteps: [ { delay: 0m, message: { type: text, content: Hoi } } ]\n`,
    ],
    [
      "rule create",
      "drip",
      (name) =>
        `kind: rule\nname: "${randomUUID()}"\ntrigger: { type: tag_added, tag: x }\nactions: [ { type: enroll_drip_campaign, campaign: "${name}" } ]\n`,
    ],
  ];

  it.each(FILES.map(([path, thing, yaml]) => ({ path, thing, yaml })))(
    "in a file answers as one that does not exist: $path, $thing",
    async ({ path, thing, yaml }) => {
      const file = join(w.home, "definition.yaml");
      for (const name of theirs[thing]) {
        const nothing = nothingLike(thing, name);
        writeFileSync(file, yaml(name));
        const other = await answerTo(path, ["--file", file], name);
        writeFileSync(file, yaml(nothing));
        const none = await answerTo(path, ["--file", file], nothing);
        expect(other.exitCode).toBe(none.exitCode);
        expect(other.stderr).toBe(none.stderr);
        for (const secret of Object.values(theirs).flat())
          if (secret !== name) expect(other.stdout + other.stderr).not.toContain(secret);
      }
    },
  );
});
