import type { Transaction } from "../db/database.ts";
import { ExitCode, UserError } from "../errors.ts";
import { type BusinessHours, checkBusinessHours } from "./business-hours.ts";
import { builtInEmail, type Organization } from "./organization.ts";

export interface NewOrganization {
  name: string;
  slug?: string | undefined;
  /** IANA */
  timezone: string;
  /** ISO 3166 alpha-2 */
  country: string;
  businessHours?: BusinessHours | undefined;
}

/**
 * Makes an organization and its built-in `cli` profile (an admin). As worker: there is no tenant yet to act in.
 * @param ifNotExists answer an existing one that is alike
 * @throws UserError naming what is wrong, or what differs from the existing one
 */
export async function createOrganization(
  tx: Transaction,
  wanted: NewOrganization,
  ifNotExists: boolean,
): Promise<Organization> {
  const slug = wanted.slug ?? slugOf(wanted.name);
  checkOrganization({ ...wanted, slug });
  const made = await tx.one<Organization>(
    `insert into organizations (name, slug, timezone, default_country, business_hours) values ($1, $2, $3, $4, $5)
     on conflict (slug) do nothing returning id, name, slug, timezone, default_country`,
    [wanted.name, slug, wanted.timezone, wanted.country, JSON.stringify(wanted.businessHours ?? {})],
  );
  if (made === undefined) return existing(tx, { ...wanted, slug }, ifNotExists);
  await tx.run(
    "insert into profiles (organization_id, full_name, email, role) values ($1, 'Command line', $2, 'admin')",
    [made.id, builtInEmail(made.slug)],
  );
  return made;
}

async function existing(
  tx: Transaction,
  wanted: NewOrganization & { slug: string },
  ifNotExists: boolean,
): Promise<Organization> {
  const hours = wanted.businessHours === undefined ? null : JSON.stringify(wanted.businessHours);
  const found = await tx.one<Organization & { sameHours: boolean }>(
    `select id, name, slug, timezone, default_country, coalesce(business_hours = $2::jsonb, true) as same_hours
       from organizations where slug = $1`,
    [wanted.slug, hours],
  );
  const differs = [
    found?.name !== wanted.name && `name "${found?.name}"`,
    found?.timezone !== wanted.timezone && `timezone ${found?.timezone}`,
    found?.defaultCountry !== wanted.country && `country ${found?.defaultCountry}`,
    found?.sameHours === false && "other business hours",
  ].filter((text) => typeof text === "string");
  if (found === undefined || !ifNotExists || differs.length > 0) {
    const how = differs.length > 0 ? ` with ${differs.join(", ")}` : "";
    throw new UserError(`an organization with the slug "${wanted.slug}" exists${how}`, {
      hint: "Choose another --slug; --if-not-exists accepts one that is alike.",
      exitCode: ExitCode.Failed,
    });
  }
  const { sameHours: _sameHours, ...organization } = found;
  return organization;
}

/** "Bakkerij Jansen" -> "bakkerij-jansen" */
export function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 63)
    .replace(/-+$/, "");
}

/** @throws UserError with every fault at once */
export function checkOrganization(wanted: Partial<NewOrganization>): void {
  const faults: string[] = [];
  if (wanted.name !== undefined && wanted.name.trim() === "") faults.push("the name is empty");
  if (wanted.slug !== undefined && !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(wanted.slug)) {
    faults.push(`the slug "${wanted.slug}" must be of a–z, 0–9 and dashes (give one with --slug)`);
  }
  if (wanted.timezone !== undefined && !isTimezone(wanted.timezone)) {
    faults.push(`"${wanted.timezone}" is not a time zone; for example Europe/Amsterdam`);
  }
  if (wanted.country !== undefined && !isCountry(wanted.country))
    faults.push(`"${wanted.country}" is not a country code; for example NL`);
  if (wanted.businessHours !== undefined) faults.push(...checkBusinessHours(wanted.businessHours));
  if (faults.length > 0) throw new UserError(faults.join("\n"));
}

// Java's short names, which Node still takes: PostgreSQL knows some of them as other zones (IST), others not at all.
const AMBIGUOUS_ZONE =
  /^(?:ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST)$/i;

/** IANA names as PostgreSQL and this program both know them. */
export function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return /^[A-Za-z]+(\/[A-Za-z0-9_+-]+)*$/.test(zone) && !AMBIGUOUS_ZONE.test(zone);
  } catch {
    return false;
  }
}

function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code)) return false;
  const name = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" }).of(code);
  return name !== undefined && name !== "Unknown Region";
}
