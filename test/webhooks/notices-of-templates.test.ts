import { describe, expect, it } from "vitest";
import { resumeCampaign } from "../../src/campaigns/transitions.ts";
import { operator } from "../../src/db/identity.ts";
import templateShow from "../../src/templates/show.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeRun, makeTemplate } from "../support/factories.ts";
import { NAME, s, told, useNotices } from "./notices.ts";
import { sample } from "./samples.ts";

useNotices();

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
