import { hostname } from "node:os";
import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import type { CampaignKind } from "./kind.ts";
import text from "./lane.sql";

const sql = namedQueries(
  text,
  "takeLanes",
  "renewLane",
  "releaseLane",
  "haltSenders",
  "slowSenders",
  "closeCountry",
  "lastOutcomes",
  "lastDripOutcomes",
  "pauseCampaign",
  "pauseDrip",
);

/** A sender whose lane this process holds: one worker at a time (design: sending, a lane). */
export interface Lane {
  id: string;
  organizationId: string;
  name: string;
  provider: "whatsapp-cloud" | "log";
  apiUrl: string | null;
  phoneNumberId: string | null;
  tokenEnv: string | null;
  tokenFile: string | null;
  /** messages a second that Meta allows the number */
  throughputPerSecond: number;
  laneToken: string;
  /** below 1: it was throttled a while ago, here or on another host */
  rateFactor?: number;
  fullRateInSeconds?: number;
}

/** How fast a lane may go, by what the database knows of its throttling. */
export type LaneSpeed = Required<Pick<Lane, "rateFactor" | "fullRateInSeconds">>;

/**
 * Takes the lane of every free sender that has due work, at most `limit`, in random order.
 * The lease runs on the server's wall clock for `leaseSeconds`; renew it in time.
 */
export async function takeLanes(
  database: Database,
  options: {
    leaseSeconds: number;
    organizationId?: string | undefined;
    /** this one alone, for what waits in its direct queue */
    senderId?: string | undefined;
    limit: number;
  },
): Promise<Lane[]> {
  const holder = `${hostname()}:${process.pid}`;
  return database.transaction(worker, (tx) =>
    tx.query<Lane>(sql.takeLanes, [
      holder,
      `${options.leaseSeconds} seconds`,
      options.organizationId ?? null,
      options.limit,
      options.senderId ?? null,
    ]),
  );
}

/** @returns undefined when the lane is no longer ours (the lease ran out and another took it, or the sender was halted) */
export async function renewLane(
  database: Database,
  lane: Lane,
  leaseSeconds: number,
): Promise<LaneSpeed | undefined> {
  const [speed] = await database.transaction(worker, (tx) =>
    tx.prepared<LaneSpeed>(sql.renewLane, [lane.id, lane.laneToken, `${leaseSeconds} seconds`]),
  );
  return speed;
}

export async function releaseLane(database: Database, lane: Lane): Promise<void> {
  await database.transaction(worker, (tx) => tx.run(sql.releaseLane, [lane.id, lane.laneToken]));
}

/**
 * Halves the rate of the sender (or of every sender with its token), for every host and for the ticks to come.
 * @param given.recoverySeconds from nothing back to the full rate
 * @param given.restSeconds how long nobody takes the lane at all
 */
export async function slowSenders(
  database: Database,
  sender: { id: string },
  given: { wholeToken: boolean; recoverySeconds: number; restSeconds: number },
): Promise<void> {
  const { wholeToken, recoverySeconds, restSeconds } = given;
  await database.transaction(worker, (tx) =>
    tx.run(sql.slowSenders, [sender.id, wholeToken, recoverySeconds, restSeconds]),
  );
}

/** Skips what is left of a campaign's messages to these phones. @param prefixes E.164, `+31` @returns how many */
export async function closeCountry(
  database: Database,
  campaignId: string,
  prefixes: readonly string[],
): Promise<number> {
  const patterns = prefixes.map((prefix) => `${prefix}%`);
  return database.transaction(worker, (tx) => tx.run(sql.closeCountry, [campaignId, patterns]));
}

/** Of the last hundred answered messages of a broadcast or a drip before that time: the error code of each, null where it went well. */
export async function lastOutcomes(
  database: Database,
  kind: CampaignKind,
  campaignId: string,
  before: Date,
): Promise<(string | null)[]> {
  const rows = await database.transaction(worker, (tx) =>
    tx.query<{ errorCode: string | null }>(kind === "b" ? sql.lastOutcomes : sql.lastDripOutcomes, [
      campaignId,
      before,
    ]),
  );
  return rows.map(({ errorCode }) => errorCode);
}

/** Stops the sender (or every sender of its account) until a person resumes it. */
export async function haltSenders(
  database: Database,
  lane: { id: string },
  reason: string,
  wholeAccount: boolean,
): Promise<void> {
  await database.transaction(worker, (tx) => tx.run(sql.haltSenders, [lane.id, reason, wholeAccount]));
}

/** Pauses a running campaign, or an active drip, with the reason that `status` and `campaign show` give. */
export async function pauseCampaign(
  database: Database,
  kind: CampaignKind,
  campaignId: string,
  reason: string,
): Promise<void> {
  const query = kind === "b" ? sql.pauseCampaign : sql.pauseDrip;
  await database.transaction(worker, (tx) => tx.run(query, [campaignId, reason]));
}
