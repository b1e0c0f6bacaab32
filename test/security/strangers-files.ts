// What a file or a condition names: another organization's, by name or id, is what nobody has.
import { randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { makeWorld, type World } from "../cli/world.ts";
import { inputsOf, type Thing } from "./names.ts";
import { answered, makeThings, nothingLike, OURS, rowsOf, THEIRS, type Things } from "./things.ts";

type Kind = "broadcast" | "drip" | "rule" | "condition" | "people" | "event";

const FOLDER = ["plan FOLDER", "apply FOLDER"];
const PEOPLE = ["tag vip", "untag vip", "opt-out", "opt-in", "block", "unblock"];

/** The command lines that read a file of a kind; FILE and FOLDER are where it lies, DRIP and LIST our own. */
const READERS: Record<Kind, string[]> = {
  broadcast: [
    "campaign validate --file FILE",
    "campaign preview --file FILE",
    "campaign create --file FILE",
    ...FOLDER,
  ],
  drip: [
    "drip validate --file FILE",
    "drip preview --file FILE --days 1",
    "drip create --file FILE",
    "drip update --file FILE",
    ...FOLDER,
  ],
  rule: ["rule create --file FILE", ...FOLDER],
  condition: ["contact list --filter FILE", "list create NEW --filter FILE"],
  people: [
    ...PEOPLE.map((verb) => `contact ${verb} --file FILE`),
    "list add LIST --file FILE",
    "list remove LIST --file FILE",
    "drip enroll DRIP --file FILE",
    "drip unenroll DRIP --file FILE",
  ],
  event: ["event import FILE"],
};
/** Commands whose files make what they name, or name what is no organization's. */
const MAKING = ["contact import", "template add", "webhook ingest"];

const broadcast = (more: string) => `kind: broadcast
name: "NAME"
type: promotional
${more.includes("targetAudience") ? "" : "targetAudience: { type: all }\n"}${more.includes("message:") ? "" : "message: { type: text, content: Hoi }\n"}${more}
`;
const audience = (fields: string) => broadcast(`targetAudience: { ${fields} }`);
const segment = (condition: string) => audience(`type: segment, where: { not: ${condition} }`);
const drip = (more: string, message = "{ type: text, content: Hoi }") => `kind: drip
name: "NAME"
trigger: { type: manual }
steps: [ { delay: 0m, message: ${message} } ]
${more}
`;
const rule = (action: string, more = "") => `kind: rule
name: "NAME"
trigger: { type: tag_added, tag: x }
actions: [ { ${action} } ]
${more}
`;
const TEMPLATE = "{ type: template, template: IT, language: nl }";

/** What a file of a kind may name, with IT where the name stands. */
const NAMING: [kind: Kind, thing: Thing, text: string][] = [
  ["broadcast", "sender", broadcast("sender: IT")],
  ["broadcast", "template", broadcast(`message: ${TEMPLATE}`)],
  ["broadcast", "list", audience("type: list, list: IT")],
  ["broadcast", "tag", audience("type: tags, tags: [IT]")],
  ["broadcast", "contact", audience("type: contacts, contacts: [IT]")],
  ["broadcast", "list", audience("type: all, exclude: { lists: [IT] }")],
  ["broadcast", "tag", audience("type: all, exclude: { tags: [IT] }")],
  ["broadcast", "list", segment("{ list: IT }")],
  ["broadcast", "campaign", segment("{ received: IT }")],
  ["broadcast", "drip", segment("{ opened: IT }")],
  ["drip", "sender", drip("sender: IT")],
  ["drip", "template", drip("", TEMPLATE)],
  ["drip", "campaign", drip("exitWhen: [ { replied: IT } ]")],
  ["drip", "list", drip("exitWhen: [ { list: IT } ]")],
  ["rule", "drip", rule("type: enroll_drip_campaign, campaign: IT")],
  ["rule", "user", rule("type: assign, agent: IT")],
  ["rule", "list", rule("type: add_tag, tag: y", "conditions: { list: IT }")],
  ["condition", "list", "list: IT"],
  ["condition", "campaign", "received: IT"],
  ["condition", "drip", "received: IT"],
  ["condition", "tag", "tag: IT"],
  ["people", "contact", "IT"],
  ["event", "contact", '{"event":"purchased","contact":IT}'],
];

/** Conditions that are kept and judged later: a name that nobody has today may be somebody's then. */
const isKept = (line: string, text: string) =>
  /^(list create|contact list)/.test(line) || /exitWhen: .* replied|^conditions/m.test(text);

interface Both {
  w: World;
  ours: Things;
  theirs: Things;
}

/** What a command answers when its file names `name`; ids that it makes, and how wide its columns are, apart. */
async function answerTo({ w, ours }: Both, line: string, text: string, name: string) {
  const folder = mkdtempSync(join(w.home, "files-"));
  const file = join(folder, "definition.yaml");
  const own = line.startsWith("drip update") ? (ours.drip[0] as string) : randomUUID();
  writeFileSync(file, text.replaceAll("NAME", own).replaceAll("IT", quoted(line, name)));
  const places: Record<string, string> = {
    FILE: file,
    FOLDER: folder,
    NEW: own,
    LIST: ours.list[0] as string,
    DRIP: ours.drip[0] as string,
  };
  const given = line.split(" ").map((word) => places[word] ?? word);
  const path = commands.find((entry) => line.startsWith(entry.path))?.path as string;
  const { exitCode, ...said } = await answered(w, path, given.slice(path.split(" ").length), name);
  const plain = (words: string) =>
    words
      .replaceAll(folder, "FOLDER")
      .replaceAll(own, "NAME")
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
      .replace(/[ ─]+/g, " ")
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, "TIME");
  return { exitCode, stdout: plain(said.stdout), stderr: plain(said.stderr) };
}

