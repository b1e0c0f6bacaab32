import { existsSync, readFileSync } from "node:fs";
import { UserError } from "../errors.ts";

/** `{"mon": [["09:00", "17:30"]], …, "holidays": ["2026-12-25"]}`; a window that ends before it starts runs over midnight. */
export type BusinessHours = Record<string, unknown>;

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Every fault of the hours, in words; [] when they are right. */
export function checkBusinessHours(hours: BusinessHours): string[] {
  return Object.entries(hours).flatMap(([key, value]) => {
    if (key === "holidays") return checkHolidays(value);
    if (!DAYS.includes(key))
      return [`business hours: "${key}" is no day; write mon, tue, wed, thu, fri, sat, sun or holidays`];
    if (!Array.isArray(value))
      return [`business hours: ${key} must be a list of windows, such as [["09:00", "17:30"]]`];
    return value.flatMap((window) => checkWindow(key, window));
  });
}

function checkWindow(day: string, window: unknown): string[] {
  const [from, to] = Array.isArray(window) ? window : [];
  const right =
    Array.isArray(window) &&
    window.length === 2 &&
    isTime(from) &&
    (isTime(to) || to === "24:00") &&
    from !== to;
  return right ? [] : [`business hours: ${day} has ${JSON.stringify(window)}; write ["09:00", "17:30"]`];
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && TIME.test(value);
}

function checkHolidays(value: unknown): string[] {
  if (!Array.isArray(value)) return ["business hours: holidays must be a list of dates"];
  return value
    .filter((day) => !isDate(day))
    .map((day) => `business hours: ${JSON.stringify(day)} is no date; write "2026-12-25"`);
}

/** Date.parse takes the 31st of February for the 3rd of March. */
function isDate(value: unknown): boolean {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

/**
 * From a flag: JSON, or the name of a file with it.
 * @throws UserError when it is neither
 */
export function readBusinessHours(text: string): BusinessHours {
  try {
    const json = existsSync(text) ? readFileSync(text, "utf8") : text;
    const hours: unknown = JSON.parse(json);
    if (typeof hours === "object" && hours !== null && !Array.isArray(hours)) return hours as BusinessHours;
  } catch {
    // said below
  }
  throw new UserError("--business-hours takes a JSON object, or a file with one", {
    hint: `For example '{"mon":[["09:00","17:30"]],"holidays":["2026-12-25"]}'`,
  });
}
