import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { forLogs } from "../sending/kind.ts";
import { AGGREGATES, type Aggregate, differences } from "./aggregates.ts";
import text from "./audit.sql";
import breakdownText from "./audit-breakdowns.sql";
import conversationText from "./audit-conversations.sql";
import dripText from "./audit-drips.sql";
import planText from "./audit-plans.sql";
import wallText from "./audit-walls.sql";

/** What must hold, whoever wrote: each is a query of audit.sql (or of a file beside it) by the same name. */
export const CHECKS = [
  "ledger_balances",
  "counters_equal_rows",
  "analytics_equal_rows",
  "template_usage_equals_rows",
  "drip_steps_equal_rows",
  "drip_entries_equal_rows",
  "prices_equal_rows",
  "no_send_after_opt_out",
  "opt_outs_are_kept",
  "hourly_limit",
  "messaging_limit",
  "frequency_cap",
  "pair_limit",
  "throughput",
  "contacts_per_day",
  "canary_first",
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
  "variants_as_drawn",
  "within_hours",
  "failures_equal_rows",
  "drip_replies_equal_rows",
  "sources_equal_rows",
  "agent_days_equal_rows",
  "answers_in_their_conversation",
  "replies_equal_answers",
  "no_answer_to_blocked",
  "every_table_is_walled",
] as const;

/** Checks that daily numbers equal their rows, and of which table (`rebuild` writes them anew). */
const DAILY = {
  template_usage_equals_rows: "template_usage_analytics",
  drip_steps_equal_rows: "drip_step_analytics",
  drip_entries_equal_rows: "drip_entry_analytics",
  prices_equal_rows: "message_pricing_analytics",
  failures_equal_rows: "failure_analytics",
} as const;

const sql: Record<string, string> = {
  ...namedQueries(text, "sentAgain"),
  ...namedQueries(dripText),
  ...namedQueries(breakdownText),
  ...namedQueries(conversationText),
  ...namedQueries(planText),
  ...namedQueries(wallText),
  ...Object.fromEntries(Object.entries(DAILY).map(([name, table]) => [name, dailyNumbers(table)])),
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

function dailyNumbers(table: string): string {
  const aggregate = AGGREGATES.find((one) => one.table === table) as Aggregate;
  const key = `concat_ws(' ', ${aggregate.keys.map((column) => `d.${column}`).join(", ")})`;
  return `select format('${table} of %s on %s: says %s, rows %s (${aggregate.counts.join(", ")})', ${key}, d.date, d.says, d.counted) as example
            from (${differences(aggregate).replaceAll("$2::date", "null::date")}) d`;
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
