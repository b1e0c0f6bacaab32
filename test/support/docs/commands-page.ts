import { Command, type Help } from "commander";
import type { CommandEntry } from "../../../src/cli/command.ts";
import { commands } from "../../../src/cli/commands.ts";
import { buildProgram } from "../../../src/cli/program.ts";

/** Every command as its help tells it: what it does, what it takes, and its examples (test/cli/examples.long.ts runs them). */
export async function commandsPage(): Promise<string> {
  const sections = await Promise.all(commands.map(section));
  const nouns = [...new Set(commands.map(({ path }) => path.split(" ")[0] ?? ""))];
  const contents = nouns.map((noun) => `[${noun}](#${firstOf(noun).replaceAll(" ", "-")})`).join(" · ");
  return `${contents}\n\n${sections.join("\n\n")}`;
}

const firstOf = (noun: string) => commands.find(({ path }) => path.split(" ")[0] === noun)?.path ?? noun;

async function section(entry: CommandEntry): Promise<string> {
  const spec = (await entry.load()).default;
  const command = await commandOf(entry);
  const helper = command.createHelp();
  const takes = [...argumentRows(command, helper), ...optionRows(command, helper)];
  const table = takes.length === 0 ? [] : ["", "| takes | |", "|---|---|", ...takes];
  return [
    `## ${entry.path}`,
    "",
    spec.description.replaceAll("\n", " "),
    ...table,
    "",
    ...spec.examples.map((example) => `    ${example}`),
  ].join("\n");
}

async function commandOf(entry: CommandEntry): Promise<Command> {
  let command: Command = await buildProgram(commands, entry, async () => {});
  for (const word of entry.path.split(" "))
    command = command.commands.find((each) => each.name() === word) ?? new Command(word);
  return command;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function argumentRows(command: Command, helper: Help): string[] {
  return helper
    .visibleArguments(command)
    .map(
      (argument) =>
        `| \`${cell(helper.argumentTerm(argument))}\` | ${cell(helper.argumentDescription(argument))} |`,
    );
}

function optionRows(command: Command, helper: Help): string[] {
  return helper
    .visibleOptions(command)
    .filter((option) => option.long !== "--help")
    .map(
      (option) => `| \`${cell(helper.optionTerm(option))}\` | ${cell(helper.optionDescription(option))} |`,
    );
}
