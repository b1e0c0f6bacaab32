import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { describe, expect, it } from "vitest";
import { type Column, createOutput, type OutputOptions } from "../../src/cli/output/index.ts";

interface Person {
  firstName: string;
  sent?: number | undefined;
  seenAt: Date | null;
  notShown: string;
}

const columns: Column<Person>[] = [
  { key: "firstName" },
  { key: "sent" },
  { key: "seenAt", title: "Seen", as: "time" },
];
const anna: Person = {
  firstName: "Anna",
  sent: 12345,
  seenAt: new Date("2026-11-27T09:00:00Z"),
  notShown: "x",
};
const bram: Person = { firstName: "Bram", sent: undefined, seenAt: null, notShown: "y" };

function setup(options: Partial<OutputOptions> = {}) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += String(chunk);
        done();
      },
    });
  const out = createOutput({
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    format: "table",
    color: false,
    timeZone: "Europe/Amsterdam",
    quiet: false,
    verbose: false,
    ...options,
  });
  return { out, written };
}

async function* batches(...all: Person[][]): AsyncGenerator<Person[]> {
  yield* all;
}

describe("a list", () => {
  it("is a JSON array of the columns' keys, with times in UTC and null where nothing is", async () => {
    const { out, written } = setup({ format: "json" });
    await out.list([anna, bram], columns);
    expect(written.stdout).toBe(
      `${JSON.stringify(
        [
          { firstName: "Anna", sent: 12345, seenAt: "2026-11-27T09:00:00.000Z" },
          { firstName: "Bram", sent: null, seenAt: null },
        ],
        null,
        2,
      )}\n`,
    );
  });

  it("is an object a line as ndjson", async () => {
    const { out, written } = setup({ format: "ndjson" });
    await out.list([anna, bram], columns);
    expect(written.stdout.split("\n")).toEqual([
      '{"firstName":"Anna","sent":12345,"seenAt":"2026-11-27T09:00:00.000Z"}',
      '{"firstName":"Bram","sent":null,"seenAt":null}',
      "",
    ]);
  });

  it("has snake_case headers as CSV", async () => {
    const { out, written } = setup({ format: "csv" });
    await out.list([anna, bram], columns);
    expect(written.stdout).toBe("first_name,sent,seen_at\nAnna,12345,2026-11-27T09:00:00.000Z\nBram,,\n");
  });

  it("is a table with local times for people", async () => {
    const { out, written } = setup();
    await out.list([anna, bram], columns);
    expect(written.stdout.split("\n")).toEqual([
      "First name    Sent  Seen",
      "Anna        12 345  2026-11-27 10:00",
      "Bram             –  –",
      "",
    ]);
  });

  it("of nothing is a valid document in each data format, and words on stderr for people", async () => {
    for (const [format, document] of [
      ["json", "[]\n"],
      ["ndjson", ""],
      ["csv", "first_name,sent,seen_at\n"],
    ] as const) {
      const { out, written } = setup({ format });
      await out.list([], columns, { empty: "Nobody yet." });
      expect(written).toEqual({ stdout: document, stderr: "" });
    }
    const { out, written } = setup();
    await out.list([], columns, { empty: "Nobody yet." });
    expect(written).toEqual({ stdout: "", stderr: "Nobody yet.\n" });
  });

  it("follows a time zone that is known only later", async () => {
    const { out, written } = setup();
    out.timeZone = "America/New_York";
    await out.list([anna], columns);
    expect(written.stdout).toContain("2026-11-27 04:00");
  });
});

describe("one thing", () => {
  it("is an object as JSON, with nested things as they are", async () => {
    const { out, written } = setup({ format: "json" });
    const at = new Date(0);
    await out.record({ name: "Sale", statistics: { sent: 2, at } }, [{ key: "name" }, { key: "statistics" }]);
    expect(JSON.parse(written.stdout)).toEqual({
      name: "Sale",
      statistics: { sent: 2, at: "1970-01-01T00:00:00.000Z" },
    });
  });

  it("is one line as ndjson and header with row as CSV", async () => {
    const line = setup({ format: "ndjson" });
    await line.out.record(anna, columns);
    expect(line.written.stdout.match(/\n/g)).toHaveLength(1);
    const sheet = setup({ format: "csv" });
    await sheet.out.record(anna, columns);
    expect(sheet.written.stdout).toBe("first_name,sent,seen_at\nAnna,12345,2026-11-27T09:00:00.000Z\n");
  });

  it("is aligned lines of title and value for people", async () => {
    const { out, written } = setup();
    await out.record(anna, columns);
    expect(written.stdout).toBe("First name  Anna\nSent        12 345\nSeen        2026-11-27 10:00\n");
  });
});

