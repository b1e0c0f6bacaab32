import { Command } from "commander";
import { UserError } from "../errors.ts";
import { packageVersion } from "../root.ts";
import type { CommandEntry, CommandSpec } from "./command.ts";
import { declareFlags, FLAGS, flagsHelp } from "./flags.ts";
import { nearest } from "./near.ts";
import type { Format, LogFormat } from "./output/index.ts";
import { NOUNS, streetHelp } from "./street.ts";

/** The flags that every command takes. */
export interface GlobalOptions {
  org?: string;
  as?: string;
  format: Format;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  logFormat?: LogFormat;
  color?: boolean;
  yes?: boolean;
  now?: string;
}

const VALUED = new Set(["--org", "--as", "--format", "--now", "--log-format"]);
const HELP = new Set(["--help", "-h"]);

/** The words of a command line that are no flags and no values of the global ones. */
function wordsOf(argv: readonly string[]): string[] {
  return argv.filter((word, i) => !word.startsWith("-") && !VALUED.has(argv[i - 1] ?? ""));
}

/** Which command of the table the words name, before commander parses them: only that one is loaded. */
export function pathOf(argv: readonly string[], commands: readonly CommandEntry[]): CommandEntry | undefined {
  const words = wordsOf(argv);
  return (
    commands.find((entry) => entry.path === words.slice(0, 2).join(" ")) ??
    commands.find((entry) => entry.path === words[0])
  );
}

/**
 * `adsapp` alone and `adsapp help campaign start` as commander knows them, with --help. Where the words name no command,
 * they are left without it: then the unknown word is the answer, not the help of something else.
 */
export function spelledOut(argv: readonly string[], commands: readonly CommandEntry[]): string[] {
  const words = wordsOf(argv);
  const isHelp = words[0] === "help";
  if (words[0] === "version" && argv.length === 1) return ["--version"]; // as many other tools say it
  if (argv.length > 0 && !isHelp && !argv.some((word) => HELP.has(word))) return [...argv];
  const at = isHelp ? argv.indexOf("help") : -1;
  const rest = argv.filter((word, i) => i !== at && !HELP.has(word));
  const [noun, verb] = wordsOf(rest);
  const isNoun = commands.some((entry) => entry.path.startsWith(`${noun} `));
  const isKnown =
    pathOf(rest, commands) !== undefined ||
    noun === undefined ||
    ((isNoun || noun === FLAGS) && verb === undefined);
  return isKnown ? [...rest, "--help"] : rest;
}

/** The line with what flags of all commands mean to this one (CommandEntry.means): `--as sent` becomes `--verdict=sent`. */
export function withOwnMeanings(argv: readonly string[], entry: CommandEntry | undefined): string[] {
  const means = new Map(Object.entries(entry?.means ?? {}));
  return argv.flatMap((word, i) => {
    if (means.has(`${argv[i - 1]} ${word}`)) return [];
    return means.get(`${word} ${argv[i + 1]}`) ?? means.get(word.replace("=", " ")) ?? word;
  });
}

/** What happens once commander has understood the line. */
export type Run = (spec: CommandSpec<unknown[], object>, command: Command) => Promise<void>;

/** The commander tree: every command by name and summary, the one that was asked for in full. */
export async function buildProgram(
  commands: readonly CommandEntry[],
  asked: CommandEntry | undefined,
  run: Run,
): Promise<Command> {
  const program = frame(new Command("adsapp")).version(packageVersion(), "-V, --version");
  program.configureHelp({ formatHelp: () => streetHelp(commands) });
  declareFlags(program);
  program.addCommand(flagsPage(program), { hidden: true });
  const nouns = new Map<string, Command>();
  for (const entry of commands) {
    const [noun = "", verb] = entry.path.split(" ");
    const parent = verb === undefined ? program : nounOf(program, nouns, noun);
    const command = frame(new Command(verb ?? noun)).summary(entry.summary);
    parent.addCommand(command);
    if (entry === asked)
      declare(command, (await entry.load()).default as unknown as CommandSpec<unknown[], object>, run);
  }
  return program;
}

function nounOf(program: Command, nouns: Map<string, Command>, noun: string): Command {
  let command = nouns.get(noun);
  if (command === undefined) {
    const about = NOUNS[noun] ?? noun;
    command = frame(new Command(noun)).summary(about).description(about).allowExcessArguments(true);
    command.usage("VERB [flags]").addHelpText("after", `\nadsapp ${noun} VERB --help has examples`);
    command.action((_options, self: Command) => helpOrRefuse(self));
    program.addCommand(command);
    nouns.set(noun, command);
  }
  return command;
}

function flagsPage(program: Command): Command {
  const page = frame(new Command(FLAGS));
  page.configureHelp({ formatHelp: (_page, helper) => flagsHelp(program, helper) });
  return page.action(() => page.outputHelp());
}

/** `adsapp campaign` alone shows what it can do; a verb that it does not have is an error. */
function helpOrRefuse(noun: Command): void {
  const [verb] = noun.args;
  if (verb === undefined) {
    noun.outputHelp();
    return;
  }
  const verbs = noun.commands.map((command) => command.name());
  const [near] = nearest(verb, verbs, 1);
  const hint = near === undefined ? `It has: ${verbs.join(", ")}.` : `Did you mean "${near}"?`;
  throw new UserError(`unknown command "${noun.name()} ${verb}"`, { hint });
}

function declare(command: Command, spec: CommandSpec<unknown[], object>, run: Run): void {
  command.description(spec.description.replace(/\n(?=\S)/g, " ")); // the help breaks lines where the terminal ends
  spec.declare?.(command);
  command.addHelpText(
    "after",
    `\nExamples:\n${spec.examples.map((line) => `  $ ${line}`).join("\n")}\n\nFlags of every command: adsapp help ${FLAGS}`,
  );
  command.action(() => run(spec, command));
}

function frame(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ outputError: () => undefined }) // main tells it (usage-error.ts)
    .helpCommand(false)
    .helpOption("-h, --help", "show this help")
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false });
}
