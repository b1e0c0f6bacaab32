import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type ConfigFile, configFilePath } from "../config.ts";
import type { Transaction } from "../db/database.ts";
import { ExitCode, UserError } from "../errors.ts";
import { checkOrganization, type NewOrganization } from "./create.ts";
import type { FrequencyCap } from "./frequency-cap.ts";
import type { OptOutConfirmation } from "./opt-out-confirmation.ts";
import type { Retention } from "./retention.ts";

export interface OrganizationDetails {
  id: string;
  name: string;
  slug: string;
  timezone: string;
  defaultCountry: string;
  businessHours: object;
  /** marketing messages to a person within so many days, at most; null: no cap */
  frequencyCap: FrequencyCap | null;
  /** what somebody who says STOP is answered, by language; false: nothing; null: the built-in texts */
  optOutConfirmation: OptOutConfirmation | null;
  /** whether a conversation that is closed always asks for a figure */
  survey: "always" | "never";
  /** what `adsapp prune` lets go of; null: it keeps all */
  retention: Retention | null;
  pausedAt: Date | null;
  createdAt: Date;
}

const DETAILS = `id, name, slug, timezone, default_country, business_hours, settings -> 'frequencyCap' as frequency_cap,
   settings -> 'retention' as retention, settings -> 'optOutConfirmation' as opt_out_confirmation,
   case when settings @> '{"survey": {"always": true}}' then 'always' else 'never' end as survey, paused_at, created_at`;

/** Every organization of the database, by slug. As worker. */
export function listOrganizations(tx: Transaction): Promise<OrganizationDetails[]> {
  return tx.query(`select ${DETAILS} from organizations order by slug`);
}

export async function showOrganization(
  tx: Transaction,
  id: string,
): Promise<OrganizationDetails | undefined> {
  return tx.one(`select ${DETAILS} from organizations where id = $1`, [id]);
}

/** Changes what is given. As operator: admins only. @throws UserError with every fault at once, or (5) for others */
export async function setOrganization(
  tx: Transaction,
  id: string,
  changes: Partial<NewOrganization> & {
    frequencyCap?: FrequencyCap | null;
    optOutConfirmation?: OptOutConfirmation | null;
    survey?: "always" | "never";
    retention?: Retention | null;
  },
): Promise<OrganizationDetails> {
  checkOrganization(changes);
  const { name, timezone, country, businessHours, frequencyCap, optOutConfirmation, survey, retention } =
    changes;
  const settings = {
    frequencyCap,
    optOutConfirmation,
    retention,
    survey: survey === undefined ? undefined : { always: survey === "always" },
  };
  const gone = Object.entries(settings).flatMap(([key, value]) => (value === null ? [key] : []));
  const changed = await tx.one<OrganizationDetails>(
    `update organizations set name = coalesce($2, name), timezone = coalesce($3, timezone), default_country = coalesce($4, default_country),
            business_hours = coalesce($5::jsonb, business_hours), settings = (settings || $6::jsonb - 'survey' || case when $6 ? 'survey' then jsonb_build_object('survey', coalesce(settings -> 'survey', '{}') || ($6 -> 'survey')) else '{}' end) - $7::text[]
      where id = $1 returning ${DETAILS}`,
    [
      id,
      name ?? null,
      timezone ?? null,
      country ?? null,
      businessHours === undefined ? null : JSON.stringify(businessHours),
      JSON.stringify(settings),
      gone,
    ],
  );
  return changed ?? refuse("only an admin changes the organization");
}

/** Stops (or lets go on) everything that the organization sends, within a claim: two seconds. As operator. */
export async function pauseOrganization(
  tx: Transaction,
  id: string,
  paused: boolean,
): Promise<OrganizationDetails> {
  const changed = await tx.one<OrganizationDetails>(
    `update organizations set paused_at = case when $2 then coalesce(paused_at, adsapp_now()) end where id = $1 returning ${DETAILS}`,
    [id, paused],
  );
  return changed ?? refuse(`only an admin ${paused ? "pauses" : "resumes"} the organization`);
}

function refuse(message: string): never {
  throw new UserError(message, { hint: "--as EMAIL acts as another profile.", exitCode: ExitCode.Forbidden });
}

/** Chooses the organization for later commands, in `$ADSAPP_HOME/config.json`; other fields stay. */
export function useOrganization(home: string, slug: string): void {
  const path = configFilePath(home);
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify({ ...currentFile(path), organization: slug }, null, 2)}\n`, {
    mode: 0o600,
  });
  renameSync(draft, path);
}

function currentFile(path: string): ConfigFile {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ConfigFile;
  } catch {
    return {};
  }
}