describe("a stream", () => {
  it.each(["json", "ndjson", "csv", "table"] as const)("writes as %s what a list would", async (format) => {
    const whole = setup({ format });
    await whole.out.list([anna, bram, anna], columns);
    const pieces = setup({ format });
    await pieces.out.stream(batches([], [anna], [], [bram, anna], []), columns);
    expect(pieces.written.stdout).toBe(whole.written.stdout);
  });

  it("asks for the next batch only when the reader has taken the one before", async () => {
    const open: (() => void)[] = [];
    const stdout = new Writable({ write: (_chunk, _encoding, done) => void open.push(done) });
    const { out } = setup({ format: "ndjson", stdout });
    let asked = 0;
    async function* rows(): AsyncGenerator<Person[]> {
      for (asked = 1; asked <= 3; asked++) yield [anna];
    }
    const streaming = out.stream(rows(), columns);
    for (const taken of [1, 2, 3]) {
      while (open.length === 0) await new Promise(setImmediate);
      expect(asked).toBe(taken);
      open.pop()?.();
    }
    await streaming;
  });

  it("fails when its rows do", async () => {
    const { out } = setup({ format: "json" });
    async function* rows(): AsyncGenerator<Person[]> {
      yield [anna];
      throw new Error("the database went away");
    }
    await expect(out.stream(rows(), columns)).rejects.toThrow("the database went away");
  });
});

describe("talk", () => {
  it("goes to stderr, and --quiet silences all of it but warnings and errors", () => {
    const loud = setup({ verbose: true });
    const quiet = setup({ quiet: true });
    for (const { out } of [loud, quiet]) {
      out.say("Read as UTF-8.");
      out.detail("claimed 3");
      out.warn("2 rows rejected");
      out.fail("no such file", "Name another.");
    }
    const faults = "warning: 2 rows rejected\nerror: no such file\nName another.\n";
    expect(loud.written).toEqual({ stdout: "", stderr: `Read as UTF-8.\nclaimed 3\n${faults}` });
    expect(quiet.written).toEqual({ stdout: "", stderr: faults });
  });

  it("colours warnings and errors only where colour is wanted, apart from the tables", () => {
    const bright = setup({ color: true });
    bright.out.warn("careful");
    expect(bright.written.stderr).toBe("\u001b[33mwarning:\u001b[0m careful\n");
    const logged = setup({ color: true, colorTalk: false });
    logged.out.fail("broken");
    expect(logged.written.stderr).toBe("error: broken\n");
  });

  it("shows what hides in people's text, and keeps its own lines", () => {
    const { out, written } = setup({ verbose: true });
    out.say("line 2: name \u001b[2J\nline 3: name \u202eanna\r");
    out.warn("\u200bx");
    expect(written.stderr).toBe("line 2: name \\x1b[2J\nline 3: name \\u202eanna\\r\nwarning: \\u200bx\n");
  });
});

it("JSON keeps hidden characters as its own escapes, so that a terminal may show it", async () => {
  const name = "a\u001b[2J\u009b\u202e\u200b\u2028b\n\u{e0041}❤️é";
  for (const format of ["json", "ndjson"] as const) {
    const { out, written } = setup({ format });
    await out.record({ name }, [{ key: "name" }]);
    expect(JSON.parse(written.stdout)).toEqual({ name });
    expect(written.stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
    expect(written.stdout).toContain("❤️é");
  }
});

it("loads no library before a table or CSV is written", async () => {
  const entry = fileURLToPath(new URL("../../src/cli/output/index.ts", import.meta.url));
  const { output } = await build({
    input: { index: entry },
    platform: "node",
    external: /^[^./]/,
    write: false,
    output: { format: "esm" },
  });
  const chunks = output.filter((file) => file.type === "chunk");
  const loaded = (name: string): string[] => {
    const chunk = chunks.find(({ fileName }) => fileName === name);
    return chunk === undefined ? [name] : chunk.imports.flatMap(loaded);
  };
  expect(loaded("index.js")).toEqual(["node:fs"]);
});
