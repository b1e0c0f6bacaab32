import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { settingsOf } from "./definition.ts";
import text from "./preview.sql";
import { activeCopy, type Rehearsal, readSubject, rehearse, type Source, type Subject } from "./preview.ts";

const sql = namedQueries(text, "calendar", "enter", "tagged", "room", "closeDue");

/** A drip's messages by local day, for the people of whom it is known that they get them. */
export interface Outlook {
  drip: string;
  /** whose messages these are; null: nobody knows who will enter */
  people: number | null;
  /** people who could not enter, by why */
  refused: Record<string, number>;
  sender: string | null;
  /** messages that the sender can send in a day, by its throughput and its portfolio's limit; null without a sender */
  possible: number | null;
  days: OutlookDay[];
  warnings: string[];
}

export interface OutlookDay {
  date: string;
  messages: number;
  /** in percent of what the sender can send in a day */
  share: number | null;
}

interface Calendar {
  now: Date;
  dates: string[];
  until: Date;
}

/**
 * Messages by day of everyone who is in the drip now; of a draft or a file, of those who have its trigger's tag. Some
 * thousand messages at a time, never one by one. Answers, exits and conditions are not foreseen: each step counts as sent.
 * @throws UserError (4) for a drip that does not exist
 */
export async function previewDays(
  { database, identity, organization }: Rehearsal,
  source: Source,
  days: number,
): Promise<Outlook> {
  const { subject, calendar, audience } = await database.transaction(identity, async (tx) => {
    const read = await readSubject(tx, organization.id, source);
    return {
      subject: read,
      calendar: (await tx.one<Calendar>(sql.calendar, [organization.id, days])) as Calendar,
      audience: await audienceOf(tx, organization.id, read),
    };
  });
  const played = await rehearse(database, async (tx) => {
    const copy = await activeCopy(tx, organization.id, subject, { contactId: null, at: calendar.now });
    const refused = await enterAll(tx, organization.id, copy, audience ?? [], calendar.now);
    const room = (await tx.one<Room>(sql.room, [copy])) as Room;
    return { ...room, refused, messages: await messagesByDay(tx, copy, calendar) };
  });
  const { people, refused, sender, possible, messages } = played;
  return {
    drip: subject.name,
    people: audience === null ? null : people,
    refused,
    sender,
    possible,
    days: calendar.dates.map((date) => dayOf(date, messages.get(date) ?? 0, possible)),
    warnings: [...subject.warnings, ...warningsOf(subject, audience)],
  };
}

interface Room {
  people: number;
  sender: string | null;
  possible: number | null;
}

/** Who would enter a draft or a file when it becomes active; nobody new enters one that runs. Null: that cannot be known */
async function audienceOf(
  tx: Transaction,
  organizationId: string,
  { saved, definition }: Subject,
): Promise<string[] | null> {
  if (saved !== null && saved.status !== "draft") return [];
  const trigger = definition?.trigger;
  if (trigger?.type !== "tag_added" || trigger.tag === undefined) return null;
  const people = await tx.query<{ id: string }>(sql.tagged, [organizationId, trigger.tag]);
  return people.map(({ id }) => id);
}

async function enterAll(
  tx: Transaction,
  organizationId: string,
  copy: string,
  contactIds: readonly string[],
  at: Date,
): Promise<Record<string, number>> {
  if (contactIds.length === 0) return {};
  const rows = await tx.query<{ reason: string | null; count: number }>(sql.enter, [
    organizationId,
    copy,
    contactIds,
    at,
  ]);
  return Object.fromEntries(
    rows.filter(({ reason }) => reason !== null).map(({ reason, count }) => [reason, count]),
  );
}

/** Planning grows faster than its people in one statement: some thousand at a time stay in proportion. */
const AT_ONCE = 5000;

/** Each round closes open steps at their own times, which plans the next ones from there. */
async function messagesByDay(
  tx: Transaction,
  copy: string,
  { now, until }: Calendar,
): Promise<Map<string, number>> {
  const byDay = new Map<string, number>();
  for (;;) {
    const round = await tx.query<{ date: string; messages: number }>(sql.closeDue, [
      copy,
      now,
      until,
      AT_ONCE,
    ]);
    if (round.length === 0) return byDay;
    for (const { date, messages } of round) byDay.set(date, (byDay.get(date) ?? 0) + messages);
  }
}

function dayOf(date: string, messages: number, possible: number | null): OutlookDay {
  return {
    date,
    messages,
    share: possible === null ? null : Math.round((10_000 * messages) / possible) / 100,
  };
}

function warningsOf({ definition }: Subject, audience: string[] | null): string[] {
  const foresees =
    definition !== null && (settingsOf(definition).stopOnReply || definition.exitWhen.length > 0);
  return [
    ...(audience === null
      ? ["nobody knows yet who will enter: its trigger names no tag that people have"]
      : []),
    ...(foresees || definition?.steps.some(({ when }) => when !== undefined)
      ? ["answers, exits and conditions are not foreseen: there may be fewer"]
      : []),
  ];
}
