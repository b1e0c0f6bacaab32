import type { Column } from "../cli/output/index.ts";
import type { Timetable, TimetableStep } from "./preview-contact.ts";
import type { OutlookDay } from "./preview-days.ts";

/** What scripts read. */
export const timetableColumns: Column<Timetable>[] = [
  { key: "drip" },
  { key: "contact" },
  { key: "refused" },
  { key: "steps" },
  { key: "end" },
  { key: "exitReason" },
  { key: "endsAt" },
  { key: "warnings" },
];

export const stepColumns: Column<TimetableStep>[] = [
  { key: "step" },
  { key: "at", as: "time" },
  { key: "delay", title: "After" },
  { key: "outcome", title: "Would be" },
  { key: "reason", title: "Why" },
  { key: "text", title: "Would read" },
];

/** How a timetable ends, in words. */
export function endOf({ end, exitReason, endsAt }: Timetable): string {
  if (endsAt === null) return `Then ${end}: it waits.`;
  return `Then ${end}${exitReason === null ? "" : ` (${exitReason})`}.`;
}

export const dayColumns: Column<OutlookDay>[] = [{ key: "date" }, { key: "messages" }, { key: "share" }];

const LONGEST_BAR = 30;

export interface DayLine extends OutlookDay {
  bar: string;
}

/** A chart: the busiest day has the longest bar, and whoever has a message at all has a part of one. */
export function dayLinesOf(days: readonly OutlookDay[]): DayLine[] {
  const most = Math.max(1, ...days.map(({ messages }) => messages));
  return days.map((day) => ({ ...day, bar: "█".repeat(Math.ceil((LONGEST_BAR * day.messages) / most)) }));
}

export const dayLineColumns: Column<DayLine>[] = [
  { key: "date", as: "date" },
  { key: "messages" },
  { key: "bar", title: "" },
  { key: "share", title: "Of the sender's day", as: "percent" },
];
