import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  AutomationRules,
  BulkMessagingEngine,
  DripCampaignEngine,
  openDatabase,
  UserError,
} from "../../src/index.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { NOW, setup } from "./setup.ts";

const everyone = { targetAudience: { type: "all" }, message: { type: "text", text: "Hoi" } } as const;
const steps = [{ delay: "0m", message: { type: "text" as const, text: "Welkom!" } }];

async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe("BulkMessagingEngine", () => {
  it("takes a broadcast from a draft to its end, by its id alone", async () => {
    const { database, organization } = await setup();
    await makeContacts(database, organization, 3);
    const engine = new BulkMessagingEngine(database);
    const { id, errors, warnings } = await engine.createCampaign("jansen", { name: "Sale", ...everyone });
    expect({ errors, warnings }).toMatchObject({ errors: [], warnings: expect.any(Array) });
    expect(await engine.previewCampaign(id)).toMatchObject({ targets: 3 });
    const later = new Date(NOW.getTime() + 3_600_000);
    expect(await engine.scheduleCampaign(id, later)).toMatchObject({ status: "scheduled" });
    expect(await engine.pauseCampaign(id, "wait")).toMatchObject({ status: "paused", pauseReason: "wait" });
    expect(await engine.resumeCampaign(id)).toMatchObject({ status: "scheduled" });
    expect(await engine.cancelCampaign(id)).toMatchObject({ campaign: { status: "cancelled" } });
    const draft = await engine.createCampaign(organization.id, { name: "Draft", ...everyone });
    await engine.deleteCampaign(draft.id);
    const names = (await engine.listCampaigns("jansen")).map(({ name }) => name);
    expect(names).toEqual(["Sale"]);
  });

  it("names every fault of a definition, and changes nothing", async () => {
    const { database } = await setup();
    const engine = new BulkMessagingEngine(database);
    const wrong = { name: "", ...everyone, settings: { quietHour: ["22:00", "08:00"] } } as never;
    const { message, exitCode } = await refusal(engine.createCampaign("jansen", wrong));
    expect(exitCode).toBe(2);
    expect(message.split("\n")).toEqual([
      expect.stringMatching(/^createCampaign: name: /),
      "createCampaign: settings.quietHour is not a known field; did you mean quietHours?",
    ]);
    const itself: Record<string, unknown> = {};
    itself.name = itself;
    expect((await refusal(engine.createCampaign("jansen", itself as never))).exitCode).toBe(2);
    expect((await refusal(engine.createCampaign("jansen", undefined as never))).exitCode).toBe(2);
    expect(await engine.listCampaigns("jansen")).toEqual([]);
  });

  it("answers for what is not there, or is another's, as the command line does", async () => {
    const { database, organization, other } = await setup();
    const theirs = await new BulkMessagingEngine(database).createCampaign(other.id, {
      name: "Secret",
      ...everyone,
    });
    const engine = new BulkMessagingEngine(database, { profileId: organization.profileId });
    for (const id of [theirs.id, randomUUID(), "Secret", "' or true --"])
      expect(await refusal(engine.getCampaign(id))).toMatchObject({
        exitCode: 4,
        message: `campaign "${id}" not found`,
      });
    expect(await refusal(engine.listCampaigns(other.slug))).toMatchObject({ exitCode: 4 });
    expect(await refusal(engine.createCampaign(other.id, { name: "Mine", ...everyone }))).toMatchObject({
      exitCode: 4,
    });
  });

  it("lets a viewer read, and no more", async () => {
    const { database, organization } = await setup();
    const { id } = await new BulkMessagingEngine(database).createCampaign("jansen", {
      name: "Sale",
      ...everyone,
    });
    const viewer = new BulkMessagingEngine(database, { profileId: organization.viewerId });
    expect(await viewer.getCampaign(id)).toMatchObject({ name: "Sale", status: "draft" });
    for (const work of [
      () => viewer.createCampaign("jansen", { name: "Mine", ...everyone }),
      () => viewer.startCampaign(id),
      () => viewer.deleteCampaign(id),
    ])
      expect(await refusal(work())).toMatchObject({ exitCode: 5 });
  });
});

describe("DripCampaignEngine", () => {
  it("takes a drip from a draft to its archive", async () => {
    const { database, organization } = await setup();
    const contacts = (await makeContacts(database, organization, 2)).map(({ id }) => id);
    const engine = new DripCampaignEngine(database);
    const { id, warnings } = await engine.createCampaign("jansen", { name: "Leads", steps });
    expect(warnings).toEqual(expect.any(Array));
    expect(await refusal(engine.enroll(id, contacts))).toMatchObject({ exitCode: 1 });
    expect(await engine.activateCampaign(id)).toMatchObject({ status: "active" });
    expect((await engine.enroll(id, contacts)).enrolled).toHaveLength(2);
    expect(await engine.unenroll(id, contacts.slice(1))).toBe(1);
    const more = [...steps, { delay: "2d", message: { type: "text" as const, text: "Nog vragen?" } }];
    expect(await engine.updateCampaign("jansen", { name: "Leads", steps: more })).toMatchObject({
      changed: ["steps"],
      drip: { version: 2 },
    });
    expect(await engine.pauseCampaign(id)).toMatchObject({ status: "paused" });
    expect(await engine.getCampaign(id)).toMatchObject({ byStatus: { active: 1, dropped: 1 } });
    expect(await engine.archiveCampaign(id)).toMatchObject({ drip: { status: "archived" }, dropped: 1 });
    expect((await engine.listCampaigns("jansen", { status: "archived" })).map((drip) => drip.id)).toEqual([
      id,
    ]);
  });
});

describe("AutomationRules", () => {
  it("keeps rules as files have them, and switches them", async () => {
    const { database } = await setup();
    const rules = new AutomationRules(database);
    const made = await rules.createRule("jansen", {
      name: "Welkom",
      trigger: { type: "contact_created" },
      actions: [{ type: "enroll_drip_campaign", campaign: "Leads" }],
    });
    expect(made.warnings).toEqual(['there is no drip "Leads"']);
    expect(await rules.switchRule("jansen", "Welkom", false)).toMatchObject({ enabled: false });
    expect(await rules.listRules("jansen")).toMatchObject([{ id: made.id, enabled: false }]);
    const row = { name: "Tag", trigger_type: "tag_added" as const, actions: made.actions as never };
    expect((await refusal(rules.createRule("jansen", row))).message).toBe(
      "createRule: trigger.tag is missing",
    );
  });
});

describe("openDatabase", () => {
  it("refuses a clock of its own where a sender uses Meta's host", async () => {
    const { database, env, organization } = await setup();
    const apiUrl = "https://graph.facebook.com/v25.0";
    await makeSender(database, organization, { name: "echt", provider: "whatsapp-cloud", apiUrl });
    expect((await refusal(openDatabase({ env, now: NOW }))).message).toContain(
      'sender "echt" uses Meta\'s host',
    );
    const real = await openDatabase({ env });
    expect(await new BulkMessagingEngine(real).listCampaigns("jansen")).toEqual([]);
    await real.close();
  });

  it("says what is wrong with a URL, and that nobody answers there", async () => {
    expect(await refusal(openDatabase({ url: "mysql://x", env: {} }))).toMatchObject({ exitCode: 2 });
    const nobody = openDatabase({ url: "postgresql://127.0.0.1:9/adsapp", env: {} });
    expect(await refusal(nobody)).toMatchObject({ exitCode: 75 });
  });
});
