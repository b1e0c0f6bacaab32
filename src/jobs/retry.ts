import type { Campaign } from "../campaigns/campaign.ts";
import { findCampaign } from "../campaigns/find.ts";
import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { writeDown } from "../organizations/audit-log.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { isPermanent, isWithheld } from "../sending/outcomes.ts";
import { type Person, reopenCampaigns } from "./resolve.ts";
import text from "./retry.sql";

const sql = namedQueries(text, "failedByCode", "lockCampaign", "retryFailed");

const RETRIED = ["running", "paused", "completed"];

/** What `campaign retry --failed` would do, or did. */
export interface Retryable {
  campaignId: string;
  name: string;
  failed: number;
  /** of these, whose error says that it can only fail again: undeliverable, opted out, a country that is closed */
  permanent: number;
}

export interface Retried {
  id: string;
  name: string;
  status: string;
  retried: number;
  permanent: number;
  /** may not be messaged any more (opted out, blocked, erased) */
  unreachable: number;
  reopened: boolean;
}

interface CodeCount {
  code: string | null;
  count: number;
}

/**
 * How many messages of a campaign have failed, and could be tried again. As operator.
 * @throws UserError (4) unknown, (1) in a state that has nothing to retry, (5) for viewers
 */
export async function retryable(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<Retryable> {
  const campaign = await findCampaign(tx, organizationId, nameOrId);
  const { id, name } = campaign;
  await refuseViewer(tx);
  refuseState(campaign);
  const counts = await tx.query<CodeCount>(sql.failedByCode, [organizationId, id]);
  return { campaignId: id, name, failed: total(counts), permanent: total(counts.filter(onlyFailsAgain)) };
}

/**
 * Tries failed messages once more, and reopens a campaign that was completed. As worker, since statuses of messages are no
 * operator's to write; the audit log names the person. Doing it twice retries nothing twice.
 * @throws UserError (1) when the campaign changed meanwhile, or its sendBefore has gone by
 */
export function retryFailed(
  database: Database,
  person: Person,
  organizationId: string,
  campaignId: string,
): Promise<Retried> {
  return database.transaction(worker, async (tx) => {
    const whose = [organizationId, campaignId];
    const campaign = await tx.one<Ran & { isExpired: boolean | null }>(sql.lockCampaign, whose);
    refuseState(campaign ?? { name: campaignId, status: "gone", scheduling: {}, startedAt: null });
    const { name, status, isExpired } = campaign as Ran & { isExpired: boolean | null };
    if (isExpired === true)
      throw notAllowed(`campaign "${name}" is past its sendBefore: what is tried again would be skipped`);
    const counts = await tx.query<CodeCount>(sql.failedByCode, whose);
    const codes = counts.map(({ code }) => code).filter((code) => code !== null);
    const retried = await tx.run(sql.retryFailed, [
      ...whose,
      codes.filter(isPermanent),
      codes.filter(isWithheld),
    ]);
    const permanent = total(counts.filter(onlyFailsAgain));
    const unreachable = total(counts) - permanent - retried;
    const reopened = retried > 0 && (await reopenCampaigns(tx, person, organizationId, [campaignId])) > 0;
    if (retried > 0)
      await writeDown(tx, {
        organizationId,
        actor: person.profileId,
        action: "retry",
        subject: "bulk_campaigns",
        subjectId: campaignId,
        details: { retried, permanent, unreachable },
      });
    return {
      id: campaignId,
      name,
      status: reopened ? "running" : status,
      retried,
      permanent,
      unreachable,
      reopened,
    };
  });
}

type Ran = Pick<Campaign, "name" | "startedAt"> & { status: string; scheduling: { type?: string } };

/** A recurring one is scheduled between two occurrences. */
function refuseState({ name, status, scheduling, startedAt }: Ran): void {
  const isBetween = status === "scheduled" && scheduling.type === "recurring" && startedAt !== null;
  if (RETRIED.includes(status) || isBetween) return;
  throw notAllowed(
    `campaign "${name}" is ${status}: only one that runs, is paused or completed can be retried`,
  );
}

function onlyFailsAgain({ code }: CodeCount): boolean {
  return isPermanent(code);
}

function total(counts: readonly CodeCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
