import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { resumeCampaign } from "../../src/campaigns/transitions.ts";
import { operator, owner, worker } from "../../src/db/identity.ts";
import { resumeSender } from "../../src/senders/senders.ts";
import senderShow from "../../src/senders/show.command.ts";
import status from "../../src/status/status.command.ts";
import { statusOf } from "../../src/status/status.ts";
import templateShow from "../../src/templates/show.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeRun, makeSender, makeTemplate } from "../support/factories.ts";
import { messagesBody } from "./messages.ts";
import { sample } from "./samples.ts";
import { OTHER_NUMBER, type Setup, setup } from "./setup.ts";

const WABA = "102290129340398";
const NAME = "najaar_actie_v3";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

/** Nothing is left of the test before: a database for each would take half a minute. */
beforeEach(async () => {
  await s.database.transaction(owner, async (tx) => {
    for (const table of [
      "account_notices",
      "webhook_inbox",
      "drip_campaigns",
      "bulk_campaigns",
      "message_templates",
    ])
      await tx.run(`delete from ${table}`);
    await tx.run("delete from senders where name <> 'main'");
    await tx.run(
      `update senders set state = 'active', halt_reason = null, halted_at = null, portfolio_id = null, quality = null, quality_at = null,
              waba_id = case when id = $1 then $2 end`,
      [s.sender.id, WABA],
    );
    await tx.run("delete from portfolios");
  });
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

/** News of partners is of the partner's business, and names the account inside. */
const PARTNER = "2949482758682047";
const OF_PARTNER = { waba_info: { waba_id: WABA, owner_business_id: "2329417887457253" } };

/** A body about the account. @param seconds entry.time */
const told = (field: string, value: object, seconds = 1_764_000_500, waba = WABA) =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: waba, time: seconds, changes: [{ field, value }] }],
  });

const ofTemplate = (event: string, seconds?: number, more: object = {}) =>
  told(
    "message_template_status_update",
    { event, message_template_name: NAME, message_template_language: "nl", reason: "NONE", ...more },
    seconds,
  );

const template = () =>
  s.row("select * from message_templates where name = $1 and organization_id = $2", [
    NAME,
    s.organization.id,
  ]);
const sender = () => s.row("select * from senders where id = $1", [s.sender.id]);
const state = async () => (await sender()).state;
const waiting = () => s.rows("select error, organization_id from webhook_inbox where processed_at is null");

