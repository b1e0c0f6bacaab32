import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCampaign, listCampaigns } from "../../src/campaigns/find.ts";
import { saveCampaign } from "../../src/campaigns/save.ts";
import { definitionOf } from "../../src/campaigns/stored.ts";
import { makeCampaign, makeSender } from "../support/factories.ts";
import { broadcast, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main" });
  await makeSender(s.database, s.organization, { name: "second" });
  await makeCampaign(s.database, s.other, { name: "Theirs", status: "draft" });
});

afterAll(() => s.end());

const save = (given: object, ifNotExists = false) =>
  s.asAdmin((tx) => saveCampaign(tx, s.organization.id, broadcast(given), ifNotExists));
const find = (nameOrId: string) => s.asAdmin((tx) => findCampaign(tx, s.organization.id, nameOrId));

describe("a broadcast is saved", () => {
  it("as a draft that is its definition again, without the defaults", async () => {
    const definition = broadcast({
      name: "Whole",
      sender: "second",
      settings: { maxAttempts: 2 },
      scheduling: { type: "scheduled", scheduledAt: "2026-12-01T10:00" },
    });
    const campaign = await s.asAdmin((tx) => saveCampaign(tx, s.organization.id, definition));
    expect(campaign).toMatchObject({
      name: "Whole",
      status: "draft",
      sender: "second",
      settings: { maxAttempts: 2 },
      scheduledAt: null,
      startedAt: null,
    });
    expect(definitionOf(campaign)).toEqual(definition);
    expect(await find(campaign.id)).toEqual(campaign);
  });

  it("without a sender where it names none: the default one is taken at its start", async () => {
    expect((await save({ name: "Senderless" })).sender).toBeNull();
    await expect(save({ name: "Other", sender: "mian" })).rejects.toMatchObject({
      exitCode: 4,
      message: 'sender "mian" not found',
    });
  });

  it("once a name", async () => {
    await save({ name: "Once" });
    await expect(save({ name: "Once" })).rejects.toMatchObject({
      exitCode: 1,
      message: 'a campaign "Once" exists',
    });
    await expect(save({ name: "Theirs" })).resolves.toMatchObject({ name: "Theirs" });
  });

  it("again with --if-not-exists when it is alike, and not when it differs", async () => {
    const first = await save({ name: "Again", sender: "main" });
    expect((await save({ name: "Again", sender: "main" }, true)).id).toBe(first.id);
    expect((await save({ name: "Again" }, true)).id).toBe(first.id);
    await expect(
      save({ name: "Again", sender: "second", settings: { maxAttempts: 1 } }, true),
    ).rejects.toMatchObject({
      exitCode: 1,
      message: 'a campaign "Again" exists with another sender, settings',
    });
  });

  it("not by a viewer", async () => {
    await expect(
      s.asViewer((tx) => saveCampaign(tx, s.organization.id, broadcast({ name: "V" }))),
    ).rejects.toMatchObject({ code: "42501" });
    await expect(find("V")).rejects.toMatchObject({ exitCode: 4 });
  });

  it("and not into another organization", async () => {
    await expect(
      s.asAdmin((tx) => saveCampaign(tx, s.other.id, broadcast({ name: "Foreign" }))),
    ).rejects.toMatchObject({ code: "42501" });
  });
});

describe("a campaign is found", () => {
  it("by name or id, and never another tenant's", async () => {
    const theirs = await makeCampaign(s.database, s.other, { name: "Secret", status: "draft" });
    await save({ name: "Findable" });
    expect((await find("Findable")).name).toBe("Findable");
    await expect(find("Findabel")).rejects.toMatchObject({ exitCode: 4, hint: 'Did you mean "Findable"?' });
    for (const word of ["Secret", theirs.id]) {
      await expect(find(word)).rejects.toMatchObject({
        exitCode: 4,
        message: `campaign "${word}" not found`,
        hint: undefined,
      });
    }
  });

  it("by name before an id that reads the same", async () => {
    const first = await save({ name: "Original" });
    const named = await save({ name: first.id });
    expect((await find(first.id)).id).toBe(named.id);
  });

  it("in a list of one status, newest first", async () => {
    const names = (await s.asAdmin((tx) => listCampaigns(tx, s.organization.id, "draft"))).map(
      ({ name }) => name,
    );
    expect(names).toContain("Findable");
    expect(names.indexOf("Findable")).toBeLessThan(names.indexOf("Whole"));
    expect(await s.asAdmin((tx) => listCampaigns(tx, s.organization.id, "running"))).toEqual([]);
    expect(await s.asAdmin((tx) => listCampaigns(tx, s.other.id))).toEqual([]);
  });
});

describe("a stored campaign", () => {
  it("that was written by other means and says nothing to send is told apart", async () => {
    await makeCampaign(s.database, s.organization, {
      name: "Raw",
      status: "draft",
      message: { type: "carrier pigeon" },
    });
    const raw = await find("Raw");
    expect(() => definitionOf(raw)).toThrow(
      /campaign "Raw" is not a broadcast that adsapp can send: message/,
    );
  });
});
