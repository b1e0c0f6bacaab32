import { DateTime } from "luxon";
import { type Forecast, forecastOf, type Work } from "./forecast.ts";

/** What holds a sending up beside its own pace, as it is now. */
export interface Circumstances {
  timezone: string;
  /** the organization's, where the campaign keeps to them */
  businessHours: Record<string, unknown> | null;
  /** nothing between these local times */
  quietHours: readonly [string, string] | null;
  /** unique people in 24 hours of the portfolio; null: none binds */
  messagingLimit: number | null;
  /** whom the portfolio reached, by how many hours ago */
  reached: readonly { hoursAgo: number; people: number }[];
  /** first messages that other running campaigns of the sender still have */
  ahead: number;
}

/** A forecast with hours, limits and the sender's other campaigns. */
export interface Outlook extends Omit<Forecast, "seconds" | "finishesAt"> {
  /** null: not within 90 days */
  seconds: number | null;
  finishesAt: Date | null;
  /** what makes it later than its own pace would */
  heldUpBy: ("business_hours" | "quiet_hours" | "messaging_limit" | "other_campaigns")[];
}

const STEP_SECONDS = 600;
const MOST_STEPS = (90 * 86_400) / STEP_SECONDS;
const DAY_STEPS = 86_400 / STEP_SECONDS;

/**
 * Goes through the time ahead in steps of ten minutes. Everybody counts as one whom the portfolio did not reach yet, and as
 * living in the organization's time zone; other campaigns take their fair share until they are done.
 */
export function outlookOf(work: Work, circumstances: Circumstances): Outlook {
  const plain = forecastOf(work);
  const { businessHours, quietHours, messagingLimit, ahead } = circumstances;
  const isFree = businessHours === null && quietHours === null && messagingLimit === null && ahead === 0;
  if (isFree || plain.messages === 0) return { ...plain, heldUpBy: [] };
  return walked(work, plain, circumstances);
}

/** The outlook of a campaign, by what its settings keep to. */
export function outlookWith(
  work: Work,
  {
    respectBusinessHours,
    quietHours,
  }: { respectBusinessHours: boolean; quietHours: Circumstances["quietHours"] },
  circumstances: Circumstances,
): Outlook {
  const { businessHours } = circumstances;
  const binding = respectBusinessHours && Object.keys(businessHours ?? {}).length > 0 ? businessHours : null;
  return outlookOf(work, { ...circumstances, businessHours: binding, quietHours });
}

function walked(work: Work, plain: Forecast, circumstances: Circumstances): Outlook {
  const heldUpBy = new Set<Outlook["heldUpBy"][number]>();
  const pace = plain.seconds > 0 ? plain.messages / plain.seconds : work.throughput;
  const spent = reachedBefore(circumstances);
  let left = work.messages;
  let { ahead } = circumstances;
  for (let step = 0; step < MOST_STEPS; step++) {
    const at = work.startsAt.getTime() + step * STEP_SECONDS * 1000;
    const closed = closedBy(new Date(at), circumstances);
    const own = ahead > 0 ? Math.min(pace, work.throughput / 2) : pace;
    if (own < pace) heldUpBy.add("other_campaigns");
    const others = Math.min(ahead, (work.throughput / 2) * STEP_SECONDS);
    ahead -= others;
    const room = roomAt(step, spent, circumstances.messagingLimit);
    const wanted = closed === undefined ? Math.min(left, own * STEP_SECONDS) : 0;
    if (closed !== undefined) heldUpBy.add(closed);
    if (wanted > room) heldUpBy.add("messaging_limit");
    const sent = Math.min(wanted, room);
    spent.push({ step, people: sent + (circumstances.messagingLimit === null ? 0 : others) });
    left -= sent;
    if (left < 0.5) {
      const seconds = Math.ceil(step * STEP_SECONDS + sent / own);
      const later = Math.max(seconds, plain.seconds);
      return {
        ...plain,
        seconds: later,
        finishesAt: new Date(work.startsAt.getTime() + later * 1000),
        heldUpBy: [...heldUpBy],
      };
    }
  }
  return { ...plain, seconds: null, finishesAt: null, heldUpBy: [...heldUpBy] };
}

interface Spent {
  step: number;
  people: number;
}

function reachedBefore({ reached }: Circumstances): Spent[] {
  const stepsAnHour = 3600 / STEP_SECONDS;
  return reached
    .map(({ hoursAgo, people }) => ({ step: -Math.max(1, Math.floor(hoursAgo * stepsAnHour)), people }))
    .sort((a, b) => a.step - b.step);
}

/** Drops what is a day old from the front, and says how many more people there is room for. */
function roomAt(step: number, spent: Spent[], limit: number | null): number {
  if (limit === null) return Number.POSITIVE_INFINITY;
  while (spent[0] !== undefined && spent[0].step <= step - DAY_STEPS) spent.shift();
  return Math.max(0, limit - spent.reduce((sum, { people }) => sum + people, 0));
}

function closedBy(
  at: Date,
  { timezone, businessHours, quietHours }: Circumstances,
): Outlook["heldUpBy"][number] | undefined {
  if (businessHours === null && quietHours === null) return undefined;
  const local = DateTime.fromJSDate(at, { zone: timezone });
  const time = local.toFormat("HH:mm");
  if (quietHours !== null && isBetween(time, quietHours[0], quietHours[1])) return "quiet_hours";
  if (businessHours !== null && !isOpen(local, time, businessHours)) return "business_hours";
  return undefined;
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function isOpen(local: DateTime, time: string, hours: Record<string, unknown>): boolean {
  const windowsOf = (day: DateTime): [string, string][] =>
    ((hours.holidays as string[] | undefined) ?? []).includes(day.toISODate() ?? "")
      ? []
      : ((hours[DAYS[day.weekday - 1] as string] as [string, string][] | undefined) ?? []);
  const isNow = windowsOf(local).some(([from, to]) => (from < to ? time >= from && time < to : time >= from));
  return isNow || windowsOf(local.minus({ days: 1 })).some(([from, to]) => to <= from && time < to);
}

/** Over midnight too. */
function isBetween(time: string, from: string, to: string): boolean {
  return from < to ? time >= from && time < to : time >= from || time < to;
}
