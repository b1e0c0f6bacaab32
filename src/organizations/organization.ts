import type { Transaction } from "../db/database.ts";
import { ExitCode, notFound, UserError } from "../errors.ts";

/** A tenant: a business with its own contacts, senders and campaigns. */
export interface Organization {
  id: string;
  name: string;
  slug: string;
  /** IANA; its days and hours are local to it */
  timezone: string;
  /** ISO 3166 alpha-2; phones without a country code are read as of there */
  defaultCountry: string;
}

const COLUMNS = "id, name, slug, timezone, default_country";

/**
 * The organization by slug or id; without one, the only organization there is.
 * @throws UserError (4) when it does not exist, (2) when none is named and there are several, or none at all
 */
export async function resolveOrganization(
  tx: Transaction,
  wanted: string | undefined,
): Promise<Organization> {
  if (wanted !== undefined) {
    const found = await tx.one<Organization>(
      `select ${COLUMNS} from organizations where slug = $1 or id::text = $1`,
      [wanted],
    );
    if (found !== undefined) return found;
    const { nearest } = await import("../cli/near.ts");
    const slugs = await tx.query<{ slug: string }>("select slug from organizations order by slug limit 1000");
    throw notFound(
      "organization",
      wanted,
      nearest(
        wanted,
        slugs.map((row) => row.slug),
      ),
    );
  }
  const [first, second] = await tx.query<Organization>(
    `select ${COLUMNS} from organizations order by created_at limit 2`,
  );
  if (first === undefined) {
    throw new UserError("there is no organization yet", {
      hint: 'Run: adsapp org create "Bakkerij Jansen" --slug jansen',
      exitCode: ExitCode.NotFound,
    });
  }
  if (second !== undefined) {
    throw new UserError("there are several organizations", {
      hint: "Say which: --org SLUG, or choose one with: adsapp org use SLUG",
    });
  }
  return first;
}

/** The e-mail of an organization's built-in profile, as which the command line acts without --as. */
export function builtInEmail(slug: string): string {
  return `cli@${slug}`;
}

/**
 * The id of the profile that acts: by e-mail, or the organization's built-in `cli` profile.
 * @throws UserError (4) when the organization has no such profile
 */
export async function resolveProfile(
  tx: Transaction,
  organizationId: string,
  email: string | undefined,
): Promise<string> {
  const found = await tx.one<{ id: string }>(
    `select p.id from profiles p join organizations o on o.id = p.organization_id
      where p.organization_id = $1 and p.email = coalesce($2, 'cli@' || o.slug)`,
    [organizationId, email ?? null],
  );
  if (found === undefined) throw await noSuchUser(tx, organizationId, email ?? "cli");
  return found.id;
}

/** "Not found", with the e-mails of the organization's profiles that are near. */
export async function noSuchUser(tx: Transaction, organizationId: string, email: string): Promise<UserError> {
  const { nearest } = await import("../cli/near.ts");
  const profiles = await tx.query<{ email: string }>(
    "select email from profiles where organization_id = $1 order by email limit 1000",
    [organizationId],
  );
  const known = profiles.map((profile) => profile.email);
  return notFound("user", email, nearest(email, known));
}
