import { html, type Markup } from "./markup.ts";
import { at, count, stepFor } from "./numbers.ts";

/** One column: a day, or a run of days. */
export interface ChartColumn {
  /** below it, where there is room */
  label: string;
  /** when pointed at, before the values */
  title: string;
  /** each within the one before it: sent, delivered, read, replied */
  values: readonly number[];
}

export interface Series {
  name: string;
  /** its class in the style sheet */
  css: string;
}

const HEIGHT = 220;
const TOP = 18;
const BOTTOM = 24;
const LABELS = 7;

/**
 * Columns over time, the series inside one another. Widths are in percent, so it fills any page without its text being
 * stretched; every second label gives way on a narrow one.
 * @param id unique on the page: its title and description are named after it
 */
export function columnsChart(
  id: string,
  title: string,
  description: string,
  series: readonly Series[],
  columns: readonly ChartColumn[],
): Markup {
  const most = Math.max(0, ...columns.flatMap(({ values }) => values));
  const step = stepFor(most);
  const top = step * Math.max(1, Math.ceil(most / step));
  const y = (value: number) => TOP + HEIGHT * (1 - value / top);
  const slot = 100 / Math.max(1, columns.length);
  const each = Math.max(1, Math.ceil(columns.length / LABELS));
  return html`<svg class="chart" width="100%" height="${TOP + HEIGHT + BOTTOM}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${values(top, step).map((value) => gridline(y(value)))}
${columns.map(
  (column, n) => html`<g class="column"><title>${tip(column, series)}</title>
<rect class="touch" x="${at(n * slot)}%" y="${TOP}" width="${at(slot)}%" height="${HEIGHT}"/>
${series.map(({ css }, s) => bar(css, n * slot, slot, s, column.values[s] ?? 0, y))}</g>
${n % each === 0 && label(column.label, n, slot, (n / each) % 2 === 1)}`,
)}
${values(top, step).map((value) => value > 0 && html`<text class="axis over" x="0" y="${at(y(value) - 4)}">${count(value)}</text>`)}
</svg>`;
}

function values(top: number, step: number): number[] {
  return Array.from({ length: Math.round(top / step) + 1 }, (_, n) => n * step);
}

function gridline(y: number): Markup {
  return html`<line class="grid" x1="0" x2="100%" y1="${at(y)}" y2="${at(y)}"/>`;
}

/** The inner ones are narrower, so that each is seen where values are alike. */
function bar(
  css: string,
  x: number,
  slot: number,
  depth: number,
  value: number,
  y: (value: number) => number,
): Markup | false {
  if (value <= 0) return false;
  const inset = slot * (0.14 + depth * 0.08);
  const height = Math.max(1, y(0) - y(value));
  return html`<rect class="${css}" x="${at(x + inset)}%" y="${at(y(0) - height)}" width="${at(slot - 2 * inset)}%" height="${at(height)}" rx="1"/>`;
}

function label(text: string, n: number, slot: number, isMinor: boolean): Markup {
  const css = isMinor ? "axis minor" : "axis";
  const isFirst = n === 0 && slot < 12;
  const x = isFirst ? "0" : `${at((n + 0.5) * slot)}%`;
  const anchor = isFirst ? "start" : (n + 0.5) * slot > 94 ? "end" : "middle";
  return html`<text class="${css}" x="${x}" y="${TOP + HEIGHT + 17}" text-anchor="${anchor}">${text}</text>`;
}

function tip(column: ChartColumn, series: readonly Series[]): string {
  return `${column.title}: ${series.map(({ name }, s) => `${name.toLowerCase()} ${count(column.values[s] ?? 0)}`).join(", ")}`;
}
