import { startCampaign } from "../../src/campaigns/start.ts";
import { operator } from "../../src/db/identity.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import type { BenchDatabase } from "./place.ts";

const MESSAGE = {
  type: "template",
  template: "black_friday",
  language: "nl",
  variables: { "1": "{{ contact.first_name }}" },
};

export interface Broadcasts {
  /** starts a broadcast to all people from each sender; what was left of earlier ones is cancelled */
  start(): Promise<void>;
  /** how many of them were sent and recorded */
  sent(): Promise<number>;
}

/** An organization with senders (Meta gives a number 1,000 messages a second at most) and people. */
export async function makeBroadcasts(
  { database, sql }: BenchDatabase,
  apiUrl: string,
  given: { senders: number; people: number },
): Promise<Broadcasts> {
  const organization = await makeOrganization(database);
  const senders: { id: string }[] = [];
  for (let n = 0; n < given.senders; n++) {
    const phoneNumberId = String(1000 + n);
    const provider = "whatsapp-cloud" as const;
    const sender = { name: `lane ${n}`, provider, phoneNumberId, apiUrl, throughput: 1000 };
    senders.push(await makeSender(database, organization, sender));
  }
  await makeTemplate(database, organization);
  await makeContacts(database, organization, given.people);
  await sql("analyze contacts");
  let started: string[] = [];
  return {
    async start() {
      await sql(
        "update bulk_campaigns set status = 'cancelled', cancelled_at = now() where status = 'running'",
      );
      await sql("update bulk_message_jobs set status = 'cancelled' where status = 'pending'");
      started = [];
      for (const { id: senderId } of senders) {
        const { id } = await makeCampaign(database, organization, {
          status: "draft",
          senderId,
          message: MESSAGE,
        });
        started.push(id);
        await startCampaign(database, operator(organization.profileId), organization.id, id);
      }
    },
    async sent() {
      const [row] = await sql<{ n: number }>(
        `select count(*) as n from bulk_message_jobs j join messages m on m.id = j.message_id
          where j.campaign_id = any ($1::uuid[]) and j.status = 'sent'`,
        [started],
      );
      return row?.n ?? 0;
    },
  };
}
