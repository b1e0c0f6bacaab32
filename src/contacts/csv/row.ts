import { isTimezone } from "../../organizations/create.ts";
import type { PhoneReader } from "../phone.ts";
import type { ColumnMeaning, Field } from "./header.ts";

/** A contact as one row of the file tells it; null keeps what is known already. */
export interface ContactRow {
  /** where the row starts in the file, the header being line 1 */
  line: number;
  phone: string | null;
  bsuid: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  language: string | null;
  timezone: string | null;
  tags: string[];
  list: string | null;
  optIn: boolean;
  optInSource: string | null;
  optOut: boolean;
  attributes: Record<string, string>;
}

export interface RejectedRow {
  line: number;
  reason: string;
  cells: readonly string[];
}

const LONGEST_CELL = 10_000;
const YES = /^(ja|j|yes|y|true|waar|1|x|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*)$/i;
const NO = /^(nee|n|no|false|onwaar|0|-)?$/i;

/** Turns the cells of a row into a contact, or says why it is none. */
export type RowReader = (cells: readonly string[], line: number) => ContactRow | RejectedRow;

export function rowReader(columns: readonly ColumnMeaning[], readPhone: PhoneReader): RowReader {
  const at = (field: Field) => columns.findIndex((column) => "field" in column && column.field === field);
  const places = Object.fromEntries((["phone", "bsuid", "first_name", "infix", "last_name", "full_name", "email", "language", "timezone", "tags",
    "list", "opt_in", "opt_in_source", "opt_out"] as const).map((field) => [field, at(field)])) as Record<Field, number>;
  const attributes = columns.flatMap((column, index) => ("attribute" in column ? [{ index, name: column.attribute }] : []));
  const title = (field: Field) => columns[places[field]]?.column ?? field;

  return (cells, line) => {
    const reject = (reason: string): RejectedRow => ({ line, reason, cells });
    if (cells.length !== columns.length) return reject(`has ${cells.length} cells where the header has ${columns.length}`);
    const strange = cells.findIndex((text) => text.length > LONGEST_CELL || text.includes("\u0000"));
    if (strange >= 0) {
      const what = cells[strange]?.includes("\u0000") ? "holds a NUL character" : `is longer than ${LONGEST_CELL} characters`;
      return reject(`${columns[strange]?.column} ${what}`);
    }
    const cell = (field: Field) => (places[field] < 0 ? "" : unguarded(cells[places[field]] as string).trim());
    const reading = cell("phone") === "" ? undefined : readPhone(cell("phone"));
    if (reading !== undefined && "reason" in reading) return reject(`${title("phone")} "${cell("phone")}" ${reading.reason}`);
    const bsuid = cell("bsuid");
    if (reading === undefined && bsuid === "") return reject(`${title("phone")} is empty`);
    if (bsuid !== "" && !/^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/.test(bsuid)) return reject(`${title("bsuid")} "${bsuid}" is not a business-scoped user id`);
    const email = cell("email");
    if (email !== "" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) return reject(`${title("email")} "${email}" is not an e-mail address`);
    const language = cell("language").replace("-", "_");
    if (language !== "" && !/^[a-z]{2,3}(_[A-Z]{2})?$/i.test(language)) return reject(`${title("language")} "${language}" is not a language code such as nl or en_US`);
    const timezone = cell("timezone");
    if (timezone !== "" && !isTimezone(timezone)) return reject(`${title("timezone")} "${timezone}" is not a time zone such as Europe/Amsterdam`);
    const badTag = tagsOf(cell("tags")).find((tag) => tag.length > 100);
    if (badTag !== undefined) return reject(`${title("tags")}: a tag is longer than 100 characters`);
    for (const field of ["opt_in", "opt_out"] as const) {
      if (!YES.test(cell(field)) && !NO.test(cell(field))) return reject(`${title(field)} "${cell(field)}" is neither yes nor no (ja/nee, yes/no, 1/0, a date)`);
    }
    const [first, last] = names(cell("first_name"), cell("infix"), cell("last_name"), cell("full_name"));
    return {
      line,
      phone: reading?.phone ?? null,
      bsuid: bsuid || null,
      firstName: first || null,
      lastName: last || null,
      email: email || null,
      language: language === "" ? null : languageCode(language),
      timezone: timezone || null,
      tags: tagsOf(cell("tags")),
      list: cell("list") || null,
      optIn: YES.test(cell("opt_in")),
      optInSource: cell("opt_in_source") || null,
      optOut: YES.test(cell("opt_out")),
      attributes: Object.fromEntries(
        attributes.map(({ index, name }) => [name, unguarded(cells[index] as string).trim()] as const).filter(([, value]) => value !== ""),
      ),
    };
  };
}

/** Our own CSV puts a quote before what a spreadsheet would run; a round trip takes it off again. */
function unguarded(text: string): string {
  return /^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}

function tagsOf(text: string): string[] {
  return [...new Set(text.split(/[;,|]/).map((tag) => tag.trim()).filter((tag) => tag !== ""))];
}

function languageCode(text: string): string {
  const [language = "", country] = text.split("_");
  return country === undefined ? language.toLowerCase() : `${language.toLowerCase()}_${country.toUpperCase()}`;
}

function names(first: string, infix: string, last: string, full: string): [string, string] {
  if (first !== "" || last !== "" || full === "") return [first, [infix, last].filter((part) => part !== "").join(" ")];
  const [head = "", ...rest] = full.split(/\s+/);
  return [head, rest.join(" ")];
}
