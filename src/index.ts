/** The library: what `import … from "adsapp"` gives (docs/guide/library.md). */
export type { Audit } from "./analytics/audit.ts";
export type { Campaign, CampaignStatistics, CampaignStatus } from "./campaigns/campaign.ts";
export type { BroadcastInput } from "./campaigns/definition.ts";
export type { Preview } from "./campaigns/preview.ts";
export type { CampaignDetails } from "./campaigns/show.ts";
export type { StartedCampaign } from "./campaigns/start.ts";
export { Database, type DatabaseOptions, type Transaction } from "./db/database.ts";
export { type Identity, operator, worker } from "./db/identity.ts";
export type { DripInput } from "./drips/definition.ts";
export type { Drip, DripStatistics, DripStatus } from "./drips/drip.ts";
export type { DripDetails } from "./drips/show.ts";
export { ExitCode, UserError } from "./errors.ts";
export { type EnrolledInDrip, type EnrollInDrip, enrollInDrip } from "./events/workflow.ts";
export type { EngineOptions } from "./library/acting.ts";
export { audit } from "./library/audit.ts";
export {
  AutomationRules,
  type CreatedRule,
  type RuleInput,
  type RuleRow,
} from "./library/automation-rules.ts";
export { BulkMessagingEngine, type CreatedCampaign } from "./library/bulk-messaging.ts";
export { type CreatedDrip, DripCampaignEngine, type EnrollNode } from "./library/drip-campaigns.ts";
export { type OpenOptions, openDatabase } from "./library/open.ts";
export { type RunTickOptions, runTick } from "./library/tick.ts";
export type { TickReport } from "./tick/report.ts";
