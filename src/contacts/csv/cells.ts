import { isTimezone } from "../../organizations/create.ts";

// Each reads one cell, trimmed and not empty; undefined means that it is none.

/** @returns true or false; a date says since when, so it is a yes, and 0000-00-00 (MySQL's empty date) a no */
export function yesOrNo(text: string): boolean | undefined {
  if (/^(?:ja|j|yes|y|true|waar|1|x|v|✓)$/i.test(text)) return true;
  if (/^(?:nee|n|no|false|onwaar|0|-|0000-00-00.*)$/i.test(text)) return false;
  return isDate(text) ? true : undefined;
}

/** Year, month, day or day, month, year (or month, day), and perhaps a time. */
function isDate(text: string): boolean {
  const [, first = "", second = "", third = ""] =
    /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:[T ,].*)?$/.exec(text)?.toSpliced(2, 1) ?? [];
  const [year, day] = first.length === 4 ? [first, third] : [third, first];
  const isYear = year.length === 2 || (year.length === 4 && Number(year) >= 1990 && Number(year) < 2200);
  const [one, other] = [Number(day), Number(second)].sort((a, b) => a - b) as [number, number];
  return isYear && one >= 1 && one <= 12 && other <= 31;
}

const INSTANT =
  /^(\d{4}-\d\d-\d\d)([T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?))?$/;

/**
 * When a yes was said, as PostgreSQL reads it, of what can be read in one way only: a time with its offset, or a day as year,
 * month, day (noon of it in UTC, which is that day nearly everywhere).
 */
export function instantOf(text: string): string | null {
  const [, day = "", time] = INSTANT.exec(text) ?? [];
  if (!isDate(day) || !isOfCalendar(day)) return null;
  return time === undefined ? `${day} 12:00Z` : text;
}

/** No 30th of February. */
function isOfCalendar(day: string): boolean {
  const midnight = new Date(`${day}T00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

const LANGUAGES = new Map([
  ["nederlands", "nl"],
  ["dutch", "nl"],
  ["vlaams", "nl"],
  ["engels", "en"],
  ["english", "en"],
  ["duits", "de"],
  ["deutsch", "de"],
  ["german", "de"],
  ["frans", "fr"],
  ["français", "fr"],
  ["french", "fr"],
]);

/** As Meta writes them: `nl`, `en_US`; nl-NL and Nederlands are understood. */
export function languageCode(text: string): string | undefined {
  const [, language = "", country] = /^([a-z]{2,3})(?:[-_]([a-z]{2}))?$/i.exec(text) ?? [];
  if (language === "") return LANGUAGES.get(text.toLowerCase());
  return country === undefined
    ? language.toLowerCase()
    : `${language.toLowerCase()}_${country.toUpperCase()}`;
}

export function emailAddress(text: string): string | undefined {
  return text.length <= 254 && /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/.test(text) ? text : undefined;
}

/** Meta's business-scoped user id: a country and letters or digits (contacts.bsuid in the schema). */
export function businessScopedUserId(text: string): string | undefined {
  return /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/.test(text) ? text : undefined;
}

const LONGEST_TAG = 100;

/** Separated by `;`, `,` or `|`, each once; one that holds such a sign stands in double quotes. */
export function tagsOf(text: string): string[] | undefined {
  return namesOf(text, TAG, LONGEST_TAG);
}

const TAG = /"(?:[^"]|"")*"|[^;,|"][^;,|]*/g;
const LIST = /"(?:[^"]|"")*"|[^;"][^;]*/g;

function namesOf(text: string, pattern: RegExp, longest: number): string[] | undefined {
  if (!text.includes('"') && !/[;,|]/.test(text)) return text.length > longest ? undefined : [text];
  const names = new Set([...text.matchAll(pattern)].map(([name]) => unquoted(name.trim())));
  names.delete("");
  return [...names].some((name) => name.length > longest) ? undefined : [...names];
}

function unquoted(name: string): string {
  return /^".*"$/s.test(name) && name.length > 1 ? name.slice(1, -1).replaceAll('""', '"').trim() : name;
}

const LONGEST_LIST_NAME = 200;

export function listName(text: string): string | undefined {
  return text.length <= LONGEST_LIST_NAME ? text : undefined;
}

/** Separated by `;`, each once; one that holds such a sign, or a quote, stands in double quotes. */
export function listNames(text: string): string[] | undefined {
  return namesOf(text, LIST, LONGEST_LIST_NAME);
}

/** A JSON object that a jsonb column takes, not deeper than any use of it. */
export function attributesOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isObject || !canBeKept(value, DEEPEST) || holdsRounded(text)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** A whole number that JSON.parse has made another one: a customer's number of twenty digits ends in zeros then. */
function holdsRounded(json: string): boolean {
  if (!/\d{16}/.test(json)) return false;
  const numbers = json.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g) ?? [];
  return numbers.some((number) => String(Number(number)) !== number);
}

const DEEPEST = 50;

function canBeKept(value: unknown, deepest: number): boolean {
  if (typeof value === "string") return !/[\0\p{Surrogate}]/u.test(value);
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (deepest === 0 || Object.hasOwn(value, "__proto__")) return false;
  return Object.entries(value).every(
    ([name, part]) => canBeKept(name, deepest) && canBeKept(part, deepest - 1),
  );
}

/** Zones that files name are few, and each costs a good part of a millisecond to check. */
export function timezoneReader(): (text: string) => string | undefined {
  const known = new Map<string, boolean>();
  return (text) => {
    const isZone = known.get(text) ?? isTimezone(text);
    if (known.size < 1_000) known.set(text, isZone);
    return isZone ? text : undefined;
  };
}

/**
 * A cell without our own guard (a quote before what a spreadsheet would run) and without space around it. Exports guard
 * what begins with quotes and such a sign too, so one quote is taken off and a round trip loses nothing.
 */
export function plain(cell: string): string {
  return (isGuarded(cell) ? cell.slice(1) : cell).trim();
}

export function isGuarded(cell: string): boolean {
  return cell.charCodeAt(0) === 39 && /^'+[=+\-@\t\r]/.test(cell);
}

/** The parts of a name as they are written in separate columns, or in one. */
export interface WrittenName {
  first: string;
  infix: string;
  last: string;
  full: string;
}

/**
 * First and last name. A full name counts for what the other columns leave open: beside a first name alone it is the
 * last name (Flemish: Voornaam and Naam), or holds both.
 */
export function splitName({ first, infix, last, full }: WrittenName): [first: string, last: string] {
  const family = [infix, last].filter((part) => part !== "").join(" ");
  if (full === "" || last !== "") return [first, family];
  if (first === "") return splitFullName(full);
  const begins = full.toLowerCase().startsWith(`${first.toLowerCase()} `);
  const rest = begins ? full.slice(first.length).trim() : full;
  return [first, rest === first ? family : [infix, rest].filter((part) => part !== "").join(" ")];
}

/** "Jan de Vries"; "Vries, Jan de" and "de Vries, Jan" */
function splitFullName(full: string): [first: string, last: string] {
  const [family = "", given = "", ...more] = full.split(",").map((part) => part.trim());
  if (given === "" || more.length > 0) {
    const [first = "", ...rest] = full.split(/\s+/);
    return [first, rest.join(" ")];
  }
  const [, first = "", infix = ""] = /^(.*?)((?:\s+\p{Ll}\S*)*)$/u.exec(given) ?? [];
  return [first, `${infix} ${family}`.trim()];
}
