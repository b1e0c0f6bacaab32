import { describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts, makeOrganization } from "../support/factories.ts";
import { change, database, organization, status, ticked, useStatus } from "./statuses.ts";

useStatus();

describe("the status of a drip", () => {
  it("says whom and what it waits for, and is nothing of another organization's", async () => {
    const drip = await makeDrip(database, organization, {
      name: "Welkom",
      steps: [{ days: 2, text: "Hoi" }],
    });
    const waits = async () => (await status()).drips.map(({ waitsFor, due }) => [waitsFor, due]);
    expect(await waits()).toEqual([["people", 0]]);
    await makeEnrollments(database, drip, await makeContacts(database, organization, 2));
    const [line] = (await status()).drips;
    expect(line).toMatchObject({ name: "Welkom", people: 2, due: 0, unknown: 0, waitsFor: "next_step" });
    expect(Number(line?.waitsUntil)).toBeGreaterThan(Date.now() + 36 * 3_600_000);
    await change("update drip_enrollments set next_message_at = adsapp_now() where campaign_id = $1", [
      drip.id,
    ]);
    expect(await waits()).toEqual([["tick", 2]]);
    await change("update senders set state = 'halted', halt_reason = 'token' where organization_id = $1", [
      organization.id,
    ]);
    expect(await waits()).toEqual([["sender_halted", 2]]);
    await change("update organizations set paused_at = adsapp_now() where id = $1", [organization.id]);
    expect(await waits()).toEqual([["organization_paused", 2]]);
    expect((await status(await makeOrganization(database))).drips).toEqual([]);
  });
});

describe("what needs a person", () => {
  it("is a drip that the machine paused, not one that a person paused; and unknown outcomes that a drip holds", async () => {
    const step = { minutes: 0, text: "Hoi" };
    const broken = await makeDrip(database, organization, { name: "Broken", steps: [step] });
    const stopped = await makeDrip(database, organization, { name: "Stopped", steps: [step] });
    const drip = await makeDrip(database, organization, { name: "Running", steps: [step, { days: 2 }] });
    const people = await makeEnrollments(database, drip, await makeContacts(database, organization, 3));
    await settleSteps(database, people.slice(0, 1), "unknown", { at: new Date(Date.now() - 25 * 3_600_000) });
    await ticked("1 minute");
    const pause = "update drip_campaigns set status = 'paused', pause_reason = $2 where id = $1";
    await change(pause, [broken.id, "132015: template paused"]);
    await database.transaction(operator(organization.profileId), (tx) =>
      tx.run(pause, [stopped.id, "wrong price"]),
    );
    await change('update drip_campaigns set settings = settings || \'{"onUnknown": "hold"}\' where id = $1', [
      drip.id,
    ]);
    await makeDrip(database, organization, { name: "Draft", status: "draft", steps: [step] });
    const { drips, problems } = await status();
    expect(drips.map(({ name, pausedByMachine, waitsFor }) => [name, pausedByMachine, waitsFor])).toEqual([
      ["Running", null, "tick"],
      ["Broken", true, "resume"],
      ["Stopped", false, "resume"],
    ]);
    expect(drips[0]).toMatchObject({ status: "active", people: 3, due: 2, unknown: 1, held: 1 });
    expect(problems).toEqual([
      'drip "Broken" was paused: 132015: template paused (adsapp drip activate)',
      'drip "Running" holds 1 message of which nobody knows whether it went out (adsapp job resolve --campaign)',
    ]);
  });
});
