import { expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";

/** As the customer's document has it. */
const ROLLBACK = `
DROP TABLE IF EXISTS template_usage_analytics CASCADE;
DROP TABLE IF EXISTS channel_sources CASCADE;
DROP TABLE IF EXISTS agent_performance_metrics CASCADE;
DROP TABLE IF EXISTS campaign_analytics CASCADE;
DROP TABLE IF EXISTS drip_message_logs CASCADE;
DROP TABLE IF EXISTS drip_enrollments CASCADE;
DROP TABLE IF EXISTS drip_campaign_steps CASCADE;
DROP TABLE IF EXISTS drip_campaigns CASCADE;
DROP TABLE IF EXISTS contact_lists CASCADE;
DROP TABLE IF EXISTS bulk_message_jobs CASCADE;
DROP TABLE IF EXISTS bulk_campaigns CASCADE;

DROP FUNCTION IF EXISTS track_message_delivery() CASCADE;
DROP FUNCTION IF EXISTS schedule_next_drip_message(UUID);
DROP FUNCTION IF EXISTS update_drip_campaign_statistics() CASCADE;
`;

it("the document's rollback script runs as written, and what stays still works: contacts, messages and their news", async () => {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const organization = await makeOrganization(database);
  const sender = await makeSender(database, organization);
  await makeJobs(database, await makeRun(database, await makeCampaign(database, organization)), {
    sent: 2,
    pending: 1,
  });
  const drip = await makeDrip(database, organization, { trigger: { type: "tag_added", tag: "leads" } });
  await makeEnrollments(database, drip, await makeContacts(database, organization, 1));
  await database.transaction(owner, (tx) => tx.client.query(ROLLBACK));
  await database.transaction(worker, async (tx) => {
    const [contact] = await makeContacts(tx, organization, 1, { tags: ["leads"] });
    await tx.run(
      "insert into messages (organization_id, direction, contact_id, sender_id, type, status) values ($1, 'outbound', $2, $3, 'text', 'sent')",
      [organization.id, contact?.id, sender.id],
    );
    expect(await tx.run("update messages set status = 'read'")).toBe(3);
    expect(await tx.run("update contacts set opted_out_at = adsapp_now()")).toBe(5);
  });
  await database.close();
  await testDatabase.drop();
});