describe("news of a template", () => {
  it("sets its status, quality and category, and says that its text is another; older news changes nothing", async () => {
    await makeTemplate(s.database, s.organization, { name: NAME });
    await s.apply(
      ...["template-status", "template-quality", "template-category", "template-components"].map(sample),
    );
    expect(await template()).toMatchObject({
      status: "PAUSED",
      statusReason: "FIRST_PAUSE",
      quality: "YELLOW",
      category: "UTILITY",
      staleAt: new Date(1_764_000_500_000),
    });
    await s.apply(ofTemplate("APPROVED", 1_764_000_400));
    expect(await template()).toMatchObject({ status: "PAUSED" });
    await s.apply(ofTemplate("FLAGGED", 1_764_000_550));
    expect(await template()).toMatchObject({ status: "PAUSED" });
    await s.apply(ofTemplate("APPROVED", 1_764_000_600, { other_info: { title: "UNPAUSE" } }));
    expect(await template()).toMatchObject({ status: "APPROVED", statusReason: "UNPAUSE" });
    const shown = await runCommand(templateShow, [NAME], {
      databaseUrl: s.url,
      organization: s.organization.slug,
    });
    expect(shown.stdout).toContain("UNPAUSE");
  });

  it.each(["PAUSED", "DISABLED", "REJECTED"])(
    "%s pauses the running campaigns and active drips that send it, with the reason, and no other",
    async (event) => {
      const { id: templateId } = await makeTemplate(s.database, s.organization, { name: NAME });
      const message = { type: "template", template: NAME, language: "nl", variables: { "1": "x" } };
      const uses = await makeCampaign(s.database, s.organization, { message });
      const finished = await makeCampaign(s.database, s.organization, { message, status: "completed" });
      const other = await makeCampaign(s.database, s.organization, {
        message: { ...message, language: "de" },
      });
      for (const campaign of [uses, other]) await makeRun(s.database, campaign);
      const byId = await makeDrip(s.database, s.organization, {
        steps: [{ templateId, variables: { "1": "x" } }],
      });
      const byMessage = await makeDrip(s.database, s.organization, { steps: [{ message }] });
      const text = await makeDrip(s.database, s.organization);
      const people = await makeContacts(s.database, s.organization, 1);
      await makeEnrollments(s.database, byId, people);
      const reason = `Meta: template "${NAME}" (nl): ${event} INVALID_FORMAT`;
      const body = ofTemplate(event, undefined, { reason: "INVALID_FORMAT" });
      await s.apply(body);
      const of = async (table: string, id: string) =>
        s.row(`select status, pause_reason from ${table} where id = $1`, [id]);
      const paused = { status: "paused", pauseReason: reason };
      expect(await of("bulk_campaigns", uses.id)).toEqual(paused);
      expect(await of("drip_campaigns", byId.id)).toEqual(paused);
      expect(await of("drip_campaigns", byMessage.id)).toEqual(paused);
      expect(await of("bulk_campaigns", finished.id)).toMatchObject({ status: "completed" });
      expect(await of("bulk_campaigns", other.id)).toMatchObject({ status: "running" });
      expect(await of("drip_campaigns", text.id)).toMatchObject({ status: "active" });
      await s.rows(
        "update bulk_campaigns set status = 'running', pause_reason = null, paused_at = null where id = $1",
        [uses.id],
      );
      await s.apply(body, ofTemplate("APPROVED", 1_764_000_900), ofTemplate("PAUSED", 1_764_000_800));
      expect(await of("bulk_campaigns", uses.id)).toMatchObject({ status: "running" });
    },
  );

  it.each(["PAUSED", "DISABLED", "REJECTED"])(
    "%s stops what is yet to begin with it too, by a variant also; a resume puts it back",
    async (event) => {
      await makeTemplate(s.database, s.organization, { name: NAME });
      const message = { type: "template", template: NAME, language: "nl", variables: { "1": "x" } };
      const other = { ...message, template: "another" };
      const given = { status: "scheduled", message } as const;
      const once = await makeCampaign(s.database, s.organization, given);
      const recurring = await makeCampaign(s.database, s.organization, {
        ...given,
        scheduling: { type: "recurring", cron: "0 10 * * MON" },
      });
      const byVariant = await makeCampaign(s.database, s.organization, { ...given, message: other });
      const unaffected = await makeCampaign(s.database, s.organization, given);
      const variants = (last: object) =>
        JSON.stringify([
          { name: "A", weight: 50, message: other },
          { name: "B", weight: 50, message: last },
        ]);
      await s.rows("update bulk_campaigns set variants = $2 where id = $1", [
        byVariant.id,
        variants(message),
      ]);
      await s.rows("update bulk_campaigns set variants = $2 where id = $1", [unaffected.id, variants(other)]);
      await s.apply(ofTemplate(event));
      const of = (id: string) =>
        s.row("select status, pause_reason, resume_as from bulk_campaigns where id = $1", [id]);
      const pauseReason = `Meta: template "${NAME}" (nl): ${event}`;
      for (const { id } of [once, recurring, byVariant])
        expect(await of(id)).toEqual({ status: "paused", pauseReason, resumeAs: "scheduled" });
      expect(await of(unaffected.id)).toMatchObject({ status: "scheduled" });
      await s.database.transaction(operator(s.organization.profileId), (tx) =>
        resumeCampaign(tx, s.organization.id, once.id),
      );
      expect(await of(once.id)).toEqual({ status: "scheduled", pauseReason: null, resumeAs: null });
    },
  );

  it("of another account, or of another tenant's template, changes none of ours", async () => {
    await makeTemplate(s.database, s.organization, { name: NAME });
    await s.rows("update senders set waba_id = '777' where organization_id = $1", [s.other.id]);
    await s.apply(
      told(
        "message_template_status_update",
        { event: "PAUSED", message_template_name: NAME, message_template_language: "nl" },
        1,
        "777",
      ),
    );
    expect(await template()).toMatchObject({ status: "APPROVED" });
    expect(await s.row("select organization_id, event from account_notices")).toEqual({
      organizationId: s.other.id,
      event: "PAUSED",
    });
  });
});

