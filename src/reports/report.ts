import { type Command, InvalidArgumentError, Option } from "commander";
import { type CommandSpec, defineCommand } from "../cli/command.ts";
import { bar, type Column, type Output } from "../cli/output/index.ts";
import type { Transaction } from "../db/database.ts";
import { campaignsNamed, type Named } from "./campaigns-named.ts";
import { declareForms, type FormOptions, inItsForm } from "./form.ts";
import type { SectionName } from "./html/sections.ts";
import { declareWindow, type Window, type WindowOptions, windowOf } from "./window.ts";

/** What a report was asked: whose, over which days, of what. */
export interface Asked {
  organizationId: string;
  window: Window;
  /** one of the report's `by`; the first one unless told otherwise */
  by: string;
  /** null: all of them */
  campaignIds: string[] | null;
  /** the name of the campaign that was asked for */
  campaign: string | undefined;
  limit: number;
}

/** A report: what it reads and how it is shown. Its flags, formats and HTML follow from it. */
export interface Report<Line extends object> {
  description: string;
  examples: CommandSpec["examples"];
  /** what it goes over when told nothing; the last 30 days unless it says so */
  window?: "week";
  /** what a line can be of, the default first; `by` of one choice makes no flag */
  by: readonly [string, ...string[]];
  /** help of --campaign; without it there is no such flag */
  campaign?: string;
  /** default of --limit; without it there is no such flag */
  limit?: number;
  /** @throws UserError (4) where it is not there */
  named?: (tx: Transaction, organizationId: string, name: string) => Promise<Named[]>;
  read(tx: Transaction, asked: Asked): Promise<Line[]>;
  columns(by: string): Column<Line>[];
  /** for people: the number that a bar behind it shows */
  bar?: keyof Line & string;
  /** on a terminal: above the table */
  above?(lines: readonly Line[], asked: Asked, out: Output): string | undefined;
  /** for people: below all lines but data */
  total?(lines: readonly Line[], by: string): Line;
  empty(window: Window): string;
  /** what its HTML shows */
  sections: readonly SectionName[];
}

interface Options extends WindowOptions, FormOptions {
  campaign?: string;
  by?: string;
  limit?: number;
}

/** The command that prints a report as a table, as data, or as a page. */
export function defineReport<Line extends object>(report: Report<Line>): CommandSpec<[], Options> {
  return defineCommand<[], Options>({
    description: report.description,
    examples: report.examples,
    html: true,
    declare: (command) => declareFlags(command, report),
    async run(context, options) {
      const { id: organizationId, name } = await context.organization();
      const read = <Result>(answer: (tx: Transaction, asked: Asked) => Promise<Result>) =>
        context.operator(async (tx) => answer(tx, await askedOf(tx, organizationId, report, options)));
      await inItsForm(context, options, {
        show: async (out) => {
          const [lines, asked] = await read(
            async (tx, asked) => [await report.read(tx, asked), asked] as const,
          );
          await printed(out, report, lines, asked);
        },
        page: async () => {
          const { pageOf } = await import("./html/page.ts");
          return read((tx, asked) => pageOf(tx, asked, report.sections, name));
        },
      });
    },
  });
}

async function askedOf<Line extends object>(
  tx: Transaction,
  organizationId: string,
  report: Report<Line>,
  options: Options,
): Promise<Asked> {
  const window = await windowOf(tx, organizationId, options, report.window);
  const named =
    options.campaign === undefined
      ? null
      : await (report.named ?? campaignsNamed)(tx, organizationId, options.campaign);
  return {
    organizationId,
    window,
    by: options.by ?? report.by[0],
    campaignIds: named?.map(({ id }) => id) ?? null,
    campaign: named?.[0]?.name,
    limit: options.limit ?? report.limit ?? 0,
  };
}

function declareFlags<Line extends object>(command: Command, report: Report<Line>): void {
  declareWindow(command, report.window);
  if (report.campaign !== undefined) command.option("--campaign <name>", report.campaign);
  if (report.by.length > 1)
    command.addOption(
      new Option("--by <unit>", "what a line is of").choices([...report.by]).default(report.by[0]),
    );
  if (report.limit !== undefined) command.option("--limit <n>", "how many", howMany, report.limit);
  declareForms(command);
}

const BAR = 16;
/** Below this a terminal has better uses for its cells. */
const ROOM_FOR_BARS = 80;

async function printed<Line extends object>(
  out: Output,
  report: Report<Line>,
  lines: readonly Line[],
  asked: Asked,
): Promise<void> {
  const columns = report.columns(asked.by);
  const empty = { empty: report.empty(asked.window) };
  if (out.format !== "table") return out.list(lines, columns, empty);
  const above = lines.length === 0 || out.width === undefined ? undefined : report.above?.(lines, asked, out);
  if (above !== undefined) out.print(`${above}\n`);
  const rows =
    report.total !== undefined && lines.length > 1 ? [...lines, report.total(lines, asked.by)] : lines;
  const { bar: key } = report;
  if (key === undefined || (out.width ?? ROOM_FOR_BARS) < ROOM_FOR_BARS)
    return out.list(rows, columns, empty);
  const most = Math.max(0, ...lines.map((line) => Number(line[key])));
  const barred = rows.map((line) => ({ ...line, bar: bar(Number(line[key]) / most, BAR) || " " }));
  const shown = columns.flatMap((column) =>
    column.key === key ? [column, { key: "bar", title: "", as: "text", yields: 0 }] : [column],
  );
  await out.list(barred, shown as unknown as Column<Line & { bar: string }>[], empty);
}

function howMany(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new InvalidArgumentError("It must be a whole number from 1 to 10000.");
  return limit;
}
