import type { PhoneReader } from "../phone.ts";
import type { Field } from "./aliases.ts";
import {
  attributesOf,
  businessScopedUserId,
  emailAddress,
  instantOf,
  languageCode,
  listName,
  listNames,
  plain,
  splitName,
  tagsOf,
  timezoneReader,
  yesOrNo,
} from "./cells.ts";
import { type ColumnMeaning, isField } from "./header.ts";

/** A contact as one row of the file tells it; null keeps what is known already. */
export interface ContactRow {
  /** where the row begins in the file, the first line being 1 */
  line: number;
  /** E.164 */
  phone: string | null;
  bsuid: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  /** `nl`, `en_US` */
  language: string | null;
  /** IANA */
  timezone: string | null;
  tags: string[];
  lists: string[];
  optIn: boolean;
  /** as PostgreSQL reads it; null: the file does not say when. Likewise below */
  optInAt: string | null;
  optInSource: string | null;
  optOut: boolean;
  optOutAt: string | null;
  optOutSource: string | null;
  /** no message of any kind */
  blocked: boolean;
  blockedAt: string | null;
  /** text, unless the file has them as JSON (its column `attributes`) */
  attributes: Record<string, unknown>;
  /** as they stand in the file */
  cells: readonly string[];
}

export interface RejectedRow {
  /** where the row begins */
  line: number;
  /** everything that is wrong with it */
  reason: string;
  /** as they stand in the file; of a row whose quotes are broken, its first line cut at each delimiter */
  cells: readonly string[];
}

/** Turns the cells of a row into a contact, or says why it is none. */
export type RowReader = (cells: readonly string[], line: number) => ContactRow | RejectedRow;

const LONGEST_CELL = 10_000;
/** of a person together, as JSON in one cell */
const LONGEST_ATTRIBUTES = 500_000;
const LONGEST_SHOWN = 60;

/** @param delimiter the file's, to know a row that a quote has taken into a cell */
export function rowReader(
  columns: readonly ColumnMeaning[],
  readPhone: PhoneReader,
  delimiter: string,
): RowReader {
  const places = new Map(columns.flatMap((each, at) => ("field" in each ? [[each.field, at] as const] : [])));
  const attributes = columns.flatMap((each, at) =>
    "attribute" in each ? [{ at, name: each.attribute }] : [],
  );
  const timezone = timezoneReader();
  const findSwallowed = swallowFinder(columns, readPhone, delimiter);

  return (cells, line) => {
    const unreadable = shapeFault(cells, columns) ?? findSwallowed(cells);
    if (unreadable !== undefined) return { line, reason: unreadable, cells };
    const faults: string[] = [];
    const text = (field: Field) => {
      const at = places.get(field);
      return at === undefined ? "" : plain(cells[at] as string);
    };
    const refuse = (field: Field, value: string, why: string): null => {
      faults.push(`${columns[places.get(field) as number]?.column} ${shown(value)} ${why}`);
      return null;
    };
    const read = <T>(field: Field, reader: (text: string) => T | undefined, why: string): T | null => {
      const value = text(field);
      return value === "" ? null : (reader(value) ?? refuse(field, value, why));
    };
    const phoneOf = (): string | null => {
      const value = text("phone");
      const reading = value === "" ? undefined : readPhone(value);
      if (reading === undefined) return null;
      return "phone" in reading ? reading.phone : refuse("phone", value, reading.reason);
    };
    const [first, last] = splitName({
      first: text("first_name"),
      infix: text("infix"),
      last: text("last_name"),
      full: text("full_name"),
    });
    const said = (field: Field) => read(field, yesOrNo, NEITHER) ?? false;
    const row: ContactRow = {
      line,
      phone: phoneOf(),
      bsuid: read("bsuid", businessScopedUserId, "is not a business-scoped user id (NL.…)"),
      firstName: first || null,
      lastName: last || null,
      email: read("email", emailAddress, "is not an e-mail address"),
      language: read("language", languageCode, "is not a language code such as nl or en_US"),
      timezone: read("timezone", timezone, "is not a time zone such as Europe/Amsterdam"),
      tags: read("tags", tagsOf, "holds a tag of more than 100 characters") ?? [],
      lists: [
        ...(read("lists", listNames, "holds a name of more than 200 characters") ?? []),
        ...listed(read("list", listName, "is longer than 200 characters")),
      ],
      optIn: said("opt_in"),
      optInAt: null,
      optInSource: text("opt_in_source") || null,
      optOut: said("opt_out"),
      optOutAt: null,
      optOutSource: text("opt_out_source") || null,
      blocked: said("blocked"),
      blockedAt: null,
      attributes: read("attributes", attributesOf, NO_OBJECT) ?? {},
      cells,
    };
    if (row.optIn) row.optInAt = instantOf(text("opt_in"));
    if (row.optOut) row.optOutAt = instantOf(text("opt_out"));
    if (row.blocked) row.blockedAt = instantOf(text("blocked"));
    for (const { at, name } of attributes) {
      const value = plain(cells[at] as string);
      if (value !== "") row.attributes[name] = value;
    }
    if (row.phone === null && row.bsuid === null && faults.length === 0) faults.push(noAddress(columns));
    return faults.length === 0 ? row : { line, reason: faults.join("; "), cells };
  };
}

