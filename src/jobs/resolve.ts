import { findCampaign } from "../campaigns/find.ts";
import type { Database, Transaction } from "../db/database.ts";
import { type Identity, worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { writeDown } from "../organizations/audit-log.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { findJob } from "./find.ts";
import text from "./jobs.sql";

const sql = namedQueries(text, "resolveJobs", "resolveLogs", "resolveDirect", "reopenCampaigns");

export type Verdict = "sent" | "not-sent";

/** What became of unknown messages by a person's word. */
export interface Resolved {
  resolved: number;
  sent: number;
  /** to be sent again */
  pending: number;
  /** no attempt was left, the drip has gone on, or it is no campaign's: whoever wrote it writes it anew */
  failed: number;
  cancelled: number;
  /** the campaign was completed, and runs again */
  reopened: boolean;
}

export type Person = Extract<Identity, { role: "operator" }>;

/** For each kind of message the statement, and the table that the audit log names. */
const RESOLVING = {
  campaign: { query: sql.resolveJobs, subject: "bulk_message_jobs" },
  drip: { query: sql.resolveLogs, subject: "drip_message_logs" },
  direct: { query: sql.resolveDirect, subject: "messages" },
} as const;

/**
 * Settles one unknown message, of a broadcast, a drip or neither. Saying the same twice changes nothing.
 * @throws UserError (4) when there is none, (1) when it is not unknown, (5) for viewers
 */
export async function resolveJob(
  database: Database,
  person: Person,
  organizationId: string,
  wanted: string,
  as: Verdict,
): Promise<Resolved> {
  const job = await database.transaction(person, async (tx) => {
    await refuseViewer(tx);
    return findJob(tx, organizationId, wanted);
  });
  if (job.status !== "unknown") {
    if (job.resolvedAs === as) return NOTHING;
    throw notAllowed(`message ${job.id} is ${job.status}: only an unknown outcome can be settled`);
  }
  return settle(database, person, organizationId, as, {
    ...RESOLVING[job.kind],
    jobId: job.id,
    subjectId: job.id,
  });
}

/**
 * Settles every unknown message of a broadcast, in one statement; none is no error.
 * @throws UserError (4) when there is no such campaign, (5) for viewers
 */
export async function resolveCampaign(
  database: Database,
  person: Person,
  organizationId: string,
  nameOrId: string,
  as: Verdict,
): Promise<Resolved> {
  const campaign = await database.transaction(person, async (tx) => {
    await refuseViewer(tx);
    return findCampaign(tx, organizationId, nameOrId);
  });
  const query = sql.resolveJobs;
  return settle(database, person, organizationId, as, {
    query,
    campaignId: campaign.id,
    subject: "bulk_campaigns",
    subjectId: campaign.id,
  });
}

const NOTHING: Resolved = { resolved: 0, sent: 0, pending: 0, failed: 0, cancelled: 0, reopened: false };

interface Target {
  query: string;
  jobId?: string;
  campaignId?: string;
  /** what the audit log says it was about */
  subject: string;
  subjectId: string;
}

/** As worker, since statuses of messages are no operator's to write; the audit log names the person. */
function settle(
  database: Database,
  person: Person,
  organizationId: string,
  as: Verdict,
  { query, jobId, campaignId, subject, subjectId }: Target,
): Promise<Resolved> {
  return database.transaction(worker, async (tx) => {
    const rows = await tx.query<{ campaignId: string; status: keyof Resolved }>(query, [
      organizationId,
      jobId ?? null,
      campaignId ?? null,
      as,
    ]);
    if (rows.length === 0) return NOTHING;
    const count = (status: string) => rows.filter((row) => row.status === status).length;
    const counts = {
      resolved: rows.length,
      sent: count("sent"),
      pending: count("pending"),
      failed: count("failed"),
      cancelled: count("cancelled"),
    };
    const again = [...new Set(rows.filter((row) => row.status === "pending").map((row) => row.campaignId))];
    const reopened = (await reopenCampaigns(tx, person, organizationId, again)) > 0;
    await writeDown(tx, {
      organizationId,
      actor: person.profileId,
      action: "resolve",
      subject,
      subjectId,
      details: { as, ...counts },
    });
    return { ...counts, reopened };
  });
}

/**
 * Completed campaigns that have something to send again run on, and so do recurring ones between two occurrences; the audit log names the
 * person. @returns how many run
 */
export async function reopenCampaigns(
  tx: Transaction,
  { profileId }: Person,
  organizationId: string,
  campaignIds: readonly string[],
): Promise<number> {
  if (campaignIds.length === 0) return 0;
  await tx.run("select set_config('request.jwt.claim.sub', $1, true)", [profileId]);
  const rows = await tx.query<{ status: string }>(sql.reopenCampaigns, [organizationId, campaignIds]);
  return rows.filter(({ status }) => status === "running").length;
}
