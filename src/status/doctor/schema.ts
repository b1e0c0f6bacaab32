import wallText from "../../analytics/audit-walls.sql";
import type { Config } from "../../config.ts";
import type { Database } from "../../db/database.ts";
import { type Identity, owner, worker } from "../../db/identity.ts";
import { migrationStates } from "../../db/migrate.ts";
import { namedQueries } from "../../db/queries.ts";
import { UserError } from "../../errors.ts";
import text from "./doctor.sql";
import { broken, type Finding, ok, warn } from "./finding.ts";

const sql = { ...namedQueries(text, "roles"), ...namedQueries(wallText, "every_table_is_walled") };

const MIGRATE = "adsapp migrate up";

/** Is the schema the one of this program? */
export async function schemaFinding(url: string): Promise<Finding> {
  const states = await migrationStates(url);
  const check = "schema";
  const stranger = states.find(({ note }) => note === "unknown to this program");
  if (stranger !== undefined)
    return broken(
      check,
      `the database is newer than this program: it has ${stranger.name}`,
      "install the adsapp that made it",
    );
  const edited = states.find(({ note }) => note === "changed since it ran");
  if (edited !== undefined)
    return broken(
      check,
      `migration ${edited.name} was edited after it ran here`,
      "restore the file; a change is a migration of its own",
    );
  const missing = states.filter(({ applied }) => !applied);
  if (missing.length === states.length)
    return broken(check, "the database has no adsapp schema yet", MIGRATE);
  return missing.length > 0
    ? broken(check, `behind by ${missing.length} of ${states.length} migrations`, MIGRATE)
    : ok(check, `all ${states.length} migrations have run`);
}

interface Role {
  name: string;
  isThere: boolean;
  seesAll: boolean;
}

/** Roles, what the logins may do with them, and the walls between tenants. */
export async function rightsFindings(database: Database, config: Config): Promise<Finding[]> {
  const { roles, open } = await database.transaction(owner, async (tx) => ({
    roles: await tx.query<Role>(sql.roles),
    open: await tx.query<{ example: string }>(sql.every_table_is_walled),
  }));
  return [rolesFinding(roles), ...(await loginFindings(database, config)), wallsFinding(open)];
}

function rolesFinding(roles: readonly Role[]): Finding {
  const check = "roles";
  const gone = roles.filter(({ isThere }) => !isThere);
  if (gone.length > 0)
    return broken(check, `${namesOf(gone)} is not there`, `create role ${gone[0]?.name}; then: ${MIGRATE}`);
  const open = roles.filter(({ seesAll }) => seesAll);
  if (open.length > 0)
    return broken(
      check,
      `${namesOf(open)} sees every row`,
      `alter role ${open[0]?.name} nosuperuser nobypassrls`,
    );
  return ok(check, "both are there, and neither sees past the walls");
}

function namesOf(roles: readonly Role[]): string {
  return roles.map(({ name }) => name).join(" and ");
}

/** Each login acts once as its role, as every command does. */
async function loginFindings(database: Database, config: Config): Promise<Finding[]> {
  const operator: Identity = { role: "operator", profileId: "00000000-0000-0000-0000-000000000000" };
  const findings = [
    await loginFinding(
      database,
      worker,
      "the worker's",
      config.workerDatabaseUrl === undefined ? "DATABASE_URL" : "ADSAPP_WORKER_DATABASE_URL",
    ),
    await loginFinding(
      database,
      operator,
      "people's",
      config.operatorDatabaseUrl === undefined ? "DATABASE_URL" : "ADSAPP_OPERATOR_DATABASE_URL",
    ),
  ];
  const isShared = config.workerDatabaseUrl === undefined || config.operatorDatabaseUrl === undefined;
  if (config.databaseUrl === undefined || !isShared) return findings;
  const mend =
    "on the hosts that tick and serve: ADSAPP_WORKER_DATABASE_URL and ADSAPP_OPERATOR_DATABASE_URL with logins of their own, each granted one of the roles";
  return [
    ...findings,
    warn("logins", "one login for all: whoever gets at its password may change the schema too", mend),
  ];
}

async function loginFinding(
  database: Database,
  identity: Identity,
  whose: string,
  variable: string,
): Promise<Finding> {
  const check = "rights";
  try {
    await database.transaction(identity, (tx) => tx.query("select from organizations limit 1"));
    return ok(check, `${whose} login acts as adsapp_${identity.role}`);
  } catch (error) {
    const { message, hint } = error as UserError;
    if (!(error instanceof UserError) && (error as { code?: string }).code === undefined) throw error;
    const mend =
      hint ?? `grant adsapp_${identity.role} to the login of ${variable} (with inherit true, set true)`;
    return broken(check, `${whose} login may not act as adsapp_${identity.role}: ${message}`, mend);
  }
}

function wallsFinding(open: readonly { example: string }[]): Finding {
  return open.length === 0
    ? ok("walls", "row security is on and forced on every table")
    : broken(
        "walls",
        `${open[0]?.example}${open.length > 1 ? `, and ${open.length - 1} more` : ""}`,
        "adsapp audit lists them; write a migration that puts the walls back (call adsapp_wall)",
      );
}
