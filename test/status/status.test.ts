import { describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeOrganization, makeSender } from "../support/factories.ts";
import { change, database, organization, status, ticked, useStatus } from "./statuses.ts";

useStatus();

describe("what needs a person", () => {
  it("is nothing in a new organization, ticks or not", async () => {
    expect(await status()).toMatchObject({
      ok: true,
      problems: [],
      inbox: { waiting: 0, failed: 0, oldestAt: null },
      ticks: { lastStartedAt: null, missedMinutes: null, overdue: false },
    });
  });

  it("is a halted sender", async () => {
    await makeSender(database, organization, { name: "second", haltReason: "190: token expired" });
    expect((await status()).problems).toEqual([
      'sender "second" is halted: 190: token expired (adsapp sender resume)',
    ]);
  });

  it("is a campaign that the machine paused, not one that a person paused", async () => {
    const broken = await makeCampaign(database, organization, { name: "Broken" });
    const halted = await makeCampaign(database, organization, { name: "Stopped" });
    const pause =
      "update bulk_campaigns set status = 'paused', paused_at = adsapp_now(), pause_reason = $2, resume_as = 'running' where id = $1";
    await change(pause, [broken.id, "20 of the last 100 messages were refused as wrong"]);
    await database.transaction(operator(organization.profileId), (tx) =>
      tx.run(pause, [halted.id, "wrong price"]),
    );
    const { campaigns, problems } = await status();
    expect(campaigns.map(({ name, pausedByMachine, waitsFor }) => [name, pausedByMachine, waitsFor])).toEqual(
      [
        ["Broken", true, "resume"],
        ["Stopped", false, "resume"],
      ],
    );
    expect(problems).toEqual([
      'campaign "Broken" was paused: 20 of the last 100 messages were refused as wrong (adsapp campaign resume)',
    ]);
  });

  it("is a webhook body that could not be applied, of this organization or of none that is known", async () => {
    const other = await makeOrganization(database);
    await change("insert into webhook_inbox (body) select '{}' from generate_series(1, 4)");
    await change(
      `update webhook_inbox i set organization_id = v.organization_id, error = 'not JSON'
         from (select id, row_number() over (order by id) as n from webhook_inbox) w
         join (values (1, $1::uuid), (2, $2::uuid), (3, null)) as v(n, organization_id) on v.n = w.n where i.id = w.id`,
      [organization.id, other.id],
    );
    const { inbox, problems } = await status();
    expect(inbox).toMatchObject({ waiting: 1, failed: 2, failure: "not JSON", oldestAt: expect.any(Date) });
    expect(problems).toContain("2 webhook bodies could not be applied: not JSON");
  });

  it("is that no tick runs although there is work", async () => {
    await makeCampaign(database, organization);
    expect((await status()).ticks.overdue).toBe(true);
    await ticked("6 minutes");
    expect((await status()).ticks.overdue).toBe(true);
    expect((await status()).problems).toHaveLength(1);
    await ticked("1 minute");
    expect(await status()).toMatchObject({ ok: true, ticks: { overdue: false, host: "web1" } });
  });

  it("is that no tick runs although a step of a drip is due, or an event waits", async () => {
    const steps = [{ days: 1 }];
    const drip = await makeDrip(database, organization, { steps });
    const people = await makeContacts(database, organization, 1);
    await makeEnrollments(database, drip, people);
    expect((await status()).ticks.overdue).toBe(false);
    await change("update drip_message_logs set next_attempt_at = adsapp_now() where campaign_id = $1", [
      drip.id,
    ]);
    expect((await status()).ticks.overdue).toBe(true);
    await database.transaction(operator(organization.profileId), (tx) =>
      tx.run("update drip_campaigns set status = 'paused' where id = $1", [drip.id]),
    );
    expect((await status()).ticks.overdue).toBe(false);
    await change(
      "insert into contact_events (contact_id, organization_id, type, name) values ($1, $2, 'custom_event', 'purchased')",
      [people[0]?.id, organization.id],
    );
    expect((await status()).ticks.overdue).toBe(true);
    expect((await status()).problems).toHaveLength(1);
  });

  it("is not that no tick runs while all work lies in the future", async () => {
    await makeCampaign(database, organization, { status: "scheduled" });
    expect((await status()).ticks.overdue).toBe(false);
  });

  it("is that the last tick failed, until one succeeds", async () => {
    await ticked("2 minutes", "deadlock detected");
    expect((await status()).problems).toEqual(["the last tick on web1 failed: deadlock detected"]);
    await ticked("1 minute");
    expect((await status()).ok).toBe(true);
  });
});
