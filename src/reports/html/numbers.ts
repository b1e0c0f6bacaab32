import { duration } from "../../cli/output/index.ts";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const THIN_SPACE = "\u202f";

/** `12 345`: thin spaces, so that neither a comma nor a point is taken for the other. */
export function count(value: number): string {
  return whole.format(value).replaceAll(",", THIN_SPACE);
}

/** @param value counts to 100 */
export function percent(value: number): string {
  return `${value.toFixed(1)}${THIN_SPACE}%`;
}

/** A part of a whole in percent; of nothing it is 0. */
export function rate(part: number, of: number): number {
  return of === 0 ? 0 : (100 * part) / of;
}

/** Seconds as people say them; `–` for null. */
export function time(seconds: number | null): string {
  return seconds === null ? "–" : duration(seconds * 1000);
}

/** A coordinate: two decimals are finer than any screen. */
export function at(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** The least of 1, 2, 2.5, 5 times a power of ten that four of make at least `most`, at least 1: gridlines on round numbers. */
export function stepFor(most: number): number {
  const least = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= least * 0.999_999) ?? 10 * power;
  return Math.max(1, Math.ceil(step));
}

/** A text in at most so many characters. */
export function shortened(text: string, most: number): string {
  const signs = [...text];
  return signs.length <= most ? text : `${signs.slice(0, most - 1).join("")}…`;
}
