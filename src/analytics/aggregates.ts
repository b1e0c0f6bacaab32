import { namedQueries } from "../db/queries.ts";
import { forLogs } from "../sending/kind.ts";
import text from "./recount.sql";

const sql = namedQueries(
  text,
  "campaignDays",
  "templateDays",
  "stepDays",
  "entryDays",
  "priceDays",
  "failureDays",
);

/** A table of daily numbers, and the query that says the same from the rows alone. */
export interface Aggregate {
  table: string;
  /** beside organization_id and date */
  keys: readonly string[];
  counts: readonly string[];
  /** the columns of its unique key */
  conflict: string;
  /** $1 organization or null, $2 first day or null */
  counted: string;
}

const OUTCOMES = [
  "messages_sent",
  "messages_delivered",
  "messages_read",
  "messages_failed",
  "replies_received",
];

/** All that are kept by triggers as messages change, and can be recomputed. */
export const AGGREGATES: readonly Aggregate[] = [
  {
    table: "campaign_analytics",
    keys: ["campaign_id", "campaign_type"],
    counts: [...OUTCOMES, "opt_outs"],
    conflict: "campaign_id, date, organization_id",
    counted: `${sql.campaignDays} union all ${forDrips(sql.campaignDays)}`,
  },
  {
    table: "template_usage_analytics",
    keys: ["template_id", "campaign_id", "campaign_type"],
    counts: OUTCOMES,
    conflict: "template_id, campaign_id, date, organization_id",
    counted: sql.templateDays,
  },
  {
    table: "drip_step_analytics",
    keys: ["campaign_id", "step_id"],
    counts: [...OUTCOMES, "opt_outs"],
    conflict: "step_id, date, organization_id",
    counted: sql.stepDays,
  },
  {
    table: "drip_entry_analytics",
    keys: ["campaign_id"],
    counts: [
      ...["enrolled", "completed", "dropped", "opted_out"],
      ...["messages_sent", "messages_delivered", "messages_read", "replies_received"],
    ],
    conflict: "campaign_id, date, organization_id",
    counted: sql.entryDays,
  },
  {
    table: "message_pricing_analytics",
    keys: ["campaign_id", "campaign_type", "calling_code", "category", "pricing_type"],
    counts: ["messages"],
    conflict: "campaign_id, date, calling_code, category, pricing_type, organization_id",
    counted: sql.priceDays,
  },
  {
    table: "failure_analytics",
    keys: ["campaign_id", "campaign_type", "error_code"],
    counts: ["failures"],
    conflict: "campaign_id, date, error_code, organization_id",
    counted: `${sql.failureDays} union all ${forDrips(sql.failureDays)}`,
  },
];

function forDrips(query: string): string {
  return forLogs(query).replaceAll("bulk_campaigns", "drip_campaigns").replaceAll("'bulk'", "'drip'");
}

/**
 * Where a table of daily numbers differs from its rows, either way: keys, what it `says` and what is `counted`, both as
 * arrays. A day of zeros is no day. United and grouped, since keys may be null and then are equal too.
 */
export function differences({ table, keys, counts, counted }: Aggregate): string {
  const columns = ["organization_id", ...keys, "date"].join(", ");
  const zeros = counts.map(() => "0").join(", ");
  const sums = (prefix: string) => counts.map((count) => `sum(${prefix}_${count})::int`).join(", ");
  const named = (prefix: string) => counts.map((count) => `${count} as ${prefix}_${count}`).join(", ");
  return `select ${columns}, array[${sums("says")}] as says, array[${sums("counted")}] as counted
     from (select ${columns}, ${named("says")}, ${counts.map((count) => `0 as counted_${count}`).join(", ")}
             from ${table} a where ($1::uuid is null or a.organization_id = $1) and a.date >= coalesce($2::date, '-infinity')
           union all
           select ${columns}, ${zeros}, ${counts.join(", ")} from (${counted}) c) x
    group by ${columns} having array[${sums("says")}] <> array[${sums("counted")}]`;
}

/** Writes what is counted where the table says something else. @returns one row a day: date and rows */
export function correction(aggregate: Aggregate): string {
  const { table, keys, counts, conflict } = aggregate;
  const columns = ["organization_id", ...keys, "date"].join(", ");
  return `with wrong as materialized (${differences(aggregate)}
     ), written as (
       insert into ${table} as a (${columns}, ${counts.join(", ")})
       select ${columns}, ${counts.map((_, i) => `counted[${i + 1}]`).join(", ")} from wrong order by ${conflict}
       on conflict (${conflict}) do update set ${counts.map((count) => `${count} = excluded.${count}`).join(", ")}
     )
     select date, count(*)::int as rows from wrong group by date order by date`;
}
