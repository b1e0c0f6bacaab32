import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { checkDefinition, readDefinition } from "../../src/definitions/read.ts";
import { strictObject } from "../../src/definitions/strict.ts";
import { UserError } from "../../src/errors.ts";

const schema = strictObject({
  kind: z.literal("test"),
  name: z.string(),
  count: z.number().int().optional(),
  settings: strictObject({
    quietHours: z.array(z.string()).optional(),
    hold: z.boolean().optional(),
  }).optional(),
  audience: z
    .discriminatedUnion("type", [
      strictObject({ type: z.literal("all") }),
      strictObject({
        type: z.literal("tags"),
        tags: z.array(z.string()),
        match: z.enum(["any", "all"]).optional(),
      }),
    ])
    .optional(),
  variables: z.record(z.string(), z.string()).optional(),
});

/** The faults of a text, a line each. */
function faultsOf(text: string): string[] {
  try {
    checkDefinition("f.yaml", text, schema);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).exitCode).toBe(2);
    return (error as UserError).message.split("\n");
  }
  return [];
}

const GOOD = "kind: test\nname: a\n";

describe("a definition", () => {
  it("is read from YAML, and JSON is YAML", () => {
    const wanted = { kind: "test", name: "a", audience: { type: "tags", tags: ["vip"] } };
    expect(
      checkDefinition("f", "kind: test\nname: a\naudience: { type: tags, tags: [vip] }", schema),
    ).toEqual(wanted);
    expect(checkDefinition("f", JSON.stringify(wanted), schema)).toEqual(wanted);
    expect(checkDefinition("f", `\uFEFF${GOOD}`, schema)).toEqual({ kind: "test", name: "a" });
  });

  it("keeps what YAML 1.1 would have made something else: no, on, a date, a time", () => {
    const text = `${GOOD}variables: { a: no, b: on, c: 2026-11-27, d: 22:00 }`;
    expect(checkDefinition("f", text, schema).variables).toEqual({
      a: "no",
      b: "on",
      c: "2026-11-27",
      d: "22:00",
    });
  });

  it("takes a number as the name of a variable", () => {
    expect(checkDefinition("f", `${GOOD}variables: { 1: x }`, schema).variables).toEqual({ "1": "x" });
  });

  it("reports every fault at once, in the order of the file, each with line and column", () => {
    const text = [
      "kind: test",
      "nmae: x",
      "count: 1.5",
      "settings:",
      "  quietHour: []",
      "  hold: perhaps",
      "audience: { type: tags, match: al }",
      "variables: { 1: 1.50, 2: true }",
    ].join("\n");
    expect(faultsOf(text)).toEqual([
      "f.yaml:1:1: name is missing",
      expect.stringMatching(/^f\.yaml:2:1: nmae is not a known field/),
      "f.yaml:3:8: count: must be a whole number",
      "f.yaml:5:3: settings.quietHour is not a known field; did you mean quietHours?",
      "f.yaml:6:9: settings.hold: must be true or false",
      "f.yaml:7:11: audience.tags is missing",
      "f.yaml:7:32: audience.match: al is none of any, all; did you mean all?",
      'f.yaml:8:17: 1.50 is text without its quotes, or the number 1.5: write "1.50" or 1.5',
      'f.yaml:8:26: variables.2: must be text: write "true"',
    ]);
  });

  it("names the choices where one was mistyped or left out", () => {
    expect(faultsOf(`${GOOD}audience: { type: tag }`)).toEqual([
      "f.yaml:3:19: audience.type: tag is none of all, tags; did you mean tags?",
    ]);
    expect(faultsOf(`${GOOD}audience: { tags: [a] }`)).toEqual(["f.yaml:3:11: audience.type is missing"]);
    expect(faultsOf(`${GOOD}audience: all`)).toEqual(["f.yaml:3:11: audience: must be a group of fields"]);
  });

  it("of another kind has that one fault", () => {
    expect(faultsOf("kind: template\nlanguage: nl\ncomponents: []")).toEqual([
      "f.yaml:1:7: kind: must be test",
    ]);
    expect(faultsOf("name: a\nlanguage: nl")).toEqual(["f.yaml:1:1: kind is missing"]);
  });

  it.each([
    [
      "aliases",
      `${GOOD}a: &x [1]\nb: *x`,
      ["3:7: anchors are not allowed here", "4:4: aliases are not allowed here; write the value out"],
    ],
    ["tags of one's own", `${GOOD}count: !secret 1`, ["3:8: the tag !secret is not allowed here"]],
    ["a field twice", `${GOOD}name: b`, ["3:1: name is there twice"]],
    [
      "several documents",
      `${GOOD}---\n${GOOD}`,
      ["3:1: a second document begins here; one file holds one definition"],
    ],
    [".nan", `${GOOD}count: .nan`, ["3:8: .nan is not a number"]],
    ["infinity", `${GOOD}count: -.inf`, ["3:8: -.inf is not a number"]],
    ["1e400", `${GOOD}count: 1e400`, ["3:8: 1e400 is not a number"]],
    [
      "010",
      `${GOOD}count: 010`,
      ['3:8: 010 is text without its quotes, or the number 10: write "010" or 10'],
    ],
    [
      "0o10 and 0x10",
      `${GOOD}variables: { a: 0o10, b: 0x10 }`,
      [
        '3:17: 0o10 is text without its quotes, or the number 8: write "0o10" or 8',
        '3:26: 0x10 is text without its quotes, or the number 16: write "0x10" or 16',
      ],
    ],
    [
      "a phone without quotes",
      `${GOOD}variables: { a: +31612345678 }`,
      ['3:17: write "+31612345678" in quotes: it would lose its plus'],
    ],
    [
      "a number that loses digits",
      `${GOOD}count: 12345678901234567890`,
      [
        '3:8: 12345678901234567890 is text without its quotes, or the number 12345678901234567000: write "12345678901234567890" or 12345678901234567000',
      ],
    ],
    ["__proto__", `${GOOD}settings: { __proto__: { hold: true } }`, ["3:13: __proto__ is not a known field"]],
    ["constructor", `${GOOD}variables: { constructor: x }`, ["3:14: constructor is not a known field"]],
    ["a list as a field's name", `${GOOD}? [a, b]\n: 1`, ["3:3: a field's name is one word"]],
    [
      "a NUL",
      `${GOOD}variables: { a: "x\\0" }`,
      ["3:17: there is a character in it that is none (NUL or half of a pair)"],
    ],
    [
      "half a surrogate pair",
      `${GOOD}variables: { a: "x\\ud800" }`,
      ["3:17: there is a character in it that is none (NUL or half of a pair)"],
    ],
    ["an open quote", `${GOOD}count: "1`, [expect.stringContaining('Missing closing "quote')]],
    ["a list", "[1, 2]", ["1:1: must be a group of fields"]],
    ["null", "null", ["1:1: must be a group of fields"]],
  ])("refuses %s", (_what, text, faults) => {
    expect(faultsOf(text)).toEqual(
      faults.map((fault) => (typeof fault === "string" ? `f.yaml:${fault}` : fault)),
    );
  });

  it.each([
    ["nothing", ""],
    ["a comment", "# nothing\n"],
  ])("refuses %s as empty", (_what, text) => {
    expect(faultsOf(text)).toEqual(["f.yaml is empty"]);
  });

  it.each([
    ["brackets", `a: ${"[".repeat(20_000)}`],
    ["brackets after as many closing ones in a comment", `# ${"]".repeat(20_000)}\na: ${"[".repeat(20_000)}`],
    ["brackets between closing ones in quotes", '["]", '.repeat(20_000)],
    ["explicit keys", `a:\n${"? ".repeat(20_000)}x`],
    ["dashes", `${"- ".repeat(20_000)}x`],
    ["indents", Array.from({ length: 300 }, (_, n) => `${" ".repeat(n)}a:`).join("\n")],
  ])("refuses a depth of %s before it costs anything", (_what, text) => {
    expect(faultsOf(text)).toEqual(["f.yaml is nested deeper than 40 levels"]);
  });

  it("may have brackets in its texts", () => {
    expect(checkDefinition("f", `kind: test\nname: "${"[{".repeat(100)}"`, schema).name).toHaveLength(200);
  });

  it("shows the first 50 of many faults, and how many more there are", () => {
    const faults = faultsOf(`${GOOD}${Array.from({ length: 5_000 }, (_, n) => `a${n}: 1`).join("\n")}`);
    expect(faults).toHaveLength(51);
    expect(faults[0]).toBe("f.yaml:3:1: a0 is not a known field");
    expect(faults[50]).toBe("… and 4950 more");
  });
});

describe("a definition's file", () => {
  let folder: string;
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "adsapp-definitions-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is read and checked", async () => {
    expect(await readDefinition(file("good.yaml", GOOD), schema)).toEqual({ kind: "test", name: "a" });
  });

  it.each<[string, () => string, RegExp]>([
    ["is missing", () => join(folder, "none.yaml"), /none\.yaml does not exist$/],
    ["is a folder", () => folder, /cannot be read \(EISDIR\)$/],
    [
      "is too large",
      () => file("large.yaml", "#".repeat(1024 * 1024 + 1)),
      /large\.yaml is larger than 1 MB/,
    ],
    ["never ends", () => "/dev/zero", /\/dev\/zero is larger than 1 MB/],
    [
      "is Windows-1252",
      () => file("latin.yaml", Buffer.from("name: caf\xe9", "latin1")),
      /latin\.yaml is not UTF-8 text$/,
    ],
  ])("is one clear error when it %s", async (_what, path, message) => {
    await expect(readDefinition(path(), schema)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });
});
