import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { buildProgram, pathOf } from "../../src/cli/program.ts";
import { NOUNS } from "../../src/cli/street.ts";
import { packageRoot } from "../../src/root.ts";
import { runAdsapp } from "../support/program.ts";

const loaded = await Promise.all(
  commands.map(async (entry) => ({ entry, spec: (await entry.load()).default })),
);

const { scripts } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

const IS_ADSAPP = /^(adsapp|bin\/adsapp\.js)$/;

/** What the shell makes of a line: the words of each of its commands, also inside $( ); no redirections, no comment. */
function commandsOf(line: string): string[][] {
  const inner = [...line.matchAll(/\$\(([^)]*)\)/g)].flatMap(([, words = ""]) => commandsOf(words));
  const plain = line.replace(/ # .*/, "").replace(/\$\([^)]*\)|\d?[<>]+ *[^\s|;]+/g, "");
  const words = plain.matchAll(/&&|[|;]|((?:'[^']*'|"[^"]*"|[^\s'"|;&])+)/g);
  const found: string[][] = [[]];
  for (const [, word] of words) {
    if (word === undefined) found.push([]);
    else found.at(-1)?.push(word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
  }
  return [...found, ...inner];
}

/** The words after `adsapp`; what stands before it (a variable, cron's fields) and npm's scripts are seen through. */
function adsappLines(example: string): string[][] {
  return commandsOf(example)
    .map((words) => {
      const [npm, run, script = "", ...further] = words;
      return npm === "npm" && run === "run" ? [...(scripts[script]?.split(" ") ?? []), ...further] : words;
    })
    .filter((words) => words.some((word) => IS_ADSAPP.test(word)))
    .map((words) => words.slice(words.findIndex((word) => IS_ADSAPP.test(word)) + 1));
}

/** Parses as `main` does, and runs nothing. @returns the command that would have run */
async function parsed(argv: readonly string[]): Promise<string> {
  const ran: Command[] = [];
  const entry = pathOf(argv, commands);
  const program = await buildProgram(commands, entry, async (_spec, command) => void ran.push(command));
  await program.parseAsync([...argv], { from: "user" });
  expect(ran).toHaveLength(1);
  return entry?.path ?? "";
}

const ask = (...words: string[]) => runAdsapp(words, { env: { NO_COLOR: "1" } });

describe("every command", () => {
  it("stands once in the table of contents, with a summary that fits a line", () => {
    expect(new Set(commands.map(({ path }) => path)).size).toBe(commands.length);
    for (const { path, summary } of commands) {
      expect(path).toMatch(/^[a-z]+( [a-z-]+)?$/);
      expect(summary).toMatch(/^\S.{2,59}$/);
    }
  });

  it("is a verb of a noun that says what its verbs are about, or has none", () => {
    const nouns = commands.filter(({ path }) => path.includes(" ")).map(({ path }) => path.split(" ")[0]);
    expect(Object.keys(NOUNS).sort()).toEqual([...new Set(nouns)].sort());
  });

  it.each(loaded)(
    "$entry.path says what it does, and its examples parse as written",
    async ({ entry, spec }) => {
      expect(spec.description).toMatch(/^[A-Z].{20,}[.)]$/s);
      expect(spec.examples.length).toBeGreaterThanOrEqual(2);
      expect(new Set(spec.examples).size).toBe(spec.examples.length);
      for (const example of spec.examples) {
        const lines = adsappLines(example);
        const paths = await Promise.all(lines.map(parsed));
        expect({ example, paths }).toMatchObject({ example, paths: expect.arrayContaining([entry.path]) });
      }
    },
  );

  it.each(loaded)("$entry.path explains each of its arguments and flags", async ({ entry }) => {
    const program = await buildProgram(commands, entry, async () => {});
    const command = entry.path
      .split(" ")
      .reduce<Command | undefined>(
        (parent, name) => parent?.commands.find((child) => child.name() === name),
        program,
      );
    const undescribed = [...(command?.registeredArguments ?? []), ...(command?.options ?? [])].filter(
      ({ description }) => description === "",
    );
    expect(undescribed).toEqual([]);
  });
});

describe("help", () => {
  it.each([["--help"], ["-h"], ["help"], []])(
    "adsapp %s lists what there is, and nothing else",
    async (...words) => {
      const { stdout, stderr, exitCode } = await ask(...words);
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      const nouns = [...new Set(commands.map(({ path }) => path.split(" ")[0]))];
      expect(placedIn(stdout).toSorted()).toEqual(nouns.toSorted());
    },
  );

  it("fits one screen, and shows the street", async () => {
    const lines = (await ask("--help")).stdout.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(36);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).toContain(
      "CSV > contacts > audience > campaigns & drips > tick > Meta > webhooks > reports",
    );
    expect(lines.filter((line) => line.startsWith("Others"))).toEqual([]); // a new command has its place in cli/street.ts
  });

  it.each([["help", "flags"], ["flags", "--help"], ["flags"]])(
    "adsapp %s %s has the flags of every command, and the exit codes",
    async (...words) => {
      const { stdout, stderr, exitCode } = await ask(...words.filter((word) => word !== undefined));
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      for (const told of ["--org <slug>", "--as <email>", "--json", "--now <time>", "75   try again"])
        expect(stdout).toContain(told);
    },
  );

  it("says in words of its own what each noun is", async () => {
    const program = await buildProgram(commands, undefined, async () => {});
    for (const noun of program.commands.filter((command) => command.commands.length > 0))
      expect(noun.description()).toMatch(new RegExp(`^(?!${noun.name()}$)\\S.{5,}$`));
  });

  it.each([[["campaign", "--help"]], [["help", "campaign"]], [["campaign"]]])(
    "%j lists the verbs of a noun",
    async (words) => {
      const { stdout, stderr, exitCode } = await ask(...words);
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      const verbs = commands.map(({ path }) => path.split(" ")).filter(([noun]) => noun === "campaign");
      expect(listedIn(stdout)).toEqual(verbs.map(([, verb]) => verb));
    },
  );

  it("gives the same for help campaign start, campaign start --help and campaign start -h", async () => {
    const [first, ...others] = await Promise.all([
      ask("help", "campaign", "start"),
      ask("campaign", "start", "--help"),
      ask("campaign", "start", "-h"),
      ask("--org", "jansen", "campaign", "start", "--help"),
    ]);
    expect(first).toMatchObject({ stderr: "", exitCode: 0 });
    expect(first?.stdout).toMatch(/^Usage: adsapp campaign start \[options\] <campaign>/);
    expect(first?.stdout).toContain('Examples:\n  $ adsapp campaign start "Black Friday Sale"\n');
    for (const other of others) expect(other).toEqual(first);
  });

  it("needs neither a home nor a database", async () => {
    const env = { DATABASE_URL: "nonsense", ADSAPP_HOME: "/nonexistent" };
    expect(await runAdsapp(["campaign", "start", "--help"], { env })).toMatchObject({
      stderr: "",
      exitCode: 0,
    });
  });

  it.each(["--version", "-V", "version"])("tells the version: %s", async (word) => {
    expect(await ask(word)).toEqual({
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: "",
      exitCode: 0,
    });
  });
});

describe("what adsapp does not know", () => {
  it.each([
    ["a noun", ["campain", "start"], /unknown command 'campain'\nDid you mean "campaign"\?/],
    ["a noun, even when help is asked", ["campain", "--help"], /unknown command 'campain'/],
    ["a noun after help", ["help", "campain"], /unknown command 'campain'\nDid you mean "campaign"\?/],
    ["a verb", ["campaign", "strat"], /unknown command "campaign strat"\nDid you mean "start"\?/],
    ["a verb, even when help is asked", ["campaign", "strat", "-h"], /unknown command "campaign strat"/],
    ["a verb after help", ["help", "campaign", "strat"], /unknown command "campaign strat"/],
    [
      "a verb that is like none",
      ["migrate", "xyzzy"],
      /unknown command "migrate xyzzy"\nIt has: up, down, status/,
    ],
    ["a flag", ["campaign", "start", "Sale", "--att"], /unknown option '--att'\nDid you mean "--at"\?/],
    [
      "a flag of all commands",
      ["org", "list", "--forma", "csv"],
      /unknown option '--forma'\nDid you mean "--format"\?/,
    ],
    ["a format", ["org", "list", "--format", "xml"], /Allowed choices are table, json, ndjson, csv/],
    [
      "a choice",
      ["campaign", "list", "--status", "runing"],
      /Allowed choices are .*\nDid you mean "running"\?/,
    ],
    ["an argument's choice", ["schema", "brodcast"], /Allowed choices are .*\nDid you mean "broadcast"\?/],
    [
      "a missing argument",
      ["campaign", "start"],
      /missing required argument 'campaign'\nSee: adsapp campaign start --help/,
    ],
    ["a missing value", ["org", "list", "--org"], /'--org <slug>' argument missing/],
    ["an argument too many", ["org", "list", "jansen"], /too many arguments for 'list'/],
    ["a number that is none", ["sender", "add", "x", "--throughput", "many"], /It must be a whole number/],
  ])("is %s: it says so on stderr, with exit code 2", async (_what, words, said) => {
    const { stdout, stderr, exitCode } = await ask(...words);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it("is said in one object where a collector of logs reads along", async () => {
    const { stderr } = await ask("tick", "--bugdet", "5", "--log-format", "json");
    expect(JSON.parse(stderr)).toMatchObject({
      level: "error",
      message: "unknown option '--bugdet'",
      hint: 'Did you mean "--budget"?',
    });
  });
});

/** The nouns of the street: the second column. */
function placedIn(help: string): string[] {
  const [, , , street = ""] = help.split("\n\n");
  return street.split("\n").flatMap((line) => line.slice(12, 37).trim().split(", "));
}

/** The names under `Commands:`. */
function listedIn(help: string): string[] {
  const [, list = ""] = help.split("\nCommands:\n");
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = ""]) => name);
}
