import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./metrics.sql";

const sql = namedQueries(text, "campaigns", "messages", "senders", "unknown", "machinery");

interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

interface Family {
  /** with its unit, as Prometheus wants it */
  name: string;
  help: string;
  type: "gauge" | "counter";
  samples: Sample[];
}

const OUTCOMES = ["sent", "delivered", "read", "failed", "skipped", "replies", "optOuts"] as const;
const STATES = ["active", "slowed", "halted"] as const;

type Messages = Record<(typeof OUTCOMES)[number], number> & { organization: string; kind: string };

interface Sender {
  organization: string;
  sender: string;
  state: (typeof STATES)[number];
  working: number;
  rateFactor: number;
  waiting: number;
  oldestSeconds: number;
}

interface Machinery {
  waiting: number;
  failed: number;
  oldestSeconds: number;
  hour: number;
  failedTicks: number;
  lastSeconds: number | null;
}

/**
 * The numbers of a monitor in Prometheus' text format 0.0.4. Labels are organizations, senders and states: as many series
 * as there are of those, never one a campaign or contact. As worker.
 * @param organizationId one organization, or null for all
 */
export async function metricsText(tx: Transaction, organizationId: string | null): Promise<string> {
  const rows = <Row extends object>(query: string) => tx.query<Row>(query, [organizationId]);
  const campaigns = await rows<Record<"organization" | "type" | "status", string> & { campaigns: number }>(
    sql.campaigns,
  );
  const families = [
    gauge(
      "adsapp_campaigns",
      "Broadcasts by type and status.",
      campaigns.map(({ campaigns: value, ...labels }) => ({ labels, value })),
    ),
    messages(await rows<Messages>(sql.messages)),
    gauge(
      "adsapp_unknown_outcomes",
      "Messages of which nobody knows whether they went out.",
      (await rows<Record<"organization" | "kind", string> & { unknown: number }>(sql.unknown)).map(
        ({ unknown: value, ...labels }) => ({ labels, value }),
      ),
    ),
    ...senders(await rows<Sender>(sql.senders)),
    ...machinery((await tx.one<Machinery>(sql.machinery)) as Machinery),
  ];
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(textOf)
    .join("");
}

function gauge(name: string, help: string, samples: Sample[]): Family {
  return { name, help, type: "gauge", samples };
}

function messages(rows: readonly Messages[]): Family {
  const samples = rows.flatMap(({ organization, kind, ...counts }) =>
    OUTCOMES.map((outcome) => ({
      labels: { organization, kind, outcome: outcome === "optOuts" ? "opt_outs" : outcome },
      value: counts[outcome],
    })),
  );
  return {
    name: "adsapp_messages_total",
    help: "Messages of broadcasts (bulk) and drips by what became of them; one may count under several.",
    type: "counter",
    samples,
  };
}

function senders(rows: readonly Sender[]): Family[] {
  const each = (value: (row: Sender) => number): Sample[] =>
    rows.map((row) => ({
      labels: { organization: row.organization, sender: row.sender },
      value: value(row),
    }));
  const states = rows.flatMap(({ organization, sender, state }) =>
    STATES.map((one) => ({ labels: { organization, sender, state: one }, value: Number(one === state) })),
  );
  return [
    gauge("adsapp_sender_state", "1 for the state that a sender is in.", states),
    gauge(
      "adsapp_sender_working",
      "1 while a worker holds the sender's lane.",
      each((row) => row.working),
    ),
    gauge(
      "adsapp_sender_rate_ratio",
      "How much of its throughput a sender may use now.",
      each((row) => row.rateFactor),
    ),
    gauge(
      "adsapp_direct_queue_messages",
      "Answers, confirmations and tests that wait for a lane.",
      each((row) => row.waiting),
    ),
    gauge(
      "adsapp_direct_queue_oldest_seconds",
      "How long the one that waits longest has been due.",
      each((row) => row.oldestSeconds),
    ),
  ];
}

function machinery(row: Machinery): Family[] {
  const one = (value: number): Sample[] => [{ labels: {}, value }];
  return [
    gauge("adsapp_inbox_waiting_bodies", "Webhook bodies that wait to be applied.", one(row.waiting)),
    gauge("adsapp_inbox_failed_bodies", "Webhook bodies that could not be applied.", one(row.failed)),
    gauge(
      "adsapp_inbox_oldest_seconds",
      "Age of the oldest webhook body that waits.",
      one(row.oldestSeconds),
    ),
    gauge("adsapp_ticks_last_hour", "Ticks that began within the last hour.", one(row.hour)),
    gauge("adsapp_ticks_failed_last_hour", "Those of them that failed.", one(row.failedTicks)),
    gauge(
      "adsapp_tick_age_seconds",
      "Since the last tick began; missing when there was none ever.",
      row.lastSeconds === null ? [] : one(row.lastSeconds),
    ),
  ];
}

function textOf({ name, help, type, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelsOf(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelsOf(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** As the format asks: names of senders are people's own. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
