import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { operator, worker } from "../../src/db/identity.ts";
import { enrollInDrip } from "../../src/events/workflow.ts";
import { setup } from "./setup.ts";

describe("the workflow node enroll_in_drip", () => {
  it("enters contacts, skips who is in already, and writes down who did it", async () => {
    const s = await setup();
    const drip = await s.drip({ name: "Lead" });
    const [a, b] = (await s.contacts(2)).map(({ id }) => id) as [string, string];
    const enroll = (contactIds: string[]) =>
      enrollInDrip(s.database, operator(s.organization.profileId), s.organization.id, {
        campaignId: drip.id,
        contactIds,
        skipIfAlreadyEnrolled: true,
      });
    const first = await enroll([a, a]);
    expect(first.enrolled.map(({ contactId }) => contactId)).toEqual([a]);
    const second = await enroll([a, b]);
    expect(second.enrolled.map(({ contactId }) => contactId)).toEqual([b]);
    expect(second.skipped).toEqual([{ contactId: a, reason: "already_enrolled" }]);
    expect(await s.query("select distinct enrolled_by from drip_enrollments")).toEqual([
      { enrolledBy: s.organization.profileId },
    ]);
    const planned = await s.query("select from drip_message_logs where next_attempt_at is not null");
    expect(planned).toHaveLength(2);
  });

  it("without skipIfAlreadyEnrolled names whom it found, and enters nobody", async () => {
    const s = await setup();
    const drip = await s.drip({ name: "Lead" });
    const jan = await s.contact({ firstName: "Jan" });
    const other = await s.contact();
    const enroll = (contactIds: string[]) =>
      enrollInDrip(s.database, worker, s.organization.id, {
        campaignId: drip.id,
        contactIds,
        skipIfAlreadyEnrolled: false,
      });
    await enroll([jan]);
    await expect(enroll([jan, other])).rejects.toThrow(`already in drip "Lead": Jan (${jan})`);
    expect(await s.enrollmentsOf(other)).toEqual([]);
  });

  it("tells why others were not entered", async () => {
    const s = await setup();
    const drip = await s.drip({ name: "Lead" });
    const contact = await s.contact({ optedOutAt: new Date() });
    expect(
      await enrollInDrip(s.database, worker, s.organization.id, {
        campaignId: "Lead",
        contactIds: [contact],
      }),
    ).toEqual({ enrolled: [], skipped: [{ contactId: contact, reason: "opted_out" }] });
    expect(await s.query("select from drip_enrollments where campaign_id = $1", [drip.id])).toEqual([]);
    expect(
      await enrollInDrip(s.database, worker, s.organization.id, { campaignId: "Lead", contactIds: [] }),
    ).toEqual({ enrolled: [], skipped: [] });
  });

  it("knows no drip and no contact of another organization, and no closed drip", async () => {
    const s = await setup();
    const other = await s.neighbour();
    const [mine, theirs] = [await s.drip({ name: "Mine" }), await other.drip({ name: "Theirs" })];
    await s.drip({ name: "Paused", status: "paused" });
    const [contact, stranger] = [await s.contact(), await other.contact()];
    const enroll = (campaignId: string, contactId: string) =>
      enrollInDrip(s.database, operator(s.organization.profileId), s.organization.id, {
        campaignId,
        contactIds: [contactId],
      });
    for (const [campaignId, contactId, message] of [
      [theirs.id, contact, `drip "${theirs.id}" not found`],
      [randomUUID(), contact, "not found"],
      [mine.id, stranger, `contact "${stranger}" not found`],
      [mine.id, "nobody", 'contact "nobody" not found'],
      ["Paused", contact, 'drip "Paused" is paused'],
    ] as const)
      await expect(enroll(campaignId, contactId)).rejects.toThrow(message);
    expect(await s.query("select from drip_enrollments")).toEqual([]);
  });

  it("refuses a viewer", async () => {
    const s = await setup();
    const drip = await s.drip({});
    const contactIds = [await s.contact()];
    await expect(
      enrollInDrip(s.database, operator(s.organization.viewerId), s.organization.id, {
        campaignId: drip.id,
        contactIds,
      }),
    ).rejects.toMatchObject({ exitCode: 5 });
  });
});
