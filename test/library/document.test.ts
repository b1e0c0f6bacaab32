// The TypeScript of the source document, run as it is written; only the placeholder 'uuid' became an id.
import { describe, expect, it } from "vitest";
import {
  AutomationRules,
  audit,
  BulkMessagingEngine,
  type CampaignDetails,
  DripCampaignEngine,
  type EnrollNode,
  type RuleRow,
  runTick,
} from "../../src/index.ts";
import { makeDrip } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { documentBlock, runWritten, setup, writtenObject } from "./setup.ts";

describe("the document's TypeScript", () => {
  it("creates a broadcast, starts it, and tells its statistics", async () => {
    const { database, env, organization } = await setup();
    const bulkMessagingEngine = new BulkMessagingEngine(database);
    const inWindow = { lastInboundAt: new Date("2025-11-15T09:00:00Z") };
    await makeContacts(database, organization, 3, { tags: ["customers"], ...inWindow });
    await makeContacts(database, organization, 2, { tags: ["vip", "customers"], ...inWindow });
    await makeContacts(database, organization, 4, { tags: ["leads"], ...inWindow });
    const told: CampaignDetails["statistics"][] = [];
    await runWritten(documentBlock("Broadcast Campagne Workflow"), {
      bulkMessagingEngine,
      orgId: organization.id,
      console: { log: (statistics: CampaignDetails["statistics"]) => told.push(statistics) },
    });
    expect(told).toMatchObject([{ totalTargets: 5, messagesSent: 0, deliveryRate: 0 }]);

    await runTick(database, { env, drain: true });
    const [campaign] = await bulkMessagingEngine.listCampaigns("jansen");
    const { statistics, rateLimiting, byStatus } = await bulkMessagingEngine.getCampaign(campaign?.id ?? "");
    expect(rateLimiting).toEqual({ enabled: true, messagesPerHour: 500 });
    expect(statistics.messagesSent).toBeGreaterThan(0);
    expect((byStatus.sent ?? 0) + (byStatus.pending ?? 0)).toBe(5); // 500 an hour is one each 7.2 seconds
    expect(await audit(database)).toMatchObject({ ok: true });
  });

  it("has a workflow node that enters a contact into a drip, once", async () => {
    const { database, organization } = await setup();
    const drip = await makeDrip(database, organization, { status: "active" });
    const [contact] = await makeContacts(database, organization, 1);
    const written = documentBlock("Workflow Builder").replace("'uuid'", `'${drip.id}'`);
    const node = (await writtenObject(written)) as EnrollNode;
    const engine = new DripCampaignEngine(database);
    const contactIds = [contact?.id as string];
    expect((await engine.runAction(node, contactIds)).enrolled).toHaveLength(1);
    expect(await engine.runAction(node, contactIds)).toEqual({
      enrolled: [],
      skipped: [{ contactId: contact?.id, reason: "already_enrolled" }],
    });
    expect(await engine.getCampaign(drip.id)).toMatchObject({ statistics: { totalEnrolled: 1 } });
  });

  it("has an automation rule that enters whoever gets the tag", async () => {
    const { database, env, organization } = await setup();
    const drip = await makeDrip(database, organization, { status: "active" });
    const written = documentBlock("Automation Rules").replace("'uuid'", `'${drip.id}'`);
    const rule = (await writtenObject(written)) as Pick<RuleRow, "trigger_type" | "actions">;
    const rules = new AutomationRules(database);
    const made = await rules.createRule("jansen", {
      ...rule,
      name: "Lead in de drip",
      trigger_config: { tag: "leads" },
    });
    expect(made).toMatchObject({ triggerType: "tag_added", enabled: true, warnings: [] });
    await makeContacts(database, organization, 2, { tags: ["leads"] });
    await makeContacts(database, organization, 1, { tags: ["vip"] });
    await runTick(database, { env, drain: true });
    const { byStatus } = await new DripCampaignEngine(database).getCampaign(drip.id);
    expect(byStatus).toEqual({ active: 2 });
    expect(await audit(database)).toMatchObject({ ok: true });
  });
});
