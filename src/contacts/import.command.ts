import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { createProgress } from "../cli/progress.ts";
import { ExitCode, UserError } from "../errors.ts";
import { DELIMITERS, ENCODINGS, type Encoding } from "./csv/inspect.ts";
import { type ImportOptions, type ImportReport, importContacts } from "./import.ts";

interface Options {
  list?: string;
  tag?: string[];
  country?: string;
  rejects?: string;
  map?: string[];
  encoding?: Encoding;
  delimiter?: keyof typeof DELIMITERS;
  onDuplicate: ImportOptions["onDuplicate"];
  dryRun?: boolean;
  force?: boolean;
}

export default defineCommand<[string], Options>({
  description:
    "Imports contacts from a CSV: delimiter, encoding and columns are recognised (Dutch and English names), phones become E.164,\nfurther columns attributes. All or nothing: bad rows go to --rejects with their reason, the rest in one transaction. A blank\ncell keeps what is known; an import never lifts an opt-out. Ends with 3 when some rows were rejected.",
  examples: [
    "adsapp contact import contacts.csv --list klanten --tag leads --country NL --rejects rejects.csv",
    'adsapp contact import export.csv --map "Mobiel 2=phone" --dry-run',
  ],
  writes: true,
  declare(command) {
    command
      .argument("<file>", "the CSV")
      .option("--list <name>", "put everyone on this list, made if need be")
      .option("--tag <tag...>", "tag everyone")
      .option(
        "--country <code>",
        "where phones without a country code are from (default: the organization's)",
      )
      .option("--rejects <file>", "write bad rows there, with line and reason")
      .option(
        "--map <header=field...>",
        "what a column means: phone, first_name, last_name, full_name, email, tags, opt_out …",
      )
      .addOption(new Option("--encoding <name>", "instead of the detected one").choices(ENCODINGS))
      .addOption(
        new Option("--delimiter <name>", "instead of the detected one").choices(Object.keys(DELIMITERS)),
      )
      .addOption(
        new Option(
          "--on-duplicate <what>",
          "for people who are contacts already; skip still writes down an opt-out",
        )
          .choices(["update", "skip", "fail"])
          .default("update"),
      )
      .option("--dry-run", "report all and change nothing")
      .option("--force", "import a file again, and overwrite an existing rejects file");
  },
  async run(context, options, file) {
    const organization = await context.organization();
    const progress = createProgress({ stderr: process.stderr, quiet: context.out.quiet, title: "reading" });
    const report = await importContacts(
      await context.database(),
      await context.identity(),
      organization,
      file,
      {
        country: (options.country ?? organization.defaultCountry).toUpperCase(),
        encoding: options.encoding,
        delimiter: options.delimiter === undefined ? undefined : DELIMITERS[options.delimiter],
        map: mapOf(options.map ?? []),
        list: options.list,
        tags: options.tag ?? [],
        onDuplicate: options.onDuplicate,
        rejects: options.rejects,
        force: options.force === true,
        dryRun: options.dryRun === true,
        onRows: (count, share) => progress.advance(count, share),
      },
    ).finally(() => progress.done());
    if (report.importedBefore !== null) {
      context.out.warn(
        `this file was imported on ${report.importedBefore.toISOString()} already; nothing was done. --force imports it again.`,
      );
    }
    tell(context.out, report, options);
    await context.out.record(report, [
      { key: "importId" },
      { key: "rows" },
      { key: "created" },
      { key: "updated" },
      { key: "unchanged" },
      { key: "skipped" },
      { key: "rejected" },
      { key: "duplicates", title: "Duplicates in the file" },
      { key: "suppressed", title: "Erased people" },
      { key: "durationMs", title: "Took", as: "duration" },
    ]);
    return report.rejected > 0 ? ExitCode.Partial : ExitCode.Done;
  },
});

function tell(out: { say(text: string): void }, report: ImportReport, options: Options): void {
  const { encoding, delimiter, lineEnd } = report.format;
  out.say(
    `Read as ${encoding}, separated by ${delimiter === "\t" ? "tab" : delimiter}, lines end in ${lineEnd}.`,
  );
  for (const { line, reason } of report.examples) out.say(`  line ${line}: ${reason}`);
  if (report.rejected > report.examples.length)
    out.say(`  and ${report.rejected - report.examples.length} more`);
  if (report.rejected > 0 && options.rejects === undefined)
    out.say("--rejects FILE writes the bad rows to a file.");
  if (options.dryRun === true) out.say("A dry run: nothing was changed.");
}

function mapOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf("=");
      if (at < 1)
        throw new UserError(`--map "${pair}" must be HEADER=FIELD`, {
          hint: 'For example --map "Mobiel 2=phone"',
        });
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}
