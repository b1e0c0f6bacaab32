import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import type { Output } from "../cli/output/index.ts";
import { maskSecrets } from "../cli/output/index.ts";
import { createProgress, type Progress } from "../cli/progress.ts";
import { databaseUrlFault } from "../config.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { Telling } from "./move.ts";

interface Options {
  to?: string;
  cancel?: boolean;
}

export default defineCommand<[], Options>({
  description:
    "Copies everything from the database in use to another one, and proves that both hold the same: rows and checksum of each table,\nand the audit of both. The target must be empty; its schema is made. The source becomes read only before the first row is copied and\nstays so, so that nothing is sent twice: its ticks end with 75, webhooks are answered 503 (Meta sends them again). A failure or a\nkill leaves the target empty: run it again. --cancel lets the source take writes again instead.",
  examples: [
    "adsapp db move --to postgresql://adsapp@db.example.com/adsapp",
    "adsapp db move --cancel --yes",
  ],
  scope: "none",
  declare(command) {
    command
      .option("--to <url>", "an empty database: of its owner, at the server itself and not a pooler")
      .option("--cancel", "the move is not wanted: the database in use takes writes again");
  },
  async run(context, { to, cancel }) {
    if ((to === undefined) === (cancel !== true)) throw new UserError("db move takes --to URL, or --cancel");
    const source = await context.databaseUrl();
    const { cancelMove, move } = await import("./move.ts");
    if (to === undefined) {
      const question =
        "Let the database in use take writes again? Only where nothing was sent from the other one: else people get messages twice.";
      if (!(await confirm(question, context.yes))) return;
      const changed = await cancelMove(source);
      context.out.say(changed ? "It takes writes again." : "It took writes already.");
      return;
    }
    const fault = databaseUrlFault(to);
    if (fault !== undefined) throw new UserError(`--to ${fault}`);
    const told = tellingOn(context.out);
    const moved = await move(source, to, told).finally(told.end);
    const bothOk = moved.source.ok && moved.target.ok;
    await context.out.record({ tables: moved.tables, rows: moved.rows, same: true, auditOk: bothOk }, [
      ...(context.out.format === "table" ? [] : [{ key: "tables" as const }]),
      { key: "rows" },
      { key: "same", title: "Both hold the same" },
      { key: "auditOk", title: "Both audits hold" },
    ]);
    tellSwitch(context.out, to);
    if (!bothOk) context.out.warn("an audit does not hold: adsapp audit tells which check, on either side");
    return bothOk ? ExitCode.Done : ExitCode.Failed;
  },
});

function tellingOn(out: Output): Telling & { end(): void } {
  let progress: Progress | undefined;
  return {
    say: (text) => out.say(text),
    begin(rows) {
      progress = createProgress({
        stderr: process.stderr,
        quiet: out.quiet,
        title: "copying rows",
        total: rows,
      });
    },
    copied: (_table, rows) => progress?.advance(rows),
    end: () => progress?.done(),
  };
}

function tellSwitch(out: Output, to: string): void {
  out.say(
    `The old database is read only now and stays as it is. On every host, in the crontab, units and shells:
  DATABASE_URL=${maskSecrets(to)}
and the logins of ADSAPP_WORKER_DATABASE_URL and ADSAPP_OPERATOR_DATABASE_URL where they are set. Then: adsapp status --check`,
  );
}
