// What may stand in somebody else's JSON, and how much of it is kept.

export type Json = Record<string, unknown>;

/** Printable and short enough for an index; Meta's message ids have some sixty characters. */
export const MESSAGE_ID = /^[\x21-\x7e]{1,512}$/;
/** A business-scoped user id (reference §9). */
export const BSUID = /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/;
export const NUMBER_ID = /^\d{1,32}$/;

const DEEPEST = 8;
const WIDEST = 100;
const LONGEST_TEXT = 4_096;
const LARGEST = 32_768;

export function record(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** What is of a kind that we know, and cannot be read: what it is and what it lacks. The raw body is kept, and says so. */
export type Unread = string;

/** The items of a list that may be missing; what is no list is one item that nobody can read. */
export function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function matching(pattern: RegExp, value: unknown): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

/** An id, which Meta writes as text, and others as a number. */
export function idOf(pattern: RegExp, value: unknown): string | undefined {
  return matching(pattern, Number.isSafeInteger(value) ? String(value) : value);
}

/** Text as PostgreSQL takes it, also inside JSON: no NUL, no half of a surrogate pair, not long. */
export function plain(value: unknown, longest = 500): string | null {
  if (typeof value !== "string") return null;
  return value
    .slice(0, longest)
    .replaceAll("\u0000", "")
    .replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Text in Meta's bodies; between 1970 and the year 5138, so that it is no count of milliseconds. */
export function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === "string" || typeof value === "number" ? Number(value) : 0;
  return seconds >= 1 && seconds < 1e11 ? seconds : undefined;
}

/** A copy that a jsonb column takes: what is too deep, too wide or too much is null there. */
export function bounded(value: Json): Json {
  let left = LARGEST;
  const copy = (part: unknown, depth: number): unknown => {
    left -= 8 + (typeof part === "string" ? part.length : 0);
    if (left < 0 || depth > DEEPEST) return null;
    if (typeof part === "string") return plain(part, LONGEST_TEXT);
    if (Array.isArray(part)) return part.slice(0, WIDEST).map((item) => copy(item, depth + 1));
    return record(part) === undefined ? part : copyRecord(part as Json, depth);
  };
  const copyRecord = (from: Json, depth: number): Json =>
    Object.fromEntries(
      Object.entries(from)
        .slice(0, WIDEST)
        .map(([key, item]) => [plain(key, 100), copy(item, depth + 1)]),
    );
  return copyRecord(value, 0);
}
