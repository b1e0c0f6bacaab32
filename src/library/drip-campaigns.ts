import { checkInput } from "../definitions/read.ts";
import { type DripInput, dripInput } from "../drips/definition.ts";
import type { Drip, DripStatus } from "../drips/drip.ts";
import { unenrollContacts } from "../drips/enroll.ts";
import { listDrips } from "../drips/find.ts";
import { dripFindings } from "../drips/findings.ts";
import { saveDrip } from "../drips/save.ts";
import { type DripDetails, showDrip } from "../drips/show.ts";
import { activateDrip, archiveDrip, pauseDrip } from "../drips/transitions.ts";
import { type UpdatedDrip, updateDrip } from "../drips/update.ts";
import { notFound } from "../errors.ts";
import { type EnrolledInDrip, enrollInDrip } from "../events/workflow.ts";
import { Engine } from "./acting.ts";

export interface CreatedDrip extends Drip {
  /** what would keep it from being active as things are */
  errors: string[];
  /** what is worth a look before that */
  warnings: string[];
}

/** The workflow builder's action node of the source document. */
export interface EnrollNode {
  type: "action";
  actionType: "enroll_in_drip";
  config: {
    /** the drip's id */
    campaignId: string;
    /** false: a contact that is in it already is an error, and nobody is entered (default: true) */
    skipIfAlreadyEnrolled?: boolean;
  };
}

/**
 * Sequences over time. Every method is what a command does (`adsapp drip …`), under Row Level Security; errors are those of
 * BulkMessagingEngine. Ids are those of `drip_campaigns`; delays keep the organization's local time over a change of clocks.
 *
 * ```ts
 * const dripCampaignEngine = new DripCampaignEngine(await openDatabase());
 * const drip = await dripCampaignEngine.createCampaign("jansen", {
 *   name: "Nieuwe Lead Opvolging",
 *   trigger: { type: "tag_added", tag: "leads" },
 *   steps: [
 *     { delay: "0m", message: { type: "template", template: "welkom" } },
 *     { delay: "2d", message: { type: "template", template: "hulp_nodig" } },
 *   ],
 * });
 * await dripCampaignEngine.activateCampaign(drip.id);
 * await dripCampaignEngine.enroll(drip.id, [contactId]);
 * ```
 */
export class DripCampaignEngine extends Engine {
  /**
   * Saves a draft with version 1.
   * @param organization id or slug
   * @param input a drip as a file holds it, without `kind`
   */
  async createCampaign(organization: string, input: DripInput): Promise<CreatedDrip> {
    const acting = await this.in(organization);
    const { id } = acting.organization;
    const definition = checkInput("createCampaign", input, dripInput);
    return this.change(acting, async (tx) => ({
      ...(await saveDrip(tx, id, definition)),
      ...(await dripFindings(tx, id, definition)),
    }));
  }

  /**
   * Makes the drip of that name what the definition says. Other steps are a new version, which people enter from now on; who is
   * in it stays on theirs.
   */
  async updateCampaign(organization: string, input: DripInput): Promise<UpdatedDrip> {
    const acting = await this.in(organization);
    const definition = checkInput("updateCampaign", input, dripInput);
    return this.change(acting, (tx) => updateDrip(tx, acting.organization.id, definition));
  }

  /** Opens a draft, or lets a paused one go on: what waited moves by the time that was lost. */
  async activateCampaign(id: string): Promise<Drip> {
    const acting = await this.of("drip", id);
    return this.change(acting, async (tx) => (await activateDrip(tx, acting.organization.id, id)).drip);
  }

  /** Holds it where it stands; nobody enters. */
  async pauseCampaign(id: string, reason?: string): Promise<Drip> {
    const acting = await this.of("drip", id);
    return this.read(acting, (tx) => pauseDrip(tx, acting.organization.id, id, reason));
  }

  /** Ends it for good: whoever is in it leaves. @returns it, and how many left */
  async archiveCampaign(id: string): Promise<{ drip: Drip; dropped: number }> {
    const acting = await this.of("drip", id);
    return this.change(acting, (tx) => archiveDrip(tx, acting.organization.id, id));
  }

  /** With its people, and the funnel of each version's steps. */
  async getCampaign(id: string): Promise<DripDetails> {
    const acting = await this.of("drip", id);
    return this.read(acting, (tx) => showDrip(tx, acting.organization.id, id));
  }

  /** Newest first. @param organization id or slug */
  async listCampaigns(organization: string, options: { status?: DripStatus } = {}): Promise<Drip[]> {
    const acting = await this.in(organization);
    return this.read(acting, (tx) => listDrips(tx, acting.organization.id, options.status));
  }

  /**
   * Enters contacts into an active drip, all in one transaction; each first step is planned with it. Who may not be messaged, or
   * may not enter again, is skipped with the reason.
   * @param contactIds ids of `contacts`
   */
  async enroll(
    id: string,
    contactIds: readonly string[],
    options: { skipIfAlreadyEnrolled?: boolean } = {},
  ): Promise<EnrolledInDrip> {
    const { organization, identity } = await this.of("drip", id);
    return enrollInDrip(this.database, identity, organization.id, { campaignId: id, contactIds, ...options });
  }

  /** Takes contacts out: what waits for them is skipped. @returns how many left */
  async unenroll(id: string, contactIds: readonly string[]): Promise<number> {
    const acting = await this.of("drip", id);
    return this.change(acting, (tx) => unenrollContacts(tx, acting.organization.id, id, contactIds));
  }

  /** Does what a workflow's node says with the contacts that have come to it. */
  async runAction(
    { actionType, config }: EnrollNode,
    contactIds: readonly string[],
  ): Promise<EnrolledInDrip> {
    if (actionType !== "enroll_in_drip") throw notFound("action", actionType);
    const { campaignId, skipIfAlreadyEnrolled = true } = config;
    return this.enroll(campaignId, contactIds, { skipIfAlreadyEnrolled });
  }
}
