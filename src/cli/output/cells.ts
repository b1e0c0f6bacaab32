import type { Kind } from "./columns.ts";
import { visible } from "./visible.ts";

/** A value as a person reads it: local times, rates with a percent sign, lists with commas. */
export function shown(value: unknown, as: Kind | undefined, timeZone: string): string {
  if (value === null || value === undefined || value === "") return "–";
  if (value instanceof Date) return localTime(value, timeZone, as === "date");
  if (as === "percent") return `${Number(value).toFixed(1)} %`;
  if (as === "duration") return duration(Number(value));
  if (typeof value === "number") return value.toLocaleString("en-US", { maximumFractionDigits: 2 }).replaceAll(",", " ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((item) => shown(item, undefined, timeZone)).join(", ") || "–";
  if (typeof value === "object") {
    return Object.entries(value).map(([key, item]) => `${key} ${shown(item, undefined, timeZone)}`).join(", ") || "–";
  }
  return visible(String(value));
}

/** `2026-11-27 10:00`, in the given zone. */
function localTime(time: Date, timeZone: string, dateOnly: boolean): string {
  const text = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(time);
  return dateOnly ? text.slice(0, 10) : text;
}

/** Milliseconds as `850 ms`, `12.3 s` or `4 min`. */
function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 120_000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 60_000)} min`;
}

const FORMULA = /^[=+\-@\t\r]/;
const E164 = /^\+[1-9]\d{6,14}$/;

/** A value as CSV holds it, guarded so that no spreadsheet runs it (design: formats, CSV out). */
export function csvCell(value: unknown, as: Kind | undefined): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  const text = value instanceof Date ? value.toISOString() : Array.isArray(value) ? value.join(";") : typeof value === "object" ? JSON.stringify(value) : String(value);
  return FORMULA.test(text) && !(as === "phone" && E164.test(text)) ? `'${text}` : text;
}
