import { CronExpressionParser } from "cron-parser";

/** When a recurring campaign is planned: a five-field cron expression in a time zone, up to an end. */
export interface Plan {
  cron: string;
  timezone: string;
  /** nothing is planned after it */
  endsAt: Date | null;
}

/** What is wrong with a cron expression, in words; undefined when nothing is. */
export function cronFault(cron: string): string | undefined {
  if (cron.trim().split(/\s+/).length !== 5)
    return 'write five fields, minute to day of the week, such as "0 10 * * MON"';
  try {
    CronExpressionParser.parse(cron, { currentDate: new Date(0), tz: "UTC" }).next();
    return undefined;
  } catch (error) {
    return `is no cron expression: ${(error as Error).message}`;
  }
}

/** The first planned instant after `time`; null: there is none any more. */
export function nextOccurrence({ cron, timezone, endsAt }: Plan, time: Date): Date | null {
  const next = CronExpressionParser.parse(cron, { currentDate: time, tz: timezone }).next().toDate();
  return endsAt !== null && next > endsAt ? null : next;
}

/** The last planned instant up to and with `time`. */
export function latestOccurrence({ cron, timezone, endsAt }: Plan, time: Date): Date {
  const until = endsAt !== null && endsAt < time ? endsAt : time;
  const currentDate = new Date(until.getTime() + 1);
  return CronExpressionParser.parse(cron, { currentDate, tz: timezone }).prev().toDate();
}
