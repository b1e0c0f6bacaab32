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
  /** at the right end of the name's line; below it where there is no room */
  note: string;
  /** `nested`: over one another, the widest first; otherwise one below the other */
  bars: readonly Bar[];
}

const LONGEST_NAME = 84;
const NESTED = 16;
const THIN = 8;
const PITCH = 15;
/** Where bars have labels behind them: how much of the width is theirs, and the pixels from there to a label's end. */
const LABELLED = { share: 0.8, reach: 52 };

/**
 * Horizontal bars, a name above each: names wrap as text does, bars are in percent, and a page of paper may end between any two.
 * @param id unique on the page: its title and description are named after it
 */
export function barsChart(
  id: string,
  title: string,
  description: string,
  rows: readonly BarRow[],
  form: "nested" | "below" = "below",
): Markup {
  return html`<div class="chart" role="img" aria-labelledby="${id}-t ${id}-d">
<span class="unseen" id="${id}-t">${title}</span><span class="unseen" id="${id}-d">${description}</span>
${rows.map((row) => drawRow(row, form))}</div>`;
}

function drawRow({ name, note, bars }: BarRow, form: "nested" | "below"): Markup {
  const height = form === "nested" ? NESTED : (bars.length - 1) * PITCH + THIN + 2;
  const drawn =
    form === "nested"
      ? html`<rect class="track" x="0" y="0" width="100%" height="${NESTED}" rx="3"/>${bars.map(nested)}`
      : bars.map((bar, n) => below(bar, n * PITCH + 1));
  return html`<div class="row" title="${name}: ${note}"><p class="head"><b>${shortened(name, LONGEST_NAME)}</b> <span class="soft">${note}</span></p>
<svg width="100%" height="${height}">${drawn}</svg></div>
`;
}

function nested({ css, share }: Bar, depth: number): Markup | false {
  if (share <= 0) return false;
  const inset = depth * 2;
  return html`<rect class="${css}" x="0" y="${inset}" width="${at(100 * Math.min(1, share))}%" height="${NESTED - 2 * inset}" rx="2"/>`;
}

function below({ css, share, label }: Bar, top: number): Markup {
  const whole = label === undefined ? 100 : 100 * LABELLED.share;
  const width = whole * Math.min(1, Math.max(0, share));
  return html`<rect class="track" x="0" y="${top}" width="${whole}%" height="${THIN}" rx="2"/>${
    share > 0 &&
    html`<rect class="${css}" x="0" y="${top}" width="${at(Math.max(0.4, width))}%" height="${THIN}" rx="2"/>`
  }${label !== undefined && html`<text class="axis" x="${whole}%" dx="${LABELLED.reach}" y="${top + 8}" text-anchor="end">${label}</text>`}`;
}
