import { parse } from "csv-parse/sync";
import { readText } from "../definitions/text.ts";
import { UserError } from "../errors.ts";

export const CATEGORIES = ["MARKETING", "UTILITY", "AUTHENTICATION", "SERVICE"] as const;
export type Category = (typeof CATEGORIES)[number];

/** One line of a rate card. */
export interface Rate {
  /** two letters (NL), the beginning of a phone (+31), or * for all others */
  country: string;
  category: Category;
  /** of one message, in millionths of the currency: sums stay exact */
  micros: number;
  currency: string;
}

/** What some messages to one country cost; price and amount null: the card has no price for them. */
export interface CostLine {
  country: string | null;
  category: Category;
  messages: number;
  price: number | null;
  amount: number | null;
  currency: string | null;
}

export interface Cost {
  lines: CostLine[];
  /** by currency */
  total: Record<string, number>;
  /** messages without a price */
  unpriced: number;
}

const HEADER = ["country", "category", "price", "currency"] as const;
const MICROS = 1_000_000;

/**
 * Reads a rate card: CSV with country, category, price, currency.
 * @throws UserError (2) with every fault of it, each with its line and column
 */
export async function readRates(path: string): Promise<Rate[]> {
  return ratesOf(path, await readText(path));
}

export function ratesOf(name: string, text: string): Rate[] {
  const [header, ...lines] = recordsOf(name, text);
  const columns = HEADER.map(
    (field) => header?.cells.findIndex((cell) => cell.trim().toLowerCase() === field) ?? -1,
  );
  const absent = HEADER.filter((_, n) => columns[n] === -1);
  if (absent.length > 0)
    throw new UserError(
      `${name}:1: a rate card has the columns ${HEADER.join(", ")}; there is no ${absent.join(", ")}`,
    );
  const read = lines.map(({ line, cells }) =>
    rateOf(
      name,
      line,
      columns.map((at) => ({ at: at + 1, text: (cells[at] ?? "").trim() })),
    ),
  );
  const faults = [...read.flatMap(({ faults: each }) => each), ...doubles(name, read)];
  if (faults.length === 0 && read.length === 0) faults.push(`${name} has no prices`);
  if (faults.length > 0) throw new UserError(faults.slice(0, 50).join("\n"));
  return read.map(({ rate }) => rate);
}

function recordsOf(name: string, text: string): { line: number; cells: string[] }[] {
  try {
    const options = {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: delimiterOf(text),
    } as const;
    const rows = parse(text, options as never) as unknown as { info: { lines: number }; record: string[] }[];
    return rows.map(({ info, record }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    throw new UserError(`${name}: ${(error as Error).message}`);
  }
}

/** By the header, in which no cell holds one: prices may have a decimal comma. */
function delimiterOf(text: string): string {
  const header = text.split("\n", 1)[0] ?? "";
  return [";", "\t"].find((each) => header.includes(each)) ?? ",";
}

interface Cell {
  at: number;
  text: string;
}

interface ReadRate {
  rate: Rate;
  line: number;
  faults: string[];
}

function rateOf(name: string, line: number, cells: readonly Cell[]): ReadRate {
  const [country, category, price, currency] = cells as [Cell, Cell, Cell, Cell];
  const faults: string[] = [];
  const check = (cell: Cell, isRight: boolean, wanted: string) => {
    if (!isRight) faults.push(`${name}:${line}:${cell.at}: "${cell.text}" is no ${wanted}`);
  };
  const kind = category.text.toUpperCase() as Category;
  check(
    country,
    /^([A-Za-z]{2}|\+?[1-9]\d{0,6}|\*)$/.test(country.text),
    "country: write NL, +31, or * for all others",
  );
  check(category, CATEGORIES.includes(kind), `category: write ${CATEGORIES.join(", ")}`);
  check(price, /^\d{1,9}([.,]\d{1,6})?$/.test(price.text), "price: write 0.0825");
  check(currency, /^[A-Za-z]{3}$/.test(currency.text), "currency: write EUR");
  const rate = {
    country: /^\d/.test(country.text) ? `+${country.text}` : country.text.toUpperCase(),
    category: kind,
    micros: Math.round(Number(price.text.replace(",", ".")) * MICROS),
    currency: currency.text.toUpperCase(),
  };
  return { rate, line, faults };
}

function doubles(name: string, read: readonly ReadRate[]): string[] {
  const seen = new Map<string, number>();
  return read.flatMap(({ rate, line }) => {
    const key = `${rate.country} ${rate.category}`;
    const before = seen.get(key);
    seen.set(key, before ?? line);
    return before === undefined ? [] : [`${name}:${line}:1: ${key} is there twice (line ${before})`];
  });
}

/** How much of a phone the card looks at, its + included; 0: at its country only. */
export function prefixLength(rates: readonly Rate[]): number {
  return Math.max(0, ...rates.map(({ country }) => (country.startsWith("+") ? country.length : 0)));
}

export interface Priceable {
  country: string | null;
  /** the beginning of the phones, as long as prefixLength */
  prefix: string;
  category: Category;
  messages: number;
}

/** The price of messages: the longest prefix of the phone that the card has, else the country's, else that of all others. */
export function costOf(rates: readonly Rate[], parts: readonly Priceable[]): Cost {
  const lines = new Map<string, CostLine>();
  const total = new Map<string, number>();
  for (const { country, prefix, category, messages } of parts) {
    const rate = rateFor(rates, category, country, prefix);
    const key = JSON.stringify([country, category, rate?.country]);
    const line = lines.get(key) ?? {
      country,
      category,
      messages: 0,
      price: null,
      amount: null,
      currency: null,
    };
    line.messages += messages;
    if (rate !== undefined) {
      line.price = rate.micros / MICROS;
      line.amount = (line.messages * rate.micros) / MICROS;
      line.currency = rate.currency;
      total.set(rate.currency, (total.get(rate.currency) ?? 0) + messages * rate.micros);
    }
    lines.set(key, line);
  }
  const sorted = [...lines.values()].sort((a, b) => b.messages - a.messages);
  return {
    lines: sorted,
    total: Object.fromEntries([...total].map(([currency, micros]) => [currency, micros / MICROS])),
    unpriced: sorted.reduce((sum, { price, messages }) => sum + (price === null ? messages : 0), 0),
  };
}

function rateFor(
  rates: readonly Rate[],
  category: Category,
  country: string | null,
  prefix: string,
): Rate | undefined {
  const same = rates.filter((rate) => rate.category === category);
  const byPrefix = same
    .filter((rate) => rate.country.startsWith("+") && prefix.startsWith(rate.country))
    .sort((a, b) => b.country.length - a.country.length)[0];
  return (
    byPrefix ?? same.find((rate) => rate.country === country) ?? same.find((rate) => rate.country === "*")
  );
}
