import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import type { Output } from "../cli/output/index.ts";
import { createProgress, type Progress } from "../cli/progress.ts";
import { rebuild } from "./rebuild.ts";

export default defineCommand<[], { since: string; dryRun?: boolean }>({
  description:
    "Computes the daily numbers (of campaigns, templates, drip steps, failures, prices, agents, sources, and replies of people in drips) once more from the messages themselves, from a local day\non, and writes those that differ. There should be none: they are kept as messages change, and audit proves it. For numbers that\nsomebody changed by hand. May run beside ticks; of every organization, or the one of --org.",
  examples: ["adsapp rebuild --since 2026-11-01 --dry-run", "adsapp rebuild --since 2026-11-01 --org jansen"],
  writes: true,
  scope: "all",
  declare(command) {
    command
      .requiredOption("--since <date>", "the first day, e.g. 2026-11-01", calendarDay)
      .option("--dry-run", "tell what is wrong, and change nothing");
  },
  async run(context, { since, dryRun }) {
    const database = await context.database();
    const organizationId = context.organizationGiven ? (await context.organization()).id : null;
    const { onTables, end } = tableProgress(context.out);
    const days = await rebuild(database, {
      since,
      dryRun: dryRun === true,
      organizationId,
      onTables,
    }).finally(end);
    await context.out.list(
      days,
      [
        { key: "organization" },
        { key: "table", title: "Numbers" },
        { key: "date", title: "Day" },
        { key: "rows" },
      ],
      { empty: `Nothing differs from ${since} on.` },
    );
    if (dryRun === true && days.length > 0) context.out.say("A dry run: nothing was changed.");
  },
});

function tableProgress(out: Output) {
  let progress: Progress | undefined;
  const begin = (total: number) => {
    progress = createProgress({
      stderr: process.stderr,
      quiet: out.quiet,
      title: "rebuilding tables",
      total,
    });
  };
  return { onTables: { begin, done: () => progress?.advance(1) }, end: () => progress?.done() };
}

function calendarDay(text: string): string {
  const at = new Date(`${text}T00:00:00Z`);
  if (/^[1-9]\d{3}-\d\d-\d\d$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text))
    return text;
  throw new InvalidArgumentError("It must be a day, such as 2026-11-27.");
}
