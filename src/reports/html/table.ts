import { html, type Markup } from "./markup.ts";

export interface TableColumn<Row> {
  title: string;
  cell: (row: Row) => string;
  /** to the right, with figures of one width */
  isNumber?: boolean;
  /** sentences: on a narrow page below the others of its row */
  isProse?: boolean;
}

/** A table with a caption for those who hear it; wider than the page, it scrolls within itself. */
export function table<Row>(
  caption: string,
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): Markup {
  const css = ({ isNumber, isProse }: TableColumn<Row>) =>
    isNumber === true ? html` class="number"` : isProse === true && html` class="prose"`;
  const stacked = columns.some(({ isProse }) => isProse === true) && html` class="stacked"`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table${stacked}>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col"${css(column)}>${column.title}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${columns.map((column, n) => cellOf(column, row, n, css(column)))}</tr>
`,
)}</tbody>
</table></div>`;
}

function cellOf<Row>(column: TableColumn<Row>, row: Row, n: number, css: Markup | false): Markup {
  const text = column.cell(row);
  return n === 0 ? html`<th scope="row"${css}>${text}</th>` : html`<td${css}>${text}</td>`;
}
