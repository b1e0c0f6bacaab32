import type { Argument, Command, Option } from "commander";
import type { CommandEntry } from "../cli/command.ts";
import { buildProgram, pathOf } from "../cli/program.ts";
import type { Kind } from "./names.ts";

export interface Candidate {
  value: string;
  about?: string;
}

/** What may stand where the cursor is: words, names that the database has, or a file. */
export interface Place {
  candidates: Candidate[];
  names?: Kind;
  files?: boolean;
  /** `--format=`, which stays before what is offered */
  prefix?: string;
}

const NONE: Place = { candidates: [] };

/** @param words after `adsapp`; the last one is being typed */
export async function placeOf(words: readonly string[], commands: readonly CommandEntry[]): Promise<Place> {
  const before = words[0] === "help" ? words.slice(1, -1) : words.slice(0, -1);
  const current = words.at(-1) ?? "";
  const entry = pathOf(before, commands);
  const program = await buildProgram(commands, entry, async () => {});
  const noun = program.commands.find((command) => command.name() === nounOf(before, program));
  const verb = entry?.path.includes(" ") === true ? entry.path.split(" ")[1] : undefined;
  const command = verb === undefined ? noun : noun?.commands.find((child) => child.name() === verb);
  const options = [...program.options, ...(command?.options ?? [])];
  const path = entry?.path ?? noun?.name() ?? "";

  const open = optionOf(before, options);
  if (open !== undefined) return valuesOf(open, path);
  const [prefix, flag] = /^(--[\w-]+)=/.exec(current) ?? [];
  if (prefix !== undefined) {
    const option = options.find(({ long }) => long === flag);
    return option === undefined ? NONE : { ...valuesOf(option, path), prefix };
  }
  if (current.startsWith("-")) return { candidates: flagsOf(options, before) };
  if (noun === undefined) return { candidates: before.some(isWord(options)) ? [] : listed(program) };
  if (command === noun && noun.commands.length > 0) return { candidates: listed(noun) };
  return command === undefined ? NONE : argumentOf(command, before, options, path);
}

function nounOf(before: readonly string[], program: Command): string | undefined {
  return before.find(isWord(program.options));
}

/** A word that is neither a flag nor a flag's value. */
function isWord(options: readonly Option[]) {
  return (word: string, at: number, all: readonly string[]): boolean =>
    !word.startsWith("-") && optionOf(all.slice(0, at), options) === undefined;
}

/** The flag whose value comes next. */
function optionOf(before: readonly string[], options: readonly Option[]): Option | undefined {
  const last = before.at(-1);
  if (last === undefined) return undefined;
  return options.find((option) => (option.long === last || option.short === last) && option.required);
}

function listed(parent: Command): Candidate[] {
  const visible = parent.createHelp().visibleCommands(parent);
  return parent.commands
    .filter((command) => visible.includes(command))
    .map((command) => ({ value: command.name(), about: command.summary() }));
}

/** Those that are not there yet, but for those that may be there twice. */
function flagsOf(options: readonly Option[], before: readonly string[]): Candidate[] {
  const open = options.filter(
    ({ long, short, variadic, hidden }) =>
      !hidden && (variadic || !before.some((word) => word === long || word === short)),
  );
  return [
    ...open.map(({ long, short, description }) => ({ value: long ?? short ?? "", about: description })),
    { value: "--help", about: "show this help" },
  ];
}

function argumentOf(
  command: Command,
  before: readonly string[],
  options: readonly Option[],
  path: string,
): Place {
  const words = before.filter(isWord(options)).slice(path.split(" ").length);
  const all = command.registeredArguments;
  const argument = all[words.length] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined);
  return argument === undefined ? { candidates: flagsOf(options, before) } : valuesOf(argument, path);
}

/** By its choices, or by what it is called. */
function valuesOf(wanted: Option | Argument, path: string): Place {
  if (wanted.argChoices !== undefined) return { candidates: wanted.argChoices.map((value) => ({ value })) };
  const isOption = "flags" in wanted;
  const name = isOption ? (wanted.long ?? "").slice(2) : wanted.name();
  const holder = isOption ? (/[<[]([\w-]+)/.exec(wanted.flags)?.[1] ?? "") : name;
  if (/^(file|path|folder|target|backup)$/.test(holder)) return { candidates: [], files: true };
  const kind = isOption ? OF_OPTION[`${name} ${holder}`] : kindOf(wanted, path);
  return kind === undefined ? NONE : { candidates: [], names: kind };
}

/** By flag and what its value is called: the `--tag` of an import and of a listing are of one kind, `--to <name>` of none. */
const OF_OPTION: Record<string, Kind> = {
  "org slug": "organizations",
  "as email": "users",
  "agent email": "users",
  "campaign name": "anyCampaigns",
  "drip name": "drips",
  "list name": "lists",
  "on-list name": "lists",
  "tag tag": "tags",
  "with-tag tag": "tags",
  "sender name": "senders",
};

const OF_NOUN: Record<string, Kind> = {
  campaign: "campaigns",
  drip: "drips",
  list: "lists",
  sender: "senders",
  template: "templates",
  rule: "rules",
  source: "sources",
  slug: "organizations",
  email: "users",
  tag: "tags",
};

/** `<campaign>`, or the `<name>` of something that is there ("name or id"): its noun's. */
function kindOf(argument: Argument, path: string): Kind | undefined {
  if (path === "user add" || path === "org create") return undefined; // names what is still to be
  const [noun = ""] = path.split(" ");
  if (argument.name() === "name") return /^name or id/.test(argument.description) ? OF_NOUN[noun] : undefined;
  return OF_NOUN[argument.name()];
}
