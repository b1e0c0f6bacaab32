import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { writeDown } from "../organizations/audit-log.ts";
import { AGGREGATES, correction } from "./aggregates.ts";
import text from "./rebuild.sql";

const sql = namedQueries(
  text,
  "organizations",
  "holdBroadcasts",
  "holdDrips",
  "holdPrices",
  "holdSources",
  "correctAgentDays",
  "correctSources",
  "correctReplies",
);

/** In the order in which counting takes them. */
const LOCKS = [sql.holdBroadcasts, sql.holdDrips, sql.holdPrices, sql.holdSources];

/** $1 organization, $2 first day; each answers the days on which it changed something. */
const CORRECTIONS = [
  ...AGGREGATES.map((aggregate) => ({ table: aggregate.table, query: correction(aggregate) })),
  { table: "agent_performance_metrics", query: sql.correctAgentDays },
  { table: "channel_sources", query: sql.correctSources },
  { table: "drip_enrollments", query: sql.correctReplies },
];

/** A local day of which a table's rows were not what messages say. */
export interface RebuiltDay {
  organization: string;
  table: string;
  /** "2026-11-27" */
  date: string;
  /** that were changed, or would be */
  rows: number;
}

export interface RebuildOptions {
  /** the first local day */
  since: string;
  /** tell, and change nothing */
  dryRun?: boolean;
  /** one organization, or null for all */
  organizationId: string | null;
  /** hears how many tables of how many organizations there are, then of each that is done */
  onTables?: { begin(total: number): void; done(): void } | undefined;
}

/**
 * Computes the daily numbers once more from messages, jobs, logs and conversations, and writes those that differ: none, if counting did its
 * work. One transaction an organization, under the locks that counting takes, so it may run beside ticks. As worker.
 * @returns the days on which something was wrong
 */
export async function rebuild(database: Database, options: RebuildOptions): Promise<RebuiltDay[]> {
  const organizations = await database.transaction(worker, (tx) =>
    tx.query<{ id: string; slug: string }>(sql.organizations, [options.organizationId]),
  );
  const changed: RebuiltDay[] = [];
  options.onTables?.begin(organizations.length * CORRECTIONS.length);
  for (const { id, slug } of organizations) {
    const days = await rebuildOne(database, id, options);
    changed.push(...days.map((day) => ({ organization: slug, ...day })));
  }
  return changed;
}

type Day = Omit<RebuiltDay, "organization">;

class DryRun extends Error {
  readonly days: Day[];
  constructor(days: Day[]) {
    super("a dry run");
    this.days = days;
  }
}

/** A dry run does all of it and takes it back. */
function rebuildOne(database: Database, organizationId: string, options: RebuildOptions): Promise<Day[]> {
  return database
    .transaction(worker, async (tx) => {
      await hold(tx, organizationId);
      const days = await correct(tx, organizationId, options);
      if (options.dryRun === true) throw new DryRun(days);
      if (days.length > 0)
        await writeDown(tx, {
          organizationId,
          actor: null,
          action: "rebuild",
          subject: "organizations",
          subjectId: organizationId,
          details: { since: options.since, days },
        });
      return days;
    })
    .catch((error: unknown) => {
      if (error instanceof DryRun) return error.days;
      throw error;
    });
}

/** Statements of their own: what comes after sees all that was committed before the last lock was given. */
async function hold(tx: Transaction, organizationId: string): Promise<void> {
  for (const lock of LOCKS) await tx.run(lock, [organizationId]);
}

async function correct(
  tx: Transaction,
  organizationId: string,
  { since, onTables }: RebuildOptions,
): Promise<Day[]> {
  const days: Day[] = [];
  for (const { table, query } of CORRECTIONS) {
    const wrong = await tx.query<Omit<Day, "table">>(query, [organizationId, since]);
    days.push(...wrong.map((day) => ({ table, ...day })));
    onTables?.done();
  }
  return days;
}