describe("news of a number", () => {
  it("sets its quality and its name, once a message has told which number is which", async () => {
    await s.apply(messagesBody([{ from: "31612345678" }]));
    expect(await sender()).toMatchObject({ displayPhoneNumber: "31201234567" });
    await s.apply(sample("number-quality"), sample("number-name"));
    expect(await sender()).toMatchObject({
      quality: "THROUGHPUT_UPGRADE",
      qualityAt: new Date(1_764_000_500_000),
      verifiedName: "Bakkerij Jansen",
    });
    const { stdout } = await runCommand(senderShow, ["main"], {
      databaseUrl: s.url,
      organization: s.organization.slug,
      format: "json",
    });
    expect(JSON.parse(stdout)).toMatchObject({
      quality: "THROUGHPUT_UPGRADE",
      verifiedName: "Bakkerij Jansen",
    });
  });

  it.each([
    ["TIER_2K", 2_000],
    ["TIER_250", 250],
    ["TIER_100K", 100_000],
    [2000, 2_000],
    ["2000", 2_000],
    [-1, null],
    ["TIER_UNLIMITED", null],
    ["TIER_NOT_SET", 50],
    [undefined, 50],
    [{}, 50],
  ])("sets the portfolio's messaging limit by %j to %s", async (told_, limit) => {
    const { id } = await s.row(
      "insert into portfolios (organization_id, name, messaging_limit) values ($1, 'main', 50) returning id",
      [s.organization.id],
    );
    await s.rows("update senders set portfolio_id = $1 where id = $2", [id, s.sender.id]);
    await s.apply(told("business_capability_update", { max_daily_conversations_per_business: told_ }));
    expect(await s.row("select messaging_limit from portfolios where id = $1", [id])).toEqual({
      messagingLimit: limit,
    });
  });

  it("does not bring back a limit that is older than what is known", async () => {
    const { id } = await s.row(
      "insert into portfolios (organization_id, name) values ($1, 'main') returning id",
      [s.organization.id],
    );
    await s.rows("update senders set portfolio_id = $1 where id = $2", [id, s.sender.id]);
    const of = (limit: number, at: number) =>
      told("business_capability_update", { max_daily_conversations_per_business: limit }, at);
    await s.apply(of(10_000, 2_000));
    await s.apply(of(2_000, 1_000));
    expect(await s.row("select messaging_limit from portfolios where id = $1", [id])).toEqual({
      messagingLimit: 10_000,
    });
  });
});

