import { hostname } from "node:os";
import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import type { Kind } from "./kind.ts";
import text from "./lane.sql";

const sql = namedQueries(
  text,
  "takeLanes",
  "renewLane",
  "releaseLane",
  "haltSenders",
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
}

/**
 * Takes the lane of every free sender that has due work, at most `limit`, in random order.
 * The lease runs on the server's wall clock for `leaseSeconds`; renew it in time.
 */
export async function takeLanes(
  database: Database,
  options: { leaseSeconds: number; organizationId?: string | undefined; limit: number },
): Promise<Lane[]> {
  const holder = `${hostname()}:${process.pid}`;
  return database.transaction(worker, (tx) =>
    tx.query<Lane>(sql.takeLanes, [
      holder,
      `${options.leaseSeconds} seconds`,
      options.organizationId ?? null,
      options.limit,
    ]),
  );
}

/** @returns false when the lane is no longer ours (the lease ran out and another took it, or the sender was halted) */
export async function renewLane(database: Database, lane: Lane, leaseSeconds: number): Promise<boolean> {
  const renewed = await database.transaction(worker, (tx) =>
    tx.run(sql.renewLane, [lane.id, lane.laneToken, `${leaseSeconds} seconds`]),
  );
  return renewed > 0;
}

export async function releaseLane(database: Database, lane: Lane): Promise<void> {
  await database.transaction(worker, (tx) => tx.run(sql.releaseLane, [lane.id, lane.laneToken]));
}

/** Stops the sender (or every sender of its account) until a person resumes it. */
export async function haltSenders(
  database: Database,
  lane: Lane,
  reason: string,
  wholeAccount: boolean,
): Promise<void> {
  await database.transaction(worker, (tx) => tx.run(sql.haltSenders, [lane.id, reason, wholeAccount]));
}

/** Pauses a running campaign, or an active drip, with the reason that `status` and `campaign show` give. */
export async function pauseCampaign(
  database: Database,
  kind: Kind,
  campaignId: string,
  reason: string,
): Promise<void> {
  const query = kind === "b" ? sql.pauseCampaign : sql.pauseDrip;
  await database.transaction(worker, (tx) => tx.run(query, [campaignId, reason]));
}
