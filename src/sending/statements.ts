import { namedQueries } from "../db/queries.ts";
import text from "./claim.sql";
import dripText from "./claim-drips.sql";
import directText from "./direct.sql";
import type { Kind } from "./kind.ts";
import limitsText from "./limits.sql";

const parts = {
  ...namedQueries(text, "weighJobs", "takeJobs", "run", "pace", "hourly", "gatedJobs"),
  ...namedQueries(dripText, "weighLogs", "takeLogs", "drip", "gatedLogs"),
  ...namedQueries(directText, "weighDirect", "takeDirect"),
  ...namedQueries(limitsText, "lane", "judged", "touches", "counted"),
};

/** What the words in capitals of a claim's text stand for. */
const SHARED: Readonly<Record<string, string>> = {
  LANE: parts.lane,
  RUN: parts.run,
  PACE: parts.pace,
  HOURLY: parts.hourly,
  DRIP: parts.drip,
  GATED_JOBS: parts.gatedJobs,
  GATED_LOGS: parts.gatedLogs,
  JUDGED: parts.judged,
  TOUCHES: parts.touches,
  COUNTED: parts.counted,
};

/** Whoever claims holds the lane, and brought the count of the messaging limit up to date (limits.ts). */
const CLAIMING: Readonly<Record<string, string>> = {
  HELD: "s.lane_token = $2 and s.lane_expires_at > clock_timestamp()",
  REACHED: "p.reached",
  STILL: "true",
};

/** Whoever looks holds nothing: it takes no notice of people who were reached a day ago and are still counted. */
const LOOKING: Readonly<Record<string, string>> = {
  HELD: "$2::uuid is null",
  REACHED: `(select count(*) from portfolio_reach r where r.portfolio_id = p.id and r.organization_id = p.organization_id
                                and r.at > adsapp_now() - interval '24 hours')`,
  STILL: "r.at > l.now - interval '24 hours'",
};

const WORDS =
  /\b(LANE|RUN|PACE|HOURLY|DRIP|GATED_JOBS|GATED_LOGS|JUDGED|TOUCHES|COUNTED|HELD|REACHED|STILL)\b/g;

function filled(sql: string, own: Readonly<Record<string, string>>): string {
  return sql.replace(WORDS, (word) => {
    const shared = SHARED[word];
    return shared === undefined ? (own[word] as string) : filled(shared, own);
  });
}

const CLAIMS: Readonly<Record<Kind, readonly [weigh: string, take: string]>> = {
  b: [parts.weighJobs, parts.takeJobs],
  d: [parts.weighLogs, parts.takeLogs],
  m: [parts.weighDirect, parts.takeDirect],
};

/** The statement by which a lane claims messages: what it finds and judges, and what it takes of that. */
export function claimStatement(kind: Kind): string {
  return filled(CLAIMS[kind].join(",\n"), CLAIMING);
}

/**
 * A statement that reads what a claim would do, with the parts of the claim itself in place of the words in capitals. It
 * locks nothing: in a transaction that is READ ONLY, PostgreSQL answers for that.
 * @param sql holds LANE, RUN, PACE, HOURLY, DRIP, GATED_JOBS, GATED_LOGS, JUDGED, TOUCHES
 */
export function lookStatement(sql: string): string {
  return filled(sql, LOOKING).replace(/\s*\bfor no key update( of \w+)?( skip locked)?/g, "");
}

/** All that a claim finds and judges for a lane, without taking it. @param select what to tell of it */
export function lookOfLane(kind: Kind, select: string): string {
  return lookStatement(`${CLAIMS[kind][0]}\n${select}`);
}
