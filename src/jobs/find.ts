import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notFound } from "../errors.ts";
import type { JobStatus } from "../sending/machine.ts";
import { type Job, type Next, nextOf, reasonOf } from "./job.ts";
import text from "./jobs.sql";

const sql = namedQueries(text, "listJobs", "listLogs", "listDirect", "jobOfMessage", "messagesOfJob");

/** Which messages; ids, all of them optional. */
export interface JobFilter {
  campaignId?: string | undefined;
  dripId?: string | undefined;
  contactId?: string | undefined;
  status?: JobStatus | undefined;
  errorCode?: string | undefined;
  limit: number;
}

export type ListedJob = Job & { reason: string } & Next;

/** Messages of broadcasts, of drips and of neither, each with why it is where it is and what comes next. As operator. */
export async function listJobs(
  tx: Transaction,
  organizationId: string,
  filter: JobFilter,
): Promise<ListedJob[]> {
  const { campaignId, dripId, contactId, status, errorCode, limit } = filter;
  const which = [contactId ?? null, status ?? null, errorCode ?? null, null, limit];
  const jobs =
    dripId !== undefined && campaignId === undefined
      ? []
      : await tx.query<Job>(sql.listJobs, [organizationId, campaignId ?? null, ...which]);
  const logs =
    campaignId !== undefined && dripId === undefined
      ? []
      : await tx.query<Job>(sql.listLogs, [organizationId, dripId ?? null, ...which]);
  const direct =
    campaignId !== undefined || dripId !== undefined
      ? []
      : await tx.query<Job>(sql.listDirect, [organizationId, ...which]);
  return [...jobs, ...logs, ...direct].slice(0, limit).map(explained);
}

function explained(job: Job): ListedJob {
  return { ...job, reason: reasonOf(job), ...nextOf(job) };
}

/** An attempt that was accepted, as the provider knows it. */
export interface Attempt {
  attempt: number;
  providerMessageId: string | null;
  status: string;
  body: string | null;
  sentAt: Date | null;
  deliveredAt: Date | null;
  readAt: Date | null;
  failedAt: Date | null;
  errorCode: string | null;
  error: string | null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * One message, by its own id or the provider's, with what was accepted. As operator.
 * @throws UserError (4) when there is none
 */
export async function findJob(
  tx: Transaction,
  organizationId: string,
  wanted: string,
): Promise<ListedJob & { messages: Attempt[] }> {
  const id = UUID.test(wanted)
    ? wanted
    : (await tx.one<{ id: string }>(sql.jobOfMessage, [organizationId, wanted]))?.id;
  if (id === undefined) throw notFound("message", wanted);
  const which = [null, null, null, id, 1];
  const job =
    (await tx.one<Job>(sql.listJobs, [organizationId, null, ...which])) ??
    (await tx.one<Job>(sql.listLogs, [organizationId, null, ...which])) ??
    (await tx.one<Job>(sql.listDirect, [organizationId, ...which]));
  if (job === undefined) throw notFound("message", wanted);
  return { ...explained(job), messages: await tx.query<Attempt>(sql.messagesOfJob, [organizationId, id]) };
}
