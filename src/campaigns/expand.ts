import type { TargetAudience } from "../audience/audience.ts";
import { audienceCondition, withAudience } from "../audience/condition.ts";
import { dynamicListsOf } from "../audience/dynamic-lists.ts";
import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./expand.sql";

const sql = namedQueries(text, "openRuns", "runToBe", "unexpandedRuns", "expandChunk");
const OPEN_RUNS = withRunToBe(sql.openRuns);

const CHUNK = 20_000;
const UNIQUE_VIOLATION = "23505";

interface UnexpandedRun {
  campaignId: string;
  organizationId: string;
  audience: TargetAudience;
}

interface Chunk {
  people: number;
  skipped: number;
  done: boolean;
}

export interface Expanded {
  /** rows that were made, skipped ones included */
  jobs: number;
  skipped: number;
}

/**
 * Makes the jobs of every running campaign whose audience is not written out yet: INSERT … SELECT in chunks of 20,000,
 * each its own transaction, so that a kill loses at most a chunk and the next call goes on behind it.
 * @param goOn asked before each chunk (a tick's budget)
 */
export async function expandRuns(
  database: Database,
  options: {
    organizationId?: string | undefined;
    campaignId?: string | undefined;
    goOn?: () => boolean;
    onChunk?: ((jobs: number) => void) | undefined;
  } = {},
): Promise<Expanded> {
  const goOn = options.goOn ?? (() => true);
  await database.transaction(worker, (tx) => tx.run(OPEN_RUNS, [options.organizationId ?? null]));
  const runs = await database.transaction(worker, (tx) =>
    tx.query<UnexpandedRun>(sql.unexpandedRuns, [options.organizationId ?? null, options.campaignId ?? null]),
  );
  const total: Expanded = { jobs: 0, skipped: 0 };
  for (const run of runs) {
    while (goOn()) {
      const chunk = await expandChunk(database, run);
      if (chunk === undefined) break;
      total.jobs += chunk.people;
      total.skipped += chunk.skipped;
      options.onChunk?.(chunk.people);
      if (chunk.done) break;
    }
  }
  return total;
}

/** A query that holds RUN_TO_BE: the runs that campaigns `c` get when they are written out, as a SELECT without its WHERE. */
export function withRunToBe(query: string): string {
  return query.replace("RUN_TO_BE", () => sql.runToBe);
}

/**
 * Undefined: another process is at it, or it is done. Somebody who got a job while this looked at the people (two contacts turned out to be
 * one) is seen at the second look.
 */
async function expandChunk(database: Database, run: UnexpandedRun): Promise<Chunk | undefined> {
  const write = () => database.transaction(worker, (tx) => writeChunk(tx, run));
  return write().catch((error) => {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    return write();
  });
}

async function writeChunk(tx: Transaction, run: UnexpandedRun): Promise<Chunk | undefined> {
  const lists = await dynamicListsOf(tx, run.organizationId, run.audience);
  const audience = audienceCondition(run.audience, 4, lists);
  const query = withAudience(sql.expandChunk, audience);
  return tx.one<Chunk>(query, [run.campaignId, run.organizationId, CHUNK, ...audience.parameters]);
}
