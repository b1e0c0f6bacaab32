import type { TargetAudience } from "../audience/audience.ts";
import { countAudience } from "../campaigns/preview-audience.ts";
import { withLate } from "../campaigns/wake.ts";
import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import type { Lane } from "../sending/lane.ts";
import { type Foreseen, lookAtLane } from "../sending/look.ts";
import { PairPace } from "../sending/pair-pace.ts";
import { counted, type DryLine, earliest, totalOf } from "./dry-line.ts";
import text from "./dry-run.sql";

const sql = namedQueries(text, "queues", "lanes", "campaigns");
const CAMPAIGNS = withLate(sql.campaigns);

/** What a tick would do; the shape of `tick --dry-run --format json`. */
export interface DryRun {
  at: Date;
  /** webhook bodies that it would apply first */
  inbox: number;
  /** events that may let people into drips, or out of them */
  events: number;
  /** messages with an unknown outcome, some of which it may settle */
  unknown: number;
  due: number;
  send: number;
  skip: Record<string, number>;
  wait: Record<string, number>;
  lines: DryLine[];
}

interface DueLane {
  id: string;
  name: string;
  provider: string;
  throughputPerSecond: number;
  organization: string;
  closedBy: string | null;
  until: Date | null;
  directDue: number;
}

interface DueCampaign {
  id: string;
  organizationId: string;
  organization: string;
  name: string;
  kind: "campaign" | "drip";
  status: string;
  senderId: string | null;
  starts: boolean;
  isToBeWritten: boolean;
  audience: TargetAudience;
  written: number;
  isLate: boolean;
  isExpired: boolean;
  awaitsCanary: boolean;
  isHourly: boolean;
  due: number;
  coming: number;
  nextAt: Date | null;
}

/** No tick looks at more of a lane at once than this. */
const MOST = 50_000;

/**
 * What a tick that began now would do at once, by the SQL of its claims, in a transaction that is READ ONLY: each lane as far as it comes
 * in its time, broadcasts, drips and the direct queue each for itself. Who lacks a value that the message needs counts as sent.
 * @param organizationId undefined: all of them @param budgetSeconds what the tick may take
 */
export async function dryRun(
  database: Database,
  organizationId: string | undefined,
  budgetSeconds: number,
): Promise<DryRun> {
  return database.transaction(worker, async (tx) => {
    await tx.run("set transaction read only");
    const parameters = [organizationId ?? null];
    const queues = await tx.one<Pick<DryRun, "at" | "inbox" | "events" | "unknown">>(sql.queues, parameters);
    const lanes = await tx.query<DueLane>(sql.lanes, parameters);
    const campaigns = await tx.query<DueCampaign>(CAMPAIGNS, parameters);
    const { at, inbox, events, unknown } = queues as NonNullable<typeof queues>;
    const lines: DryLine[] = [];
    for (const lane of lanes) {
      const own = campaigns.filter(({ senderId }) => senderId === lane.id);
      if (own.length > 0 || lane.directDue > 0)
        lines.push(...(await linesOf(database, tx, lane, own, at, budgetSeconds)));
    }
    const senderless = campaigns.filter(({ senderId }) => senderId === null);
    for (const campaign of senderless) lines.push(await lineOf(tx, campaign, null, "no_sender", []));
    return { at, inbox, events, unknown, ...totalOf(lines), lines };
  });
}

async function linesOf(
  database: Database,
  tx: Transaction,
  lane: DueLane,
  campaigns: readonly DueCampaign[],
  at: Date,
  budgetSeconds: number,
): Promise<DryLine[]> {
  const size = Math.min(MOST, Math.max(1, Math.ceil(lane.throughputPerSecond * budgetSeconds)));
  const seen =
    lane.closedBy === null
      ? await lookAtLane(tx, lane, size, await borrowedOf(database, lane, at))
      : { b: [], d: [], m: [] };
  const lines: DryLine[] = [];
  if (lane.directDue > 0) lines.push(directLine(lane, seen.m));
  for (const campaign of campaigns) {
    const own = [...seen.b, ...seen.d].filter(({ campaignId }) => campaignId === campaign.id);
    lines.push(await lineOf(tx, campaign, lane, lane.closedBy, own));
  }
  return lines;
}

async function borrowedOf(database: Database, lane: DueLane, at: Date) {
  const pairs = await PairPace.of(database, lane as unknown as Lane, () => at);
  return pairs?.borrowed() ?? { contacts: [], seconds: [] };
}

function directLine(
  { organization, name, closedBy, directDue, until }: DueLane,
  seen: readonly Foreseen[],
): DryLine {
  const line = {
    organization,
    sender: name,
    campaign: null,
    kind: "direct",
    writesOut: 0,
    due: directDue,
  } as const;
  return counted(line, seen, closedBy ?? "time", until);
}

/** @param closedBy why nobody takes the lane; null: one may */
async function lineOf(
  tx: Transaction,
  campaign: DueCampaign,
  lane: DueLane | null,
  closedBy: string | null,
  seen: readonly Foreseen[],
): Promise<DryLine> {
  const { organization, name, kind, due, coming, nextAt, starts, isLate, isExpired } = campaign;
  const writesOut = await toBeWritten(tx, campaign);
  const base = { organization, sender: lane?.name ?? null, campaign: name, kind, writesOut, due };
  if (isExpired)
    return { ...base, would: "send", send: 0, skip: { expired: due + coming }, wait: {}, until: null };
  const why = whyItWaits(campaign, closedBy);
  const isAsleep = campaign.status === "paused" || isLate;
  const line = counted(base, isAsleep ? [] : seen, why, closedBy === null ? null : (lane?.until ?? null));
  const wait = coming === 0 ? line.wait : { ...line.wait, next_attempt: coming };
  const would = isLate ? "pause" : starts ? "start" : line.would;
  return { ...line, would, wait, until: earliest(line.until, nextAt) };
}

/** What keeps those that no claim would look at now. */
function whyItWaits(
  { status, isLate, awaitsCanary, isHourly }: DueCampaign,
  closedBy: string | null,
): string {
  if (status === "paused") return "paused";
  if (isLate) return "later_than_max_lateness";
  return closedBy ?? (awaitsCanary ? "canary" : isHourly ? "hourly_limit" : "time");
}

async function toBeWritten(tx: Transaction, campaign: DueCampaign): Promise<number> {
  const { isToBeWritten, isLate, organizationId, audience, written } = campaign;
  if (!isToBeWritten || isLate) return 0;
  const parts = await countAudience(tx, organizationId, audience, {
    isMarketing: false,
    requireOptIn: false,
    needsWindow: false,
    byCountry: false,
    prefixLength: 0,
  });
  const people = parts
    .filter(({ excluded }) => excluded === null)
    .reduce((sum, part) => sum + part.people, 0);
  return Math.max(0, people - written);
}
