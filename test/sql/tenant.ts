import type { Database, Transaction } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  inPlace,
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "../support/factories.ts";

export interface Tenant extends TestOrganization {
  agentId: string;
}

/** An organization with at least one row in every tenant table. */
export async function makeTenant(database: Database, slug: string): Promise<Tenant> {
  const organization = await makeOrganization(database, { slug });
  const sender = await makeSender(database, organization);
  await makeSender(database, organization, { name: "unused" });
  const contacts = await makeContacts(database, organization, 2, { tags: ["vip"] });
  const contactId = contacts[0]?.id as string;
  const template = await makeTemplate(database, organization);
  const run = await makeRun(database, await makeCampaign(database, organization));
  await makeJobs(database, run, { read: 1, sent: 1, dispatching: 1, pending: 1 });
  await makeCampaign(database, organization, { name: "No jobs yet", status: "draft" });
  const drip = await makeDrip(database, organization, { settings: { maxContactsPerDay: 1 } });
  await makeEnrollments(database, drip, contacts);
  await database.transaction(owner, (tx) => addPrivateRows(tx, organization.id, contactId));
  return inPlace(database, async (tx) => {
    await addPeopleAndTheirLists(tx, organization.id, sender.id, contactId);
    await addEvents(tx, organization.id, contactId);
    const agent = await tx.one<{ id: string }>(
      "insert into profiles (organization_id, full_name, email, role) values ($1, 'Agent', 'agent@' || $2, 'agent') returning id",
      [organization.id, slug],
    );
    const agentId = agent?.id ?? "";
    await addConversations(tx, organization.id, contactId, [agentId, organization.profileId]);
    await tx.run(
      "insert into template_usage_analytics (organization_id, template_id, date) values ($1, $2, '2026-11-27')",
      [organization.id, template.id],
    );
    await addUsage(tx, organization.id);
    await tx.run(
      `insert into failure_analytics (organization_id, campaign_id, campaign_type, date, error_code) values ($1, $2, 'bulk', '2026-11-27', '131026')`,
      [organization.id, run.campaignId],
    );
    return { ...organization, agentId };
  });
}

async function addPeopleAndTheirLists(
  tx: Transaction,
  organizationId: string,
  senderId: string,
  contactId: string,
): Promise<void> {
  await tx.run("insert into portfolios (organization_id, name) values ($1, 'main'), ($1, 'unused')", [
    organizationId,
  ]);
  await tx.run(
    "update senders set portfolio_id = (select id from portfolios where organization_id = $1 and name = 'main') where organization_id = $1 and id = $2",
    [organizationId, senderId],
  );
  await tx.run(
    `insert into account_notices (organization_id, sender_id, waba_id, field, event, message, occurred_at)
     values ($1, $2, '1', 'security', 'PIN_CHANGED', 'x', adsapp_now())`,
    [organizationId, senderId],
  );
  await tx.run(
    "insert into portfolio_reach (organization_id, portfolio_id, contact_id, at) select $1, id, $2, adsapp_now() from portfolios where organization_id = $1 and name = 'main'",
    [organizationId, contactId],
  );
  await tx.run(
    "insert into contact_touches (organization_id, contact_id, ats, row_ids) values ($1, $2, '{}', '{}')",
    [organizationId, contactId],
  );
  await tx.run("insert into contact_lists (organization_id, name) values ($1, 'klanten')", [organizationId]);
  await tx.run(
    "insert into contact_list_members (organization_id, list_id, contact_id) select $1, id, $2 from contact_lists where organization_id = $1",
    [organizationId, contactId],
  );
}

/** What the database's own functions write, and nobody else. */
async function addPrivateRows(tx: Transaction, organizationId: string, contactId: string): Promise<void> {
  await tx.run(
    `with i as (insert into contact_imports (organization_id, file_name, file_hash) values ($1, 'a.csv', 'x') returning id)
     insert into contact_import_changes (organization_id, import_id, contact_id, changed_at, attributes)
     select $1, i.id, $2, adsapp_now(), '{}' from i`,
    [organizationId, contactId],
  );
  await tx.run("insert into suppression_keys (organization_id) values ($1)", [organizationId]);
  await tx.run("insert into suppressions (organization_id, address_hash) values ($1, sha256('x'))", [
    organizationId,
  ]);
}

/** The numbers of a drip's step, and a price that Meta told. */
async function addUsage(tx: Transaction, organizationId: string): Promise<void> {
  await tx.run(
    "insert into drip_step_analytics (organization_id, campaign_id, step_id, date) select organization_id, campaign_id, id, '2026-11-27' from drip_campaign_steps where organization_id = $1",
    [organizationId],
  );
  await tx.run(
    `update messages set pricing = '{"category": "marketing", "type": "regular"}' where organization_id = $1 and status = 'read'`,
    [organizationId],
  );
}

async function addEvents(tx: Transaction, organizationId: string, contactId: string): Promise<void> {
  await tx.run(
    "insert into organization_tokens (organization_id, name, token_hash) values ($1, 'webshop', sha256($2))",
    [organizationId, Buffer.from(organizationId)],
  );
  await tx.run("insert into webhook_inbox (body) values ('{}')");
  await tx.run("update webhook_inbox set organization_id = $1 where organization_id is null", [
    organizationId,
  ]);
  await tx.run(
    "insert into contact_events (organization_id, contact_id, type, name) values ($1, $2, 'custom_event', 'purchased')",
    [organizationId, contactId],
  );
  await tx.run(
    `insert into automation_rules (organization_id, name, trigger_type, actions) values ($1, 'Lead', 'contact_created', '[{"type": "add_tag", "tag": "leads"}]')`,
    [organizationId],
  );
}

async function addConversations(
  tx: Transaction,
  organizationId: string,
  contactId: string,
  agentIds: [agent: string, admin: string],
): Promise<void> {
  await tx.run("insert into channel_sources (organization_id, type, name) values ($1, 'direct', 'nummer')", [
    organizationId,
  ]);
  await tx.run(
    `with c as (insert into conversations (organization_id, contact_id) values ($1, $2) returning id)
     insert into satisfaction_ratings (organization_id, conversation_id, score) select $1, id, 5 from c`,
    [organizationId, contactId],
  );
  await tx.run(
    "insert into messages (organization_id, direction, contact_id, type, body, status) values ($1, 'outbound', $2, 'text', 'Tot morgen', 'pending')",
    [organizationId, contactId],
  );
  await tx.run(
    "insert into agent_sessions (organization_id, agent_id, offline_at) select $1, unnest($2::uuid[]), adsapp_now()",
    [organizationId, agentIds],
  );
  await tx.run(
    "insert into agent_performance_metrics (organization_id, agent_id, date) values ($1, $2, '2026-11-27')",
    [organizationId, agentIds[0]],
  );
}