describe("news of an account", () => {
  it.each([
    [
      "DISABLED_UPDATE",
      { ban_info: { waba_ban_state: "SCHEDULE_FOR_DISABLE", waba_ban_date: "November 30, 2026" } },
      "Meta: DISABLED_UPDATE SCHEDULE_FOR_DISABLE November 30, 2026",
    ],
    [
      "ACCOUNT_RESTRICTION",
      { restriction_info: [{ restriction_type: "RESTRICTED_BIZ_INITIATED_MESSAGING" }] },
      "Meta: ACCOUNT_RESTRICTION RESTRICTED_BIZ_INITIATED_MESSAGING",
    ],
    ["ACCOUNT_DELETED", {}, "Meta: ACCOUNT_DELETED"],
    ["ACCOUNT_OFFBOARDED", {}, "Meta: ACCOUNT_OFFBOARDED"],
    ["PARTNER_REMOVED", {}, "Meta: PARTNER_REMOVED"],
    ["PARTNER_REMOVED", OF_PARTNER, "Meta: PARTNER_REMOVED"],
  ])(
    "%s halts its senders with the reason, those alone, and not again what a person has resumed",
    async (event, value, reason) => {
      const second = await makeSender(s.database, s.organization, { name: "second", phoneNumberId: "55" });
      const body = told(
        "account_update",
        { event, ...value },
        undefined,
        value === OF_PARTNER ? PARTNER : WABA,
      );
      await s.apply(body);
      expect(await sender()).toMatchObject({ state: "halted", haltReason: reason });
      expect(await s.row("select state from senders where id = $1", [second.id])).toEqual({
        state: "active",
      });
      await s.database.transaction(operator(s.organization.profileId), (tx) =>
        resumeSender(tx, s.organization.id, "main"),
      );
      await s.apply(body);
      expect(await state()).toBe("active");
    },
  );

  it.each([
    ["DISABLED_UPDATE", { ban_info: { waba_ban_state: "REINSTATE" } }],
    ["ACCOUNT_RESTRICTION", { restriction_info: [{ restriction_type: "RESTRICTED_UTILITY_TEMPLATES" }] }],
    ["ACCOUNT_VIOLATION", { violation_info: { violation_type: "ADULT" } }],
    ["VOLUME_BASED_PRICING_TIER_UPDATE", {}],
    ["SOMETHING_NEW", { ban_info: 7, restriction_info: "x" }],
  ])("%s %j is an alert and halts nothing", async (event, value) => {
    await s.apply(told("account_update", { event, ...value }));
    expect(await state()).toBe("active");
    expect(await s.row("select event, halts from account_notices")).toEqual({ event, halts: false });
  });

  it("that was taken back before the older body came does not halt", async () => {
    const of = (state: string, at: number) =>
      told("account_update", { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: state } }, at);
    await s.apply(of("REINSTATE", 2_000));
    await s.apply(of("DISABLE", 1_000));
    expect(await state()).toBe("active");
  });

  it("is shown by status: alerts, security and errors without a message, the newest first", async () => {
    const now = Math.floor(Date.now() / 1000);
    const errors = JSON.parse(sample("errors-only"));
    errors.entry[0].time = now - 1;
    await s.apply(
      told(
        "account_alerts",
        { alert_info: { alert_type: "OBA_APPROVED", alert_severity: "INFORMATIONAL" } },
        now - 3,
      ),
      told("security", { display_phone_number: "31201234567", event: "PIN_CHANGED" }, now - 2),
      JSON.stringify(errors),
    );
    const { notices } = await statusOf(
      (work) => s.database.transaction(operator(s.organization.profileId), work),
      (work) => s.database.transaction(worker, work),
      s.organization.id,
    );
    expect(notices.map(({ event, sender: name }) => [event, name])).toEqual([
      ["error 130429", "main"],
      ["PIN_CHANGED", null],
      ["OBA_APPROVED", null],
    ]);
    const shown = await runCommand(status, [], { databaseUrl: s.url, organization: s.organization.slug });
    expect(shown.stdout).toContain("PIN_CHANGED");
    const theirs = await runCommand(status, [], { databaseUrl: s.url, organization: s.other.slug });
    expect(theirs.stdout).not.toContain("PIN_CHANGED");
  });

  it("that no sender has, or several organizations have, is put aside with the reason, and applied once it is known", async () => {
    const body = told("account_update", { event: "ACCOUNT_DELETED" }, 1, "999");
    await s.apply(body);
    expect(await waiting()).toEqual([
      {
        error:
          "1 of 1 notices are about an account that no sender has (its WABA id: adsapp sender add --waba-id)",
        organizationId: null,
      },
    ]);
    await s.rows("update senders set waba_id = '999' where phone_number_id = $1 or id = $2", [
      OTHER_NUMBER,
      s.sender.id,
    ]);
    await s.rows("update webhook_inbox set error = null");
    await s.apply();
    expect(await waiting()).toMatchObject([
      { error: "1 of 1 notices are about an account that several organizations have" },
    ]);
    expect(await state()).toBe("active");
    await s.rows("update senders set waba_id = null where phone_number_id = $1", [OTHER_NUMBER]);
    await s.rows("update webhook_inbox set error = null");
    await s.apply();
    expect(await waiting()).toEqual([]);
    expect(await state()).toBe("halted");
  });

  it("of a field that we do not know is applied as nothing, whosever it is", async () => {
    await s.apply(sample("unknown-field"), sample("history"), told("flows", { event: "x" }, 1, "999"));
    expect(await waiting()).toEqual([]);
    expect(await s.row("select count(*) as n from account_notices")).toEqual({ n: 0 });
  });
});
