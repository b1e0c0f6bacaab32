import type { Database, Transaction } from "../db/database.ts";
import type { Identity } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { BroadcastDefinition } from "./definition.ts";
import text from "./expand.sql";
import { expandRuns } from "./expand.ts";
import { findCampaign } from "./find.ts";
import { findingsOf } from "./findings.ts";
import { definitionOf } from "./stored.ts";

const sql = namedQueries(text, "startCampaign");

export interface StartedCampaign {
  id: string;
  name: string;
  status: "scheduled" | "running";
  scheduledAt: Date | null;
  /** people in the audience, those who are skipped included; 0 while it is only scheduled */
  targets: number;
  skipped: number;
  warnings: string[];
}

export interface StartOptions {
  /** instead of the definition's own time */
  at?: Date | undefined;
  /** told how many messages were written out, in steps */
  onChunk?: ((jobs: number) => void) | undefined;
}

/**
 * Arms a draft. An immediate campaign, or one whose time has gone by, is `running` and its audience is written out at
 * once (the source document's startCampaign); a later one is `scheduled` and a tick starts it.
 * @param asOperator who starts it: the state changes under Row Level Security
 * @throws UserError (1) when it is no draft, or something keeps it from being sent (findings.ts); (4) unknown; (5) for viewers
 */
export async function startCampaign(
  database: Database,
  asOperator: Identity,
  organizationId: string,
  nameOrId: string,
  options: StartOptions = {},
): Promise<StartedCampaign> {
  const { campaignId, ...armed } = await database.transaction(asOperator, (tx) =>
    arm(tx, organizationId, nameOrId, options.at),
  );
  const { jobs, skipped } =
    armed.status === "running"
      ? await expandRuns(database, { organizationId, campaignId, onChunk: options.onChunk })
      : { jobs: 0, skipped: 0 };
  return { id: campaignId, ...armed, targets: jobs, skipped };
}

async function arm(tx: Transaction, organizationId: string, nameOrId: string, at: Date | undefined) {
  const campaign = await findCampaign(tx, organizationId, nameOrId);
  const { id, name, status } = campaign;
  if (status !== "draft") {
    const hint = status === "paused" ? "adsapp campaign resume goes on with it." : undefined;
    throw notAllowed(`campaign "${name}" is ${status}: only a draft can be started`, hint);
  }
  const isRecurring = campaign.scheduling.type === "recurring";
  if (isRecurring && at !== undefined)
    throw notAllowed(`campaign "${name}" recurs: its cron says when, not --at`);
  if (at !== undefined && campaign.scheduling.timezone === "contact")
    throw notAllowed(
      `campaign "${name}" goes by each contact's local time: its scheduledAt says when, not --at`,
    );
  const definition = startingAt(definitionOf(campaign), at);
  const { errors, warnings, startsAt } = await findingsOf(tx, organizationId, definition);
  if (errors.length > 0) throw notAllowed(`campaign "${name}" cannot start:\n${errors.join("\n")}`);
  const started = await tx.one<Pick<StartedCampaign, "status" | "scheduledAt">>(sql.startCampaign, [
    id,
    organizationId,
    isRecurring ? startsAt : (at ?? null),
  ]);
  if (started === undefined) await refuseViewer(tx);
  if (started === undefined) throw notAllowed(`campaign "${name}" was started by someone else just now`);
  return { campaignId: id, name, ...started, warnings };
}

function startingAt(definition: BroadcastDefinition, at: Date | undefined): BroadcastDefinition {
  if (at === undefined) return definition;
  const scheduling = { ...definition.scheduling, type: "scheduled" as const, scheduledAt: at.toISOString() };
  return { ...definition, scheduling };
}
