import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeWorld, type World } from "../cli/world.ts";
import { type NamedInput, namedInputs, type Thing } from "./names.ts";
import { answered, makeThings, nothingLike, OURS, rowsOf, THEIRS, type Things } from "./things.ts";

const { named, unjudged } = await namedInputs();

let w: World;
let ours: Things;
let theirs: Things;

beforeAll(async () => {
  w = await makeWorld();
  ours = await makeThings(w, OURS, "Onze", 1);
  theirs = await makeThings(w, THEIRS, "Geheime", 9);
});

afterAll(() => w.end());

/** What a command wants beside the name before it looks for it. */
const BESIDE: Record<string, string[]> = {
  "campaign retry campaign": ["--failed"],
  "drip preview drip": ["--days", "1"],
  "sender set name": ["--messaging-limit", "100"],
  "job resolve id": ["--verdict", "sent"],
  "job resolve --campaign": ["--verdict", "sent"],
};
/** Which of a command's actions names something that is there. */
const ACTION: Record<string, string> = { "contact review": "dismiss", "org token": "revoke" };
/** Inputs that ask instead of naming: what matches nothing is an empty answer. */
const ASKS = new Set<Thing>(["tag"]);
const asks = ({ path, input, thing }: NamedInput) =>
  ASKS.has(thing) ||
  `${path} ${input}` === "contact list --after" ||
  `${path} ${input}` === "campaign test --to";

/** The command line that names `name` where `wanted` says, with what it needs of our own beside it. */
function lineOf(wanted: NamedInput, name: string): string[] {
  const own = (input: string) =>
    input === wanted.input ? name : input === "action" ? (ACTION[wanted.path] ?? "") : (OWN[input]?.() ?? "");
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

const answerTo = (path: string, words: readonly string[], name: string) => answered(w, path, words, name);

describe("another organization's name or id", () => {
  it("is judged for every argument and flag of every command", () => {
    expect(unjudged).toEqual([]);
    expect(named.length).toBeGreaterThan(50);
    expect(new Set(named.map(({ thing }) => thing)).size).toBe(Object.keys(ours).length);
  });

  it.each(named.map((input) => ({ ...input, line: `${input.path} ${input.input}` })))(
    "answers as one that does not exist: $line",
    async ({ line: _line, ...wanted }) => {
      const before = await rowsOf(w, THEIRS);
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
      expect(await rowsOf(w, THEIRS)).toEqual(before);
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
});
