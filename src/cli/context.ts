import { type Config, readConfig } from "../config.ts";
import type { Database, Transaction } from "../db/database.ts";
import { type Identity, operator, worker } from "../db/identity.ts";
import { UserError } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import type { Output } from "./output/index.ts";
import type { Stops } from "./signals.ts";

/** Everything outside a command: costly things are made when first used. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  readonly config: Config;
  readonly out: Output;
  readonly yes: boolean;
  /** `--now`: where the clock of this command starts; undefined: the database's own */
  readonly now: Date | undefined;
  /** aborted by the first SIGTERM or SIGINT: stop taking on work, finish what is open */
  readonly stopping: AbortSignal;
  /** aborted by the second one */
  readonly aborting: AbortSignal;
  /** its first transaction finds out whether the schema is the one that this program wants. Starts the embedded PostgreSQL when DATABASE_URL is unset */
  database(): Promise<Database>;
  /** the URL of the database, whatever its schema (migrations, `db url`) */
  databaseUrl(): Promise<string>;
  /** the one in which the command works: --org, ADSAPP_ORG, the chosen one, or the only one */
  organization(): Promise<Organization>;
  /** true when --org was typed: ADSAPP_ORG and the chosen one do not narrow a tick */
  readonly organizationGiven: boolean;
  /** the acting profile of the organization, as transactions know it */
  identity(): Promise<Identity>;
  /** in one transaction, as the acting profile of the organization, under Row Level Security */
  operator<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** in one transaction, as adsapp_worker: every organization's rows, so the query names its own */
  worker<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ContextOptions {
  env: NodeJS.ProcessEnv;
  out: Output;
  yes: boolean;
  now: Date | undefined;
  organization: string | undefined;
  user: string | undefined;
  stops: Stops;
}

export function createContext(options: ContextOptions): Context {
  const config = readConfig(options.env);
  const databaseUrl = once(async () => (await import("../db/open.ts")).urlOf(config));
  let opened: Database | undefined;
  const database = once(async () => {
    const { openConfigured } = await import("../db/open.ts");
    opened = await openConfigured(config, await databaseUrl(), options.now);
    return opened;
  });
  const organization = once(async () => {
    const { resolveOrganization } = await import("../organizations/organization.ts");
    const wanted = options.organization ?? config.organization;
    const found = await (await database()).transaction(worker, (tx) => resolveOrganization(tx, wanted));
    if (options.env.TZ === undefined) options.out.timeZone = found.timezone;
    return found;
  });
  const profileId = once(async () => {
    const { resolveProfile } = await import("../organizations/organization.ts");
    const { id } = await organization();
    return (await database()).transaction(worker, (tx) =>
      resolveProfile(tx, id, options.user ?? config.user),
    );
  });
  return {
    env: options.env,
    config,
    out: options.out,
    yes: options.yes,
    now: options.now,
    get stopping() {
      return options.stops.stopping;
    },
    get aborting() {
      return options.stops.aborting;
    },
    database,
    databaseUrl,
    organization,
    organizationGiven: options.organization !== undefined,
    identity: async () => operator(await profileId()),
    operator: async (work) => (await database()).transaction(operator(await profileId()), work),
    worker: async (work) => (await database()).transaction(worker, work),
    close: async () => opened?.close(),
  };
}

/**
 * An instant as flags take it (`--now`, `--at`): ISO 8601 with an offset or Z.
 * @throws UserError for anything else, naming the flag
 */
export function parseInstant(text: string, flag: string): Date {
  const parsed = new Date(text);
  if (
    !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(text) ||
    Number.isNaN(parsed.getTime())
  ) {
    throw new UserError(`${flag} "${text}" is not a time with an offset`, {
      hint: "For example 2026-11-27T10:00:00+01:00",
    });
  }
  return parsed;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