function listed(name: string | null): string[] {
  return name === null ? [] : [name];
}

const NO_OBJECT =
  'is not a JSON object such as {"city": "Ede"}, or holds a whole number that is too long (write it in quotes)';
const NEITHER = "is neither yes nor no (ja/nee, yes/no, 1/0 or a date)";

/** What makes a row no row of this table, or its text such that PostgreSQL cannot keep it. */
function shapeFault(cells: readonly string[], columns: readonly ColumnMeaning[]): string | undefined {
  if (cells.length !== columns.length) {
    return `has ${cells.length} ${cells.length === 1 ? "cell" : "cells"} where the header has ${columns.length}`;
  }
  for (const [at, cell] of cells.entries()) {
    const name = columns[at]?.column;
    if (cell.includes("\0")) return `${name} holds a NUL character`;
    if (cell.length <= LONGEST_CELL) continue;
    const longest = isField(columns[at], "attributes") ? LONGEST_ATTRIBUTES : LONGEST_CELL;
    if (cell.length > longest) return `${name} is longer than ${longest} characters`;
  }
  return undefined;
}

type SwallowFinder = (cells: readonly string[]) => string | undefined;

/**
 * Finds a cell that holds a whole row of this table, phone and all: of two quotes that were not closed, the second closed
 * the first, and the lines between became one cell of a row that looks well.
 */
function swallowFinder(
  columns: readonly ColumnMeaning[],
  readPhone: PhoneReader,
  delimiter: string,
): SwallowFinder {
  const phoneAt = columns.findIndex((each) => "field" in each && each.field === "phone");
  const isRow = (line: string) => {
    const cells = line.split(delimiter);
    return cells.length === columns.length && "phone" in readPhone(cells[phoneAt] ?? "");
  };
  return (cells) => {
    for (const [at, cell] of cells.entries()) {
      if (!cell.includes("\n") && !cell.includes("\r")) continue;
      const row = cell.split(/[\r\n]+/).find(isRow);
      if (row !== undefined)
        return `${columns[at]?.column} holds another row (${shown(row)}); is a quote not closed?`;
    }
    return undefined;
  };
}

function noAddress(columns: readonly ColumnMeaning[]): string {
  const names = columns.flatMap((each) =>
    "field" in each && (each.field === "phone" || each.field === "bsuid") ? [each.column] : [],
  );
  return names.length === 1 ? `${names[0]} is empty` : `${names.join(" and ")} are both empty`;
}

function shown(value: string): string {
  const line = value.replace(/\s+/g, " ");
  return `"${line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line}"`;
}
