import { type Command, type Help, Option } from "commander";

/** `adsapp help flags`: what every command takes has a page of its own. */
export const FLAGS = "flags";

const CONVENTIONS = `Exit codes:
  0    done, also when nothing was due
  1    failed, or the state does not allow it
  2    wrong usage or file; nothing was changed
  3    done in part: some rows were rejected, or a tick halted a sender
  4    not found
  5    refused: this profile may not do that
  75   try again: the database cannot be reached, or only reads
  130  interrupted

Data goes to stdout, talk to stderr. Environment: DATABASE_URL, ADSAPP_HOME,
ADSAPP_ORG, ADSAPP_USER and those in README.md, Configuration.`;

/** The page as text. */
export function flagsHelp(program: Command, helper: Help): string {
  const width = helper.padWidth(program, helper);
  const flags = helper
    .visibleOptions(program)
    .map((option) =>
      helper.formatItem(helper.optionTerm(option), width, helper.optionDescription(option), helper),
    );
  return `Flags that every command takes, before or after its name:\n\n${flags.join("\n")}\n\n${CONVENTIONS}\n`;
}

export function declareFlags(program: Command): void {
  program
    .option("--org <slug>", "the organization to work in (ADSAPP_ORG)")
    .option("--as <email>", "the profile that acts (ADSAPP_USER; default the built-in cli profile)")
    .addOption(
      new Option("--format <format>", "how to print data; html: reports only")
        .choices(["table", "json", "ndjson", "csv", "html"])
        .default("table"),
    )
    .option("--json", "short for --format json")
    .option("-q, --quiet", "no talk on stderr")
    .option("--verbose", "more talk; stack traces of bugs")
    .addOption(
      new Option(
        "--log-format <format>",
        "how to write talk on stderr: for people, or a JSON object a line",
      ).choices(["text", "json"]),
    )
    .option("--no-color", "no colours (also NO_COLOR)")
    .option("-y, --yes", "answer yes to questions")
    .option("--now <time>", "rehearse: the command's clock starts here, e.g. 2026-11-27T10:00:00+01:00");
}
