import { type Command, InvalidArgumentError } from "commander";
import { pointInTime } from "../definitions/strict.ts";
import { UserError } from "../errors.ts";
import type { ContactFilter } from "./contacts.ts";
import { prefixesOfCountry } from "./country.ts";

/** The flags that narrow contacts down, beside tag and list. */
export interface FilterOptions {
  country?: string;
  language?: string;
  createdAfter?: string;
  createdBefore?: string;
  inboundAfter?: string;
  inboundBefore?: string;
  attribute?: string[];
  search?: string;
}

export function declareFilter(command: Command): void {
  command
    .option("--country <code>", "only those whose phone is of this country, such as NL")
    .option("--language <code>", "only those of this language; nl takes nl_BE too")
    .option("--created-after <time>", "only those known since: 2026-11-01, or a time with an offset", time)
    .option("--created-before <time>", "only those known before", time)
    .option("--inbound-after <time>", "only those who wrote since", time)
    .option("--inbound-before <time>", "only those who did not write since, or never", time)
    .option("--attribute <name=value...>", "only those with this attribute, as it is written")
    .option("--search <text>", "only those with this in their name, email or phone");
}

/** @returns undefined when no flag was given @throws UserError for a country or attribute that is none */
export async function filterOf(options: FilterOptions): Promise<ContactFilter | undefined> {
  const { country, language, createdAfter, createdBefore, inboundAfter, inboundBefore, attribute, search } =
    options;
  const filter: ContactFilter = {
    ...{ language, createdAfter, createdBefore, inboundAfter, inboundBefore, search },
    phones:
      country === undefined
        ? undefined
        : (await prefixesOfCountry(country.toUpperCase())).map((prefix) => `${prefix}%`),
    attributes: attribute === undefined ? undefined : Object.fromEntries(attribute.map(attributeOf)),
  };
  return Object.values(filter).every((value) => value === undefined) ? undefined : filter;
}

function time(text: string): string {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text;
  if (!pointInTime.safeParse(full).success)
    throw new InvalidArgumentError(
      "It must be a date or time such as 2026-11-01 or 2026-11-01T10:00:00+01:00.",
    );
  return full;
}

function attributeOf(pair: string): [name: string, value: string] {
  const at = pair.indexOf("=");
  if (at < 1)
    throw new UserError(`--attribute "${pair}" must be NAME=VALUE`, { hint: "For example city=Utrecht" });
  return [pair.slice(0, at), pair.slice(at + 1)];
}
