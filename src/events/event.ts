import { isContactId } from "../audience/condition.ts";
import { nearest } from "../cli/near.ts";
import type { PhoneReader } from "../contacts/phone.ts";
import { LONGEST_EVENT_NAME } from "../definitions/triggers.ts";
import { isObject } from "./action.ts";

/** Events that somebody tells; the others come by themselves. */
export const TOLD_TYPES = ["custom_event", "api"] as const;
export type ToldType = (typeof TOLD_TYPES)[number];

/** An event as a line of a file tells it. One of phone, bsuid and id says whose it is. */
export interface ToldEvent {
  line: number;
  phone: string | null;
  bsuid: string | null;
  id: string | null;
  name: string;
  data: string;
  eventId: string | null;
  occurredAt: Date | null;
}

export interface BadLine {
  line: number;
  reason: string;
}

const FIELDS = ["event", "contact", "data", "eventId", "occurredAt"];
const BSUID = /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const LONGEST_ID = 200;

/** What a line says, or why it says nothing. */
export function readEvent(line: number, text: string, readPhone: PhoneReader): ToldEvent | BadLine {
  try {
    return { line, ...checked(parsed(text), readPhone) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { line, reason: error.message };
  }
}

class Fault extends Error {}

function parsed(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault("is no JSON");
  }
  if (!isObject(value)) throw new Fault("is no JSON object");
  const strange = Object.keys(value).find((key) => !FIELDS.includes(key));
  if (strange === undefined) return value;
  const [near] = nearest(strange, FIELDS, 1);
  throw new Fault(`${strange} is not a known field${near === undefined ? "" : `; did you mean ${near}?`}`);
}

function checked(
  { event, contact, data, eventId, occurredAt }: Record<string, unknown>,
  readPhone: PhoneReader,
): Omit<ToldEvent, "line"> {
  return {
    name: eventName(event),
    ...whose(contact, readPhone),
    data: eventData(data ?? {}),
    eventId: eventId === undefined || eventId === null ? null : word("eventId", eventId, LONGEST_ID),
    occurredAt: occurredAt === undefined || occurredAt === null ? null : instant(occurredAt),
  };
}

function eventName(value: unknown): string {
  return word("event", value, LONGEST_EVENT_NAME);
}

function word(field: string, value: unknown, longest: number): string {
  if (value === undefined || value === null) throw new Fault(`${field} is missing`);
  if (typeof value !== "string") throw new Fault(`${field} must be text`);
  const text = value.trim();
  if (text === "") throw new Fault(`${field} is empty`);
  if (text.length > longest) throw new Fault(`${field} is longer than ${longest} characters`);
  if (!canBeKept(text)) throw new Fault(`${field} has a character in it that is none`);
  return text;
}

function whose(value: unknown, readPhone: PhoneReader): Pick<ToldEvent, "phone" | "bsuid" | "id"> {
  const text = word("contact", value, LONGEST_ID);
  const nobody = { phone: null, bsuid: null, id: null };
  if (isContactId(text)) return { ...nobody, id: text };
  if (BSUID.test(text)) return { ...nobody, bsuid: text };
  const reading = readPhone(text);
  if ("reason" in reading) throw new Fault(`contact ${reading.reason}`);
  return { ...nobody, phone: reading.phone };
}

function eventData(value: unknown): string {
  if (!isObject(value)) throw new Fault("data must be an object");
  const text = JSON.stringify(value);
  if (!canBeKept(text) || /\\u(0000|d[89ab])/i.test(text.replaceAll("\\\\", "")))
    throw new Fault("data has a character in it that is none");
  return text;
}

function instant(value: unknown): Date {
  const date = typeof value === "string" && INSTANT.test(value) ? new Date(value) : undefined;
  if (date === undefined || Number.isNaN(date.getTime()))
    throw new Fault("occurredAt must be a time with an offset, such as 2026-11-27T10:00:00+01:00");
  return date;
}

/** PostgreSQL's text and jsonb take neither NUL nor half of a pair. */
function canBeKept(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}
