import { join } from "node:path";
import type { Context } from "../cli/context.ts";
import { worker } from "../db/identity.ts";
import { type SendReport, sendDue } from "./send.ts";

/**
 * Sends what waits in a sender's direct queue now, without waiting for cron. Where a tick holds the lane, that one
 * sends it within about a second, and nothing is sent here.
 * @param senderId whose queue
 * @returns what was sent by this process
 */
export async function sendDirectNow(context: Context, senderId: string): Promise<SendReport> {
  const database = await context.database();
  const began = performance.now();
  const start = await database.transaction(worker, (tx) =>
    tx.one<{ now: Date }>("select adsapp_now() as now"),
  );
  const from = (start?.now ?? new Date(0)).getTime();
  return sendDue({
    database,
    env: context.env,
    leaseSeconds: context.config.laneLeaseSeconds,
    concurrency: context.config.concurrency,
    directOf: senderId,
    stopping: context.stopping,
    aborting: context.aborting,
    now: () => new Date(from + performance.now() - began),
    logFile: join(context.config.home, "messages.ndjson"),
  });
}
