import { expect, it } from "vitest";
import contactList from "../../src/audience/contact-list.command.ts";
import campaignCreate from "../../src/campaigns/create.command.ts";
import campaignList from "../../src/campaigns/list.command.ts";
import { Database } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import dripList from "../../src/drips/list.command.ts";
import orgShow from "../../src/organizations/show.command.ts";
import analytics from "../../src/reports/analytics.command.ts";
import senderList from "../../src/senders/list.command.ts";
import templateList from "../../src/templates/list.command.ts";
import tick from "../../src/tick/tick.command.ts";
import { runCommand } from "../reports/run-command.ts";
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

it("after the document's rollback every command works, or says in one line which table is gone and what to do", async () => {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const { slug } = await makeOrganization(database);
  const run = async (command: Parameters<typeof runCommand>[0], ...argv: string[]) => {
    const { exitCode, stderr } = await runCommand(command, argv, {
      databaseUrl: testDatabase.url,
      organization: slug,
    });
    return { exitCode, said: stderr.trim().split("\n") };
  };
  await database.transaction(owner, (tx) => tx.client.query(ROLLBACK));
  for (const works of [orgShow, senderList, templateList])
    expect(await run(works)).toMatchObject({ exitCode: 0 });
  const gone = [
    { command: campaignCreate, argv: ["-f", "fixtures/black-friday.yaml"], table: "bulk_campaigns" },
    { command: campaignList, argv: [], table: "bulk_campaigns" },
    { command: dripList, argv: [], table: "drip_campaigns" },
    { command: contactList, argv: [], table: "contact_lists" },
    { command: analytics, argv: [], table: "campaign_analytics" },
    { command: tick, argv: [], table: "\\w+" },
  ];
  for (const { command, argv, table } of gone) {
    const { exitCode, said } = await run(command as never, ...argv);
    expect({ exitCode, lines: said.length, said: said[0] }).toEqual({
      exitCode: 1,
      lines: 2,
      said: expect.stringMatching(new RegExp(`^error: the database has no table "${table}" any more$`)),
    });
    expect(said[1]).toContain("restore a backup");
  }
  await database.close();
  await testDatabase.drop();
});

it("where only the drips are gone, campaign create says so: it asks for people whom a drip reached", async () => {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const organization = await makeOrganization(database);
  await database.transaction(owner, (tx) =>
    tx.client.query(ROLLBACK.match(/DROP TABLE IF EXISTS drip_\w+ CASCADE;/g)?.join("\n") ?? ""),
  );
  const made = await runCommand(campaignCreate, ["-f", "fixtures/black-friday.yaml"], {
    databaseUrl: testDatabase.url,
    organization: organization.slug,
  });
  expect(made).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringContaining('the database has no table "drip_campaigns" any more'),
  });
  await database.close();
  await testDatabase.drop();
});
