import { nearest } from "../../cli/near.ts";
import { UserError } from "../../errors.ts";
import { FIELDS, type Field, fieldNamed, folded, snaked } from "./aliases.ts";

/** One column of the file: a field of ours, or an attribute by its own name. */
export type ColumnMeaning =
  | { column: string; field: Field }
  | { column: string; attribute: string }
  /** of our own export: the database's, not the person's */
  | { column: string; ours: true };

/** Columns by which a file of `contact list --format csv` or `contact export --all` is known, and those that say nothing of the person. */
const OUR_EXPORT = ["id", "phone", "bsuid", "first_name", "tags", "attributes", "created_at"];
const THE_DATABASES = ["id", "last_inbound_at", "created_at"];

const LONGEST_LISTING = 200;
const NAMES_OF_OBJECTS = ["__proto__", "constructor", "prototype"];

/**
 * What each column of the header means: by --map, by its Dutch or English name, else an attribute. A field that --map
 * gives to one column is not taken by another that has its name: of "Telefoon" and "Mobiel" the one that was not
 * chosen becomes an attribute.
 * @param map header -> field; case, accents, spaces and dashes do not matter on either side
 * @param line where the header is in the file, for messages
 * @throws UserError (2) with every fault at once: doubles, names that cannot be, no phone and no user id
 */
export function readHeader(
  header: readonly string[],
  map: Readonly<Record<string, string>>,
  line = 1,
): ColumnMeaning[] {
  const names = header.map((name) => name.trim());
  const chosen = readMap(names, map);
  const isOurs = OUR_EXPORT.every((name) => names.includes(name));
  const columns = names.map((column, index): ColumnMeaning => {
    const isTheDatabases = isOurs && !chosen.byColumn.has(index) && THE_DATABASES.includes(column);
    return isTheDatabases ? { column, ours: true } : meaningOf(column, index, chosen);
  });
  const faults = [...chosen.faults, ...names.flatMap(nameFaults), ...doubles(columns)];
  if (!columns.some((column) => isField(column, "phone") || isField(column, "bsuid")))
    faults.push(noAddress(names));
  if (faults.length > 0) {
    throw new UserError(faults.map((fault) => `line ${line}: ${fault}`).join("\n"), {
      hint: "Nothing was imported.",
    });
  }
  return columns;
}

interface Chosen {
  byColumn: Map<number, Field>;
  fields: Set<Field>;
  faults: string[];
}

function readMap(names: readonly string[], map: Readonly<Record<string, string>>): Chosen {
  const chosen: Chosen = { byColumn: new Map(), fields: new Set(), faults: [] };
  for (const [name, wanted] of Object.entries(map)) {
    const column = columnNamed(names, name);
    const field = fieldNamed(wanted);
    if (column < 0) chosen.faults.push(`--map names a column "${name}" that the file does not have`);
    if (field === undefined)
      chosen.faults.push(`--map "${name}=${wanted}": ${wanted} is no field${near(wanted)}`);
    if (column < 0 || field === undefined) continue;
    chosen.byColumn.set(column, field);
    chosen.fields.add(field);
  }
  return chosen;
}

function columnNamed(names: readonly string[], name: string): number {
  const exact = names.indexOf(name.trim());
  return exact >= 0 ? exact : names.findIndex((each) => folded(each) === folded(name) && folded(name) !== "");
}

function near(word: string): string {
  const known = nearest(word, FIELDS, 1)[0];
  return known === undefined ? ` (${FIELDS.join(", ")})` : `; did you mean ${known}?`;
}

function meaningOf(column: string, index: number, chosen: Chosen): ColumnMeaning {
  const mapped = chosen.byColumn.get(index);
  if (mapped !== undefined) return { column, field: mapped };
  const field = fieldNamed(column);
  return field === undefined || chosen.fields.has(field)
    ? { column, attribute: snaked(column) }
    : { column, field };
}

function nameFaults(name: string, index: number): string[] {
  if (name === "") return [`column ${index + 1} has no name`];
  if (NAMES_OF_OBJECTS.includes(name.toLowerCase()) || snaked(name) === "" || name.includes("\0"))
    return [`column ${index + 1} cannot be called ${JSON.stringify(name.slice(0, 60))}; rename it`];
  return [];
}

function doubles(columns: readonly ColumnMeaning[]): string[] {
  const first = new Map<string, string>();
  return columns.flatMap((each) => {
    if ("ours" in each) return [];
    const meaning = "field" in each ? each.field : `the attribute ${each.attribute}`;
    const other = first.get(meaning);
    if (other === undefined) first.set(meaning, each.column);
    if (other === undefined || each.column === "") return [];
    if (other === each.column) return [`there are two columns "${other}"; rename one`];
    const remedy = "field" in each ? `say which: --map "${each.column}=${each.field}"` : "rename one";
    return [`the columns "${other}" and "${each.column}" both mean ${meaning}; ${remedy}`];
  });
}

function noAddress(names: readonly string[]): string {
  const found = names.join(", ");
  const listing = found.length > LONGEST_LISTING ? `${found.slice(0, LONGEST_LISTING)}…` : found;
  return `no column holds a phone number (found: ${listing}); say which: --map "Header=phone"`;
}

export function isField(column: ColumnMeaning | undefined, field: Field): boolean {
  return column !== undefined && "field" in column && column.field === field;
}