/** A list of people has a name a line; what is YAML or JSON quotes it. */
const quoted = (line: string, name: string) => (READERS.people.includes(line) ? name : JSON.stringify(name));

/** @param readers how many of the commands that read a kind of file are tried */
export function describeFiles(readers: number): void {
  const lines = NAMING.flatMap(([kind, thing, text]) =>
    READERS[kind].slice(0, readers).map((line) => ({ line, thing, text })),
  );
  let both: Both;
  let before: unknown;

  beforeAll(async () => {
    const w = await makeWorld();
    both = {
      w,
      ours: await makeThings(w, OURS, "Onze", 2),
      theirs: await makeThings(w, THEIRS, "Geheime", 9),
    };
    await answerTo(both, "drip update --file FILE", drip(""), ""); // its first version is another than the ones below
    before = await rowsOf(w, THEIRS);
  });

  afterAll(() => both.w.end());

  describe("another organization's name or id in a file", () => {
    it("is tried with every command that reads one", async () => {
      const reading = await inputsOf(["--file", "file", "folder", "--filter"]);
      const judged = [...Object.values(READERS).flat(), ...MAKING];
      expect(reading.filter((path) => !judged.some((line) => line.startsWith(path)))).toEqual([]);
      expect(reading.length).toBeGreaterThan(20);
    });

    it.each(lines)(
      "answers as one that does not exist: $line, $thing in $text",
      async ({ line, thing, text }) => {
        const { theirs } = both;
        for (const name of theirs[thing]) {
          const other = await answerTo(both, line, text, name);
          expect(other).toEqual(await answerTo(both, line, text, nothingLike(thing, name)));
          for (const secret of Object.values(theirs).flat())
            if (secret !== name) expect(other.stdout + other.stderr).not.toContain(secret);
        }
      },
    );

    it("and leaves every row of the other organization", async () => {
      expect(await rowsOf(both.w, THEIRS)).toEqual(before);
    });

    it("while one's own is known: the lines above are not refused for something else", async () => {
      const alike: string[] = [];
      for (const { line, thing, text } of lines.filter((each) => !isKept(each.line, each.text))) {
        const name = both.ours[thing][0] as string;
        const own = await answerTo(both, line, text, name);
        const none = await answerTo(both, line, text, nothingLike(thing, name));
        if (JSON.stringify(own) === JSON.stringify(none)) alike.push(`${line}, ${thing} in ${text}`);
      }
      expect(alike).toEqual([]);
    });
  });
}
