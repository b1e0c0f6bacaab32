import { html, type Markup } from "./markup.ts";
import { at, shortened } from "./numbers.ts";

export interface Bar {
  css: string;
  /** 0 to 1, of the chart's width */
  share: number;
  /** behind it */
  label?: string;
}

export interface BarRow {
  name: string;
  /** at the right end of the name's line */
  note: string;
  /** `nested`: over one another, the widest first; otherwise one below the other */
  bars: readonly Bar[];
}

/** How many characters of a name a narrow page has room for, and any other one. */
const NAME = { narrow: 36, wide: 84 };
const LINE = 20;
const GAP = 14;
const NESTED = 16;
const THIN = 8;
const PITCH = 13;
/** Where bars have labels behind them, the longest leaves room for its own. */
const LABELLED = 0.82;

/** Horizontal bars, a name above each: widths in percent, heights in pixels, so that text keeps its size on any page. */
export function barsChart(
  id: string,
  title: string,
  description: string,
  rows: readonly BarRow[],
  form: "nested" | "below" = "below",
): Markup {
  const heightOf = ({ bars }: BarRow) => (form === "nested" ? NESTED : bars.length * PITCH);
  let y = 0;
  const drawn = rows.map((row) => {
    const markup = drawRow(row, y, form);
    y += LINE + heightOf(row) + GAP;
    return markup;
  });
  return html`<svg class="chart" width="100%" height="${Math.max(1, y - GAP + 2)}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${drawn}
</svg>`;
}

function drawRow(row: BarRow, y: number, form: "nested" | "below"): Markup {
  const top = y + LINE;
  return html`<g><title>${row.name}: ${row.note}</title>
${nameOf(row.name, y + 14)}<text class="note" x="100%" y="${y + 14}" text-anchor="end">${row.note}</text>
${form === "nested" && html`<rect class="track" x="0" y="${top}" width="100%" height="${NESTED}" rx="3"/>`}
${row.bars.map((bar, n) => (form === "nested" ? nested(bar, n, top) : below(bar, top + n * PITCH)))}</g>
`;
}

function nameOf(name: string, y: number): Markup {
  const text = (css: string, most: number) =>
    html`<text class="name ${css}" x="0" y="${y}">${shortened(name, most)}</text>`;
  if ([...name].length <= NAME.narrow) return text("", NAME.narrow);
  return html`${text("on-narrow", NAME.narrow)}${text("on-wide", NAME.wide)}`;
}

function nested({ css, share }: Bar, depth: number, top: number): Markup | false {
  if (share <= 0) return false;
  const inset = depth * 2;
  return html`<rect class="${css}" x="0" y="${top + inset}" width="${at(100 * Math.min(1, share))}%" height="${NESTED - 2 * inset}" rx="2"/>`;
}

function below({ css, share, label }: Bar, top: number): Markup {
  const width = 100 * Math.min(1, Math.max(0, share)) * (label === undefined ? 1 : LABELLED);
  return html`<rect class="track" x="0" y="${top}" width="${label === undefined ? 100 : 100 * LABELLED}%" height="${THIN}" rx="2"/>${
    share > 0 &&
    html`<rect class="${css}" x="0" y="${top}" width="${at(Math.max(0.4, width))}%" height="${THIN}" rx="2"/>`
  }${label !== undefined && html`<text class="axis" x="100%" y="${top + 8}" text-anchor="end">${label}</text>`}`;
}
