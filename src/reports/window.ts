import { type Command, InvalidArgumentError } from "commander";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { UserError } from "../errors.ts";
import text from "./reports.sql";

const sql = namedQueries(text, "today");

/** The flags by which a report says over which days it goes. */
export interface WindowOptions {
  since?: string;
  until?: string;
  days?: number;
  week?: boolean;
}

/** Local days of the organization, "2026-11-24", both included. */
export interface Window {
  since: string;
  until: string;
}

const DEFAULT_DAYS = 30;
const MOST_DAYS = 3660;

/** @param byDefault what a report goes over that is told nothing */
export function declareWindow(command: Command, byDefault: "days" | "week" = "days"): void {
  const days = byDefault === "days" ? ` (default: ${DEFAULT_DAYS})` : "";
  const week = byDefault === "week" ? " (default)" : "";
  command
    .option("--since <date>", "from this day on, e.g. 2026-11-01")
    .option("--until <date>", "up to and including this day (default: today)")
    .option("--days <n>", `the last day and the n days before it${days}`, wholeDays)
    .option("--week", `this week, from Monday on${week}`);
}

/**
 * The days that the flags mean, by the organization's calendar and the database's clock.
 * @throws UserError for a day that does not exist, flags that contradict each other, or a window that ends before it begins
 */
export async function windowOf(
  tx: Transaction,
  organizationId: string,
  options: WindowOptions,
  byDefault: "days" | "week" = "days",
): Promise<Window> {
  const since = options.since === undefined ? undefined : calendarDay(options.since, "--since");
  const until = options.until === undefined ? undefined : calendarDay(options.until, "--until");
  refuseContradictions(options);
  const row = await tx.one<{ today: string }>(sql.today, [organizationId]);
  const last = until ?? row?.today ?? "";
  const saysNothing = since === undefined && until === undefined && options.days === undefined;
  if (options.week === true || (byDefault === "week" && saysNothing))
    return { since: mondayOf(last), until: last };
  const window = { since: since ?? daysBefore(last, options.days ?? DEFAULT_DAYS), until: last };
  if (window.since > window.until) {
    throw new UserError(
      `--since ${window.since} is later than ${until === undefined ? "today" : "--until"} (${window.until})`,
    );
  }
  return window;
}

function refuseContradictions(options: WindowOptions): void {
  const starts = [
    options.since !== undefined && "--since",
    options.days !== undefined && "--days",
    options.week === true && "--week",
  ].filter((flag) => typeof flag === "string");
  if (starts.length > 1)
    throw new UserError(`${starts.join(" and ")} each say where the report begins`, { hint: "Choose one." });
  if (options.week === true && options.until !== undefined) {
    throw new UserError("--week ends today, so it takes no --until", { hint: "Use --since and --until." });
  }
}

/** @throws UserError unless it is a day of the calendar as YYYY-MM-DD */
export function calendarDay(text: string, flag: string): string {
  const day = utc(text);
  if (/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && isoDay(day) === text)
    return text;
  throw new UserError(`${flag} "${text}" is not a day`, { hint: "Write it as 2026-11-27." });
}

function daysBefore(day: string, days: number): string {
  const date = utc(day);
  date.setUTCDate(date.getUTCDate() - days);
  return isoDay(date);
}

function mondayOf(day: string): string {
  return daysBefore(day, (utc(day).getUTCDay() + 6) % 7);
}

/** Calendar arithmetic only: a day has no zone. */
function utc(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 0 || days > MOST_DAYS)
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${MOST_DAYS}.`);
  return days;
}

/** Every day of a window, first to last. */
export function daysOf({ since, until }: Window): string[] {
  const days: string[] = [];
  for (const date = utc(since); isoDay(date) <= until; date.setUTCDate(date.getUTCDate() + 1))
    days.push(isoDay(date));
  return days;
}
