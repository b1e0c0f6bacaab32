import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { forLogs } from "../sending/kind.ts";
import text from "./audit.sql";
import conversationText from "./audit-conversations.sql";
import dripText from "./audit-drips.sql";
import wallText from "./audit-walls.sql";

/** What must hold, whoever wrote: each is a query of audit.sql by the same name. */
export const CHECKS = [
  "ledger_balances",
  "counters_equal_rows",
  "analytics_equal_rows",
  "no_send_after_opt_out",
  "opt_outs_are_kept",
  "hourly_limit",
  "messaging_limit",
  "frequency_cap",
  "attempts_within_bounds",
  "each_person_once",
  "messages_match_jobs",
  "no_pending_behind_cursor",
  "dispatching_rows_have_a_window",
  "pending_messages_are_queued",
  "finished_campaigns_have_no_open_rows",
  "status_times_agree",
  "drip_counters_equal_rows",
  "no_drip_after_opt_out",
  "each_step_once",
  "steps_in_order",
  "nobody_is_stuck",
  "sources_equal_rows",
  "answers_in_their_conversation",
  "every_table_is_walled",
] as const;

const sql: Record<string, string> = {
  ...namedQueries(text, "sentAgain"),
  ...namedQueries(dripText),
  ...namedQueries(conversationText),
  ...namedQueries(wallText),
};

/** What holds of a broadcast's jobs and of a drip's logs alike: one text for both. */
const ALIKE: readonly string[] = [
  "analytics_equal_rows",
  "attempts_within_bounds",
  "dispatching_rows_have_a_window",
  "status_times_agree",
];

function queryOf(name: Check["name"]): string {
  const query = sql[name];
  if (query === undefined) throw new Error(`no such query: ${name}`);
  if (!ALIKE.includes(name)) return query;
  const ofLogs = forLogs(query).replaceAll("'bulk'", "'drip'").replaceAll("'job %s", "'log %s");
  return `(${query}) union (${ofLogs})`;
}

export interface Check {
  name: (typeof CHECKS)[number];
  ok: boolean;
  violations: number;
  /** of the violations, ten at most */
  examples: string[];
}

export interface Audit {
  ok: boolean;
  checks: Check[];
  /** people who may have had a message twice, by the policy `onUnknown: retry`; no violation */
  sentAgain: number;
}

/**
 * Proves the ledger: every check over the rows as they are now. Reads only, and may run beside ticks. As worker.
 * @param organizationId one organization, or null for all
 */
export async function audit(tx: Transaction, organizationId: string | null): Promise<Audit> {
  const checks: Check[] = [];
  for (const name of CHECKS) checks.push(await prove(tx, name, organizationId));
  const again = await tx.one<{ jobs: number }>(sql.sentAgain as string, [organizationId]);
  return { ok: checks.every((check) => check.ok), checks, sentAgain: again?.jobs ?? 0 };
}

async function prove(tx: Transaction, name: Check["name"], organizationId: string | null): Promise<Check> {
  const query = queryOf(name);
  const found = await tx.one<{ violations: number; examples: string[] }>(
    `with violation as (
       ${query}
     )
     select count(*)::int as violations, coalesce(array_agg(v.example) filter (where v.n <= 10), '{}') as examples
       from (select example, row_number() over () as n from violation) v`,
    query.includes("$1") ? [organizationId] : [], // the catalogue belongs to no organization
  );
  const { violations, examples } = found ?? { violations: 0, examples: [] };
  return { name, ok: violations === 0, violations, examples };
}
