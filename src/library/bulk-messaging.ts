import { withReadPhones } from "../audience/phones.ts";
import type { Campaign, CampaignStatus } from "../campaigns/campaign.ts";
import { type BroadcastDefinition, type BroadcastInput, broadcastInput } from "../campaigns/definition.ts";
import { findCampaign, listCampaigns } from "../campaigns/find.ts";
import { findingsOf } from "../campaigns/findings.ts";
import { type Preview, previewCampaign } from "../campaigns/preview.ts";
import { saveCampaign } from "../campaigns/save.ts";
import { scheduleCampaign } from "../campaigns/schedule.ts";
import { type CampaignDetails, showCampaign } from "../campaigns/show.ts";
import { type StartedCampaign, startCampaign } from "../campaigns/start.ts";
import { definitionOf } from "../campaigns/stored.ts";
import { cancelCampaign, deleteCampaign, pauseCampaign, resumeCampaign } from "../campaigns/transitions.ts";
import { checkInput } from "../definitions/read.ts";
import type { Organization } from "../organizations/organization.ts";
import { Engine } from "./acting.ts";

export interface CreatedCampaign extends Campaign {
  /** what would keep it from starting as things are */
  errors: string[];
  /** what is worth a look before it starts */
  warnings: string[];
}

/**
 * Broadcasts, as the source document calls them. Every method is what a command does (`adsapp campaign …`), under Row Level
 * Security. Ids are those of `bulk_campaigns`, times are Dates, rates are percent of sent.
 *
 * ```ts
 * const database = await openDatabase();
 * const bulkMessagingEngine = new BulkMessagingEngine(database);
 * const campaign = await bulkMessagingEngine.createCampaign(organizationId, {
 *   name: "Black Friday Sale",
 *   targetAudience: { type: "tags", tags: ["customers", "vip"] },
 *   message: { type: "template", template: "black_friday", variables: { "1": "{{ contact.first_name }}" } },
 *   scheduling: { type: "scheduled", scheduledAt: new Date("2026-11-27T09:00:00Z") },
 * });
 * await bulkMessagingEngine.startCampaign(campaign.id);
 * ```
 *
 * What a person can mend is a `UserError`; its `exitCode` says of which kind: 1 the state does not allow it, 2 a wrong definition
 * (all of its faults, a line each), 4 not found, 5 not permitted, 75 the database cannot be reached.
 */
export class BulkMessagingEngine extends Engine {
  /**
   * Saves a draft.
   * @param organization id or slug
   * @param input a broadcast as a file holds it, without `kind`; times may be Dates
   */
  async createCampaign(organization: string, input: BroadcastInput): Promise<CreatedCampaign> {
    const acting = await this.in(organization);
    const { id } = acting.organization;
    const definition = await broadcastFrom(input, acting.organization);
    return this.change(acting, async (tx) => {
      const campaign = await saveCampaign(tx, id, definition);
      const { errors, warnings } = await findingsOf(tx, id, definition);
      return { ...campaign, errors, warnings };
    });
  }

  /**
   * Arms a draft. An immediate one, or one whose time has gone by, has its messages written out now, and the next tick sends
   * them; one with a time to come is `scheduled`, and a tick writes them out then.
   */
  async startCampaign(id: string, options: { at?: Date } = {}): Promise<StartedCampaign> {
    const { organization, identity } = await this.of("campaign", id);
    return startCampaign(this.database, identity, organization.id, id, options);
  }

  /** With its counts: `statistics`, messages `byStatus`, why people were skipped, what failed, and when it will be done. */
  async getCampaign(id: string): Promise<CampaignDetails> {
    const acting = await this.of("campaign", id);
    return this.read(acting, (tx) => showCampaign(tx, acting.organization.id, id));
  }

  /** Newest first. @param organization id or slug */
  async listCampaigns(organization: string, options: { status?: CampaignStatus } = {}): Promise<Campaign[]> {
    const acting = await this.in(organization);
    return this.read(acting, (tx) => listCampaigns(tx, acting.organization.id, options.status));
  }

  /** Whom it would reach now and why not others, three messages as they would be read, when it would be done. Changes nothing. */
  async previewCampaign(id: string): Promise<Preview> {
    const acting = await this.of("campaign", id);
    const { organization, identity } = acting;
    const campaign = await this.read(acting, (tx) => findCampaign(tx, organization.id, id));
    return previewCampaign(
      (work) => this.database.transaction(identity, work),
      (work) => this.worker(work),
      organization,
      definitionOf(campaign),
    );
  }

  /** Arms a draft for a time to come, or moves a scheduled campaign to another. */
  async scheduleCampaign(id: string, at: Date): Promise<Campaign> {
    const { organization, identity } = await this.of("campaign", id);
    return (await scheduleCampaign(this.database, identity, organization.id, id, at)).campaign;
  }

  /** Holds it: what is claimed already (a second's worth) still goes out. */
  async pauseCampaign(id: string, reason?: string): Promise<Campaign> {
    const acting = await this.of("campaign", id);
    return this.read(acting, (tx) => pauseCampaign(tx, acting.organization.id, id, reason));
  }

  async resumeCampaign(id: string): Promise<Campaign> {
    const acting = await this.of("campaign", id);
    return this.read(acting, (tx) => resumeCampaign(tx, acting.organization.id, id));
  }

  /** Ends it for good. @returns it, and how many will get nothing */
  async cancelCampaign(id: string): Promise<{ campaign: Campaign; cancelled: number }> {
    const { organization, identity } = await this.of("campaign", id);
    return cancelCampaign(this.database, identity, organization.id, id);
  }

  /** Removes a draft. What was started stays. */
  async deleteCampaign(id: string): Promise<Campaign> {
    const acting = await this.of("campaign", id);
    return this.read(acting, (tx) => deleteCampaign(tx, acting.organization.id, id));
  }
}

async function broadcastFrom(
  input: BroadcastInput,
  { defaultCountry }: Organization,
): Promise<BroadcastDefinition> {
  const definition = checkInput("createCampaign", input, broadcastInput);
  return { ...definition, targetAudience: await withReadPhones(definition.targetAudience, defaultCountry) };
}
