import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { TOLD_TYPES, type ToldType } from "./event.ts";
import { importEvents } from "./import.ts";

export default defineCommand<[string], { type: ToldType }>({
  description:
    'Takes in events, one JSON object a line: {"event","contact","data","eventId","occurredAt"}; contact is a phone, a business-scoped\nuser id or an id. All or nothing for the database; bad lines are told with their reason. An eventId that is known changes\nnothing. Ends with 3 when some lines were rejected.',
  examples: [
    "adsapp event import events.ndjson",
    "zcat events.ndjson.gz | adsapp event import - --type api --format json",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<file>", "NDJSON; - reads stdin")
      .addOption(
        new Option("--type <type>", "which triggers hear them").choices(TOLD_TYPES).default("custom_event"),
      );
  },
  async run(context, options, file) {
    const report = await importEvents(
      await context.database(),
      await context.identity(),
      await context.organization(),
      file,
      options.type,
    );
    for (const { line, reason } of report.examples) context.out.warn(`line ${line}: ${reason}`);
    const more = report.rejected - report.examples.length;
    if (more > 0) context.out.warn(`and ${more} more`);
    await context.out.record(report, [
      { key: "lines" },
      { key: "stored" },
      { key: "duplicates" },
      { key: "rejected" },
      { key: "examples", table: false },
    ]);
    return report.rejected > 0 ? ExitCode.Partial : ExitCode.Done;
  },
});
