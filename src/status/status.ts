import { openReviews } from "../contacts/review.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { problemsOf } from "./problems.ts";
import text from "./status.sql";

const sql = namedQueries(text, "openCampaigns", "openDrips", "lanes", "portfolios", "notices", "machinery");

/** Why a campaign does not go on at this moment; `sending` and `tick`: it does, or will within a minute. */
export type WaitsFor =
  | "resume"
  | "start_time"
  | "organization_paused"
  | "sender_halted"
  | "sender_rests"
  | "expansion"
  | "canary"
  | "hourly_limit"
  | "messaging_limit"
  | "next_attempt"
  | "evidence"
  | "sending"
  | "tick";

/** A campaign that is not finished, or one that is but has unknown outcomes. */
export interface OpenCampaign {
  id: string;
  name: string;
  status: "scheduled" | "running" | "paused" | "completed" | "cancelled";
  sender: string | null;
  scheduledAt: Date | null;
  startedAt: Date | null;
  pausedAt: Date | null;
  pauseReason: string | null;
  /** null: it is not paused */
  pausedByMachine: boolean | null;
  targets: number;
  sent: number;
  failed: number;
  skipped: number;
  /** not dispatched yet, those with a time of their own included */
  pending: number;
  /** outcomes that nobody knows */
  unknown: number;
  /** of these, those that only a person or a late webhook settles */
  held: number;
  /** null: it is finished */
  waitsFor: WaitsFor | null;
  waitsUntil: Date | null;
}

/** A drip that runs or is paused, or an archived one that has unknown outcomes. */
export interface OpenDrip {
  id: string;
  name: string;
  status: "active" | "paused" | "archived";
  sender: string | null;
  pausedAt: Date | null;
  pauseReason: string | null;
  /** null: it is not paused */
  pausedByMachine: boolean | null;
  /** who are in it */
  people: number;
  /** messages whose time has come */
  due: number;
  /** outcomes that nobody knows */
  unknown: number;
  /** of these, those that only a person or a late webhook settles */
  held: number;
  /** `next_step`: until its time; `people`: nobody waits in it. Null: it is archived */
  waitsFor: WaitsFor | "next_step" | "people" | null;
  waitsUntil: Date | null;
}

/** What Meta told of an account, a number or a template. */
export interface AccountNotice {
  occurredAt: Date;
  field: string;
  event: string;
  message: string;
  /** the account's senders were halted for it */
  halts: boolean;
  sender: string | null;
  wabaId: string;
}

export interface LaneState {
  name: string;
  provider: "whatsapp-cloud" | "log";
  /** the last event of phone_number_quality_update */
  quality: string | null;
  state: "active" | "slowed" | "halted";
  haltReason: string | null;
  haltedAt: Date | null;
  /** host and process that took the lane last and did not release it */
  holder: string | null;
  expiresAt: Date | null;
  /** its lease still runs */
  working: boolean;
  /** answers, confirmations and tests that are not sent yet */
  directWaiting: number;
}

/** A portfolio with a messaging limit. */
export interface PortfolioState {
  name: string;
  /** unique people in a rolling 24 h */
  limit: number;
  /** of the last 24 h, outside a service window */
  reached: number;
  /** when there is room for somebody new; null: there is */
  roomAt: Date | null;
}

export interface InboxState {
  /** bodies of every organization: whose they are is known when they are applied */
  waiting: number;
  oldestAt: Date | null;
  /** bodies of this organization, or of none that is known, that could not be applied */
  failed: number;
  failure: string | null;
}

export interface TickState {
  lastStartedAt: Date | null;
  /** null: it runs, or it was killed */
  lastFinishedAt: Date | null;
  host: string | null;
  error: string | null;
  /** of the last 60, those in which no tick began; null: there was none ever */
  missedMinutes: number | null;
  /** no tick for 5 minutes although there is work */
  overdue: boolean;
}

/** What runs, what waits and why; the shape of `status --format json`. */
export interface Status {
  /** false: something needs a person */
  ok: boolean;
  problems: string[];
  organizationPausedAt: Date | null;
  campaigns: OpenCampaign[];
  drips: OpenDrip[];
  senders: LaneState[];
  portfolios: PortfolioState[];
  /** of the last 30 days, the newest first */
  notices: AccountNotice[];
  inbox: InboxState;
  /** messages that may be an opt-out, and nobody has judged yet */
  reviews: number;
  ticks: TickState;
}

interface Machinery extends InboxState {
  organizationPausedAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  host: string | null;
  error: string | null;
  missedMinutes: number | null;
  silent: boolean;
  due: boolean;
}

type Within = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

/**
 * How an organization stands. Its campaigns, drips and senders are read as operator, under Row Level Security; the inbox and
 * the heartbeat belong to no tenant and are counted as worker.
 */
export async function statusOf(
  asOperator: Within,
  asWorker: Within,
  organizationId: string,
): Promise<Status> {
  const { campaigns, drips, senders, portfolios, notices, reviews } = await asOperator(async (tx) => ({
    campaigns: await tx.query<OpenCampaign>(sql.openCampaigns, [organizationId]),
    drips: await tx.query<OpenDrip>(sql.openDrips, [organizationId]),
    senders: await tx.query<LaneState>(sql.lanes, [organizationId]),
    portfolios: await tx.query<PortfolioState>(sql.portfolios, [organizationId]),
    notices: await tx.query<AccountNotice>(sql.notices, [organizationId]),
    reviews: (await openReviews(tx, organizationId)).length,
  }));
  const machinery = await asWorker((tx) => tx.one<Machinery>(sql.machinery, [organizationId]));
  if (machinery === undefined) throw new Error(`no organization ${organizationId}`);
  const { waiting, oldestAt, failed, failure, startedAt, finishedAt, host, error, missedMinutes } = machinery;
  const state = {
    organizationPausedAt: machinery.organizationPausedAt,
    campaigns,
    drips,
    senders,
    portfolios,
    notices,
    inbox: { waiting, oldestAt, failed, failure },
    reviews,
    ticks: {
      lastStartedAt: startedAt,
      lastFinishedAt: finishedAt,
      host,
      error,
      missedMinutes,
      overdue: machinery.silent && machinery.due,
    },
  };
  const problems = problemsOf(state);
  return { ok: problems.length === 0, problems, ...state };
}
