import type { Kind } from "./columns.ts";
import { duration, localTime } from "./times.ts";
import { visible } from "./visible.ts";

const NOTHING = "–";
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$/;
const twoDigits = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

/**
 * A value as a person reads it in a table: local times, rates with a percent sign, lists with commas, hidden
 * characters visible, and `–` where there is nothing.
 * @param timeZone IANA
 */
export function shown(value: unknown, as: Kind | undefined, timeZone: string): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  if (value instanceof Date) return localTime(value, timeZone, as === "date") ?? NOTHING;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return joined(value.map((item) => shown(item, undefined, timeZone)));
  if (typeof value === "object") return joined(entriesOf(value, timeZone));
  return (as === "text" ? undefined : numeric(value, as)) ?? written(String(value), as, timeZone);
}

function entriesOf(value: object, timeZone: string): string[] {
  return Object.entries(value).map(([key, item]) => `${visible(key)} ${shown(item, undefined, timeZone)}`);
}

function joined(parts: readonly string[]): string {
  return parts.length === 0 ? NOTHING : parts.join(", ");
}

/** Numbers, and text that stands for one where the column says number, percent or a duration. */
function numeric(value: unknown, as: Kind | undefined): string | undefined {
  const counts = as === "number" || as === "percent" || as === "duration" || as === "seconds";
  if (typeof value !== "number" && typeof value !== "bigint" && !counts) return undefined;
  const number = Number(value);
  if (!Number.isFinite(number)) return typeof value === "number" ? NOTHING : undefined;
  if (as === "percent") return `${number.toFixed(1)} %`;
  if (as === "seconds") return number === 0 ? "0 s" : duration(number * 1000);
  return as === "duration" ? duration(number) : grouped(number);
}

/** `12345.678` -> `12 345.68` */
export function grouped(number: number): string {
  return twoDigits.format(number).replaceAll(",", " ");
}

/** Times inside JSON of the database are text: they are local in tables all the same. */
function written(text: string, as: Kind | undefined, timeZone: string): string {
  const instant = (as === "time" || as === "date") && INSTANT.test(text);
  return (instant ? localTime(new Date(text), timeZone, as === "date") : undefined) ?? visible(text);
}
