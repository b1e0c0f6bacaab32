import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./agent-days.sql";

const sql = namedQueries(text, "takeAgentDays", "settleAgentDays");

const DAYS_AT_ONCE = 1_000;

/**
 * Computes the agents' days on which something changed once more, from the rows alone, until none is marked: repeating it
 * changes nothing. @param organizationId undefined: all of them @returns how many days it computed
 */
export async function settleAgentDays(database: Database, organizationId?: string): Promise<number> {
  for (let total = 0; ; ) {
    const days = await settleSome(database, organizationId);
    total += days;
    if (days < DAYS_AT_ONCE) return total;
  }
}

function settleSome(database: Database, organizationId: string | undefined): Promise<number> {
  return database.transaction(worker, async (tx) => {
    const days = await tx.query<{ agentId: string; date: string }>(sql.takeAgentDays, [
      organizationId ?? null,
      DAYS_AT_ONCE,
    ]);
    if (days.length > 0)
      await tx.run(sql.settleAgentDays, [days.map((day) => day.agentId), days.map((day) => day.date)]);
    return days.length;
  });
}
