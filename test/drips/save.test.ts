import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findDrip, listDrips } from "../../src/drips/find.ts";
import { saveDrip } from "../../src/drips/save.ts";
import { definitionOf } from "../../src/drips/stored.ts";
import { makeDrip } from "../support/drip-factories.ts";
import { makeSender, makeTemplate } from "../support/factories.ts";
import { drip, type Setup, says, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main" });
  await makeSender(s.database, s.organization, { name: "second" });
  await makeDrip(s.database, s.other, { name: "Theirs", status: "draft" });
});

afterAll(() => s.end());

const save = (given: object, ifNotExists = false) =>
  s.asAdmin((tx) => saveDrip(tx, s.organization.id, drip(given), ifNotExists));
const find = (nameOrId: string) => s.asAdmin((tx) => findDrip(tx, s.organization.id, nameOrId));

describe("a drip is saved", () => {
  it("as a draft of version 1 that is its definition again, without the defaults", async () => {
    const definition = drip({
      name: "Whole",
      sender: "second",
      trigger: { type: "custom_event", event: "purchased", where: { product: "brood" } },
      settings: { maxContactsPerDay: 5, reentry: { after_days: 90 }, quietHours: ["22:00", "08:00"] },
      exitWhen: [{ tag: "customer" }, { event: "purchased", within_days: 3 }],
      steps: [
        says("Hoi"),
        says("Nog vragen?", "2d", { sendAt: "10:00", when: { not: { tag: "customer" } } }),
        {
          delay: "1w",
          message: { type: "template", template: "aanbieding", language: "nl", variables: { "1": "x" } },
        },
        { delay: "3h", message: { type: "image", link: "https://example.com/a.png", caption: "Kijk" } },
      ],
    });
    const saved = await s.asAdmin((tx) => saveDrip(tx, s.organization.id, definition));
    expect(saved).toMatchObject({
      status: "draft",
      version: 1,
      sender: "second",
      trigger: { type: "custom_event", event: "purchased", where: { product: "brood" } },
      statistics: { totalEnrolled: 0, messagesSent: 0 },
      activatedAt: null,
    });
    expect(definitionOf(saved)).toEqual(definition);
    expect(await find(saved.id)).toEqual(saved);
  });

  it("without a sender where it names none; an unknown one is told with its near name", async () => {
    expect((await save({ name: "Senderless" })).sender).toBeNull();
    await expect(save({ name: "Other", sender: "mian" })).rejects.toMatchObject({
      exitCode: 4,
      message: 'sender "mian" not found',
    });
    await expect(find("Other")).rejects.toMatchObject({ exitCode: 4 });
  });

  it("once a name, for each tenant", async () => {
    await save({ name: "Once" });
    await expect(save({ name: "Once" })).rejects.toMatchObject({
      exitCode: 1,
      message: 'a drip "Once" exists',
    });
    await expect(save({ name: "Theirs" })).resolves.toMatchObject({ name: "Theirs" });
  });

  it("again with --if-not-exists when it is alike, and not when it differs", async () => {
    const first = await save({ name: "Again", sender: "main" });
    expect((await save({ name: "Again", sender: "main" }, true)).id).toBe(first.id);
    const other = { name: "Again", sender: "second", settings: { maxAttempts: 1 }, steps: [says("Anders")] };
    await expect(save(other, true)).rejects.toMatchObject({
      exitCode: 1,
      message: 'a drip "Again" exists with another sender, settings, steps',
    });
  });

  it("by one of two people at once", async () => {
    const both = await Promise.allSettled([save({ name: "Raced" }), save({ name: "Raced" })]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await find("Raced")).steps).toHaveLength(3);
  });

  it("not by a viewer, and not into another organization", async () => {
    const denied = { code: "42501" };
    await expect(
      s.asViewer((tx) => saveDrip(tx, s.organization.id, drip({ name: "V" }))),
    ).rejects.toMatchObject(denied);
    await expect(
      s.asAdmin((tx) => saveDrip(tx, s.other.id, drip({ name: "Foreign" }))),
    ).rejects.toMatchObject(denied);
    await expect(find("V")).rejects.toMatchObject({ exitCode: 4 });
  });
});

describe("a drip is found", () => {
  it("by name or id, and never another tenant's", async () => {
    const theirs = await makeDrip(s.database, s.other, { name: "Secret" });
    await save({ name: "Findable" });
    await expect(find("Findabel")).rejects.toMatchObject({ exitCode: 4, hint: 'Did you mean "Findable"?' });
    for (const word of ["Secret", theirs.id, "00000000-0000-4000-8000-000000000000"]) {
      await expect(find(word)).rejects.toMatchObject({
        exitCode: 4,
        message: `drip "${word}" not found`,
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
    const names = (await s.asAdmin((tx) => listDrips(tx, s.organization.id, "draft"))).map(
      ({ name }) => name,
    );
    expect(names.indexOf("Findable")).toBeLessThan(names.indexOf("Whole"));
    expect(await s.asAdmin((tx) => listDrips(tx, s.organization.id, "active"))).toEqual([]);
    expect(await s.asAdmin((tx) => listDrips(tx, s.other.id))).toEqual([]);
  });
});

describe("a drip that was written by other means", () => {
  it("is a definition too: the source document's texts, and a step with the template's id", async () => {
    const template = await makeTemplate(s.database, s.organization, { name: "by_id" });
    await makeDrip(s.database, s.organization, {
      name: "Document",
      trigger: { type: "tag_added" },
      steps: [{ text: "Welkom!" }, { days: 2, templateId: template.id, variables: { "1": "x" } }],
    });
    expect(definitionOf(await find("Document"))).toMatchObject({
      trigger: { type: "tag_added" },
      steps: [
        { delay: { type: "minutes", value: 0 }, message: { type: "text", text: "Welkom!" } },
        { message: { type: "template", template: "by_id", language: "nl", variables: { "1": "x" } } },
      ],
    });
  });

  it.each([
    ["no steps", { steps: [] }, /steps: there is no step/],
    ["a message that is none", { steps: [{ message: { type: "text" } }] }, /steps\.0\.message/],
    ["a condition that is none", { steps: [{ when: { moon: "full" } }] }, /steps\.0\.when/],
  ])("and has %s is told apart", async (what, given, fault) => {
    await makeDrip(s.database, s.organization, { name: what, ...given });
    const raw = await find(what);
    expect(() => definitionOf(raw)).toThrow(/is not one that adsapp can send: /);
    expect(() => definitionOf(raw)).toThrow(fault);
  });
});
