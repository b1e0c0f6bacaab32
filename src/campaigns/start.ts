import type { Database, Transaction } from "../db/database.ts";
import type { Identity } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed, notFound } from "../errors.ts";
import { expandRuns, type Started, startSql } from "./expand.ts";
import text from "./start.sql";

const sql = namedQueries(text, "startProblems");

export interface StartedCampaign extends Started {
  /** people in the audience, those who are skipped included; 0 while it is only scheduled */
  targets: number;
  skipped: number;
  warnings: string[];
}

interface StartProblems {
  name: string;
  status: string;
  hasSender: boolean;
  senderName: string | null;
  senderState: string | null;
  needsTemplate: boolean;
  templateName: string | null;
  templateLanguage: string | null;
  templateStatus: string | null;
  isReal: boolean;
  timeIsPast: boolean | null;
}

/**
 * Arms a draft. An immediate campaign, or one whose time has gone by, is `running` and its audience is written out at
 * once (the source document's startCampaign); a later one is `scheduled` and a tick starts it.
 * @param asOperator who starts it: the state changes under Row Level Security
 * @param options.at instead of the definition's own time
 * @throws UserError (1) when it is no draft, has no sender, or its template cannot be sent
 */
export async function startCampaign(
  database: Database,
  campaign: { id: string; organizationId: string },
  asOperator: Identity,
  options: { at?: Date | undefined; onChunk?: (jobs: number) => void } = {},
): Promise<StartedCampaign> {
  const { started, warnings } = await database.transaction(asOperator, (tx) => arm(tx, campaign, options.at));
  const made =
    started.status === "running"
      ? await expandRuns(database, { organizationId: campaign.organizationId, campaignId: campaign.id, ...pick(options.onChunk) })
      : { jobs: 0, skipped: 0 };
  return { ...started, targets: made.jobs, skipped: made.skipped, warnings };
}

function pick(onChunk: ((jobs: number) => void) | undefined) {
  return onChunk === undefined ? {} : { onChunk };
}

async function arm(tx: Transaction, campaign: { id: string; organizationId: string }, at: Date | undefined) {
  const problems = await tx.one<StartProblems>(sql.startProblems, [campaign.id, campaign.organizationId]);
  if (problems === undefined) throw notFound("campaign", campaign.id);
  refuse(problems);
  const started = await tx.one<Started>(startSql, [campaign.id, campaign.organizationId, at ?? null]);
  if (started === undefined) throw notAllowed(`campaign "${problems.name}" was started by someone else just now`);
  return { started, warnings: warningsOf(problems, at) };
}

function refuse(p: StartProblems): void {
  if (p.status !== "draft") throw notAllowed(`campaign "${p.name}" is ${p.status}: only a draft can be started`, startHint(p.status));
  if (!p.hasSender) throw notAllowed(`campaign "${p.name}" has no sender, and the organization has no default one`, "Run: adsapp sender add …");
  if (!p.needsTemplate) return;
  const template = `template "${p.templateName}" (${p.templateLanguage})`;
  if (p.templateStatus === null) throw notAllowed(`${template} does not exist`, "Run: adsapp template add -f FILE");
  if (p.isReal && p.templateStatus !== "APPROVED") throw notAllowed(`${template} is ${p.templateStatus}: Meta sends only APPROVED ones`);
}

function startHint(status: string): string | undefined {
  return status === "paused" ? "adsapp campaign resume goes on with it." : undefined;
}

function warningsOf(p: StartProblems, at: Date | undefined): string[] {
  const warnings: string[] = [];
  if (!p.needsTemplate && p.isReal) warnings.push("this is no template: it reaches only people who wrote in the last 24 hours, the others are skipped");
  if (p.timeIsPast === true && at === undefined) warnings.push("its time has gone by: it starts now");
  if (p.senderState === "halted") warnings.push(`sender "${p.senderName}" is halted: nothing goes out before \`adsapp sender resume\``);
  return warnings;
}
