import { nearest } from "../../cli/near.ts";
import { UserError } from "../../errors.ts";

/** What a column may be. Any other column is an attribute. */
export const FIELDS = [
  "phone", "bsuid", "first_name", "infix", "last_name", "full_name", "email", "language", "timezone", "tags", "list",
  "opt_in", "opt_in_source", "opt_out",
] as const;
export type Field = (typeof FIELDS)[number];

const ALIASES: Record<Field, string[]> = {
  phone: ["phone", "phonenumber", "mobile", "mobilenumber", "mobilephone", "cell", "cellphone", "whatsapp", "whatsappnumber", "tel", "telefoon",
    "telefoonnummer", "mobiel", "mobielnummer", "mobieltelefoonnummer", "gsm", "gsmnummer", "telnr", "nummer"],
  bsuid: ["bsuid", "whatsappuserid"],
  first_name: ["firstname", "givenname", "voornaam", "roepnaam"],
  infix: ["infix", "tussenvoegsel", "tussenvoegsels", "voorvoegsel"],
  last_name: ["lastname", "surname", "familyname", "achternaam", "familienaam"],
  full_name: ["name", "fullname", "naam", "volledigenaam", "klantnaam", "contact"],
  email: ["email", "emailaddress", "mail", "emailadres", "mailadres"],
  language: ["language", "lang", "taal", "voorkeurstaal"],
  timezone: ["timezone", "tijdzone"],
  tags: ["tags", "tag", "labels", "label"],
  list: ["list", "lijst"],
  opt_in: ["optin", "subscribed", "aangemeld", "toestemming", "ingeschreven"],
  opt_in_source: ["optinsource", "bron", "optinbron", "toestemmingbron"],
  opt_out: ["optout", "unsubscribed", "uitgeschreven", "afgemeld", "geenberichten"],
};

const byAlias = new Map(Object.entries(ALIASES).flatMap(([field, names]) => names.map((name) => [name, field as Field] as const)));

/** One column of the file: a field of ours, or an attribute by its own name. */
export type ColumnMeaning = { column: string; field: Field } | { column: string; attribute: string };

/**
 * What each column of the header means: by --map, by its Dutch or English name, else an attribute.
 * @param map header (as in the file) -> field
 * @throws UserError with every fault at once: doubles, names that cannot be, no address column
 */
export function readHeader(header: readonly string[], map: Readonly<Record<string, string>>): ColumnMeaning[] {
  const faults = mapFaults(header, map);
  const columns = header.map((name, index) => meaningOf(name.replace(/^\ufeff/, "").trim(), index, map, faults));
  faults.push(...doubles(columns));
  if (!columns.some((column) => "field" in column && (column.field === "phone" || column.field === "bsuid"))) {
    faults.push(`no column holds a phone number (found: ${header.map((name) => name.trim()).join(", ").slice(0, 200)}); say which: --map "Header=phone"`);
  }
  if (faults.length > 0) throw new UserError(faults.map((fault) => `line 1: ${fault}`).join("\n"), { hint: "Nothing was imported." });
  return columns;
}

function meaningOf(name: string, index: number, map: Readonly<Record<string, string>>, faults: string[]): ColumnMeaning {
  if (name === "") faults.push(`column ${index + 1} has no name`);
  const field = (Object.hasOwn(map, name) ? (map[name] as Field) : undefined) ?? byAlias.get(folded(name));
  if (field !== undefined) return { column: name, field };
  const attribute = snaked(name);
  if (["__proto__", "constructor", "prototype"].includes(name.toLowerCase()) || (name !== "" && attribute === "")) {
    faults.push(`column ${index + 1} cannot be called "${name}"`);
  }
  return { column: name, attribute };
}

function mapFaults(header: readonly string[], map: Readonly<Record<string, string>>): string[] {
  const names = header.map((name) => name.replace(/^\ufeff/, "").trim());
  return Object.entries(map).flatMap(([name, field]) => {
    const near = nearest(field, FIELDS, 1).map((word) => `; did you mean ${word}?`).join("");
    return [
      ...(names.includes(name) ? [] : [`--map names a column "${name}" that the file does not have`]),
      ...((FIELDS as readonly string[]).includes(field) ? [] : [`--map "${name}=${field}": ${field} is no field${near}`]),
    ];
  });
}

function doubles(columns: readonly ColumnMeaning[]): string[] {
  const key = (column: ColumnMeaning) => ("field" in column ? column.field : `attribute ${column.attribute}`);
  const seen = new Map<string, string>();
  return columns.flatMap((column) => {
    const first = seen.get(key(column));
    seen.set(key(column), column.column);
    return first === undefined ? [] : [`the columns "${first}" and "${column.column}" are both ${key(column)}; rename one or use --map`];
  });
}

function folded(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** "Klant sinds" -> "klant_sinds" */
function snaked(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 63);
}
