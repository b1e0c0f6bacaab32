import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { broadcastSchema } from "../../src/campaigns/definition.ts";
import { findCampaign } from "../../src/campaigns/find.ts";
import { saveCampaign } from "../../src/campaigns/save.ts";
import { scheduleCampaign } from "../../src/campaigns/schedule.ts";
import { startCampaign } from "../../src/campaigns/start.ts";
import { definitionOf, yamlOf } from "../../src/campaigns/stored.ts";
import { deleteCampaign } from "../../src/campaigns/transitions.ts";
import { operator } from "../../src/db/identity.ts";
import { checkDefinition } from "../../src/definitions/read.ts";
import { makeSender } from "../support/factories.ts";
import { broadcast, NOW, type Setup, setup } from "./setup.ts";

let s: Setup;
const text = { message: { type: "text", text: "Hoi" } };

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization);
});

afterAll(() => s.end());

const save = (given: object) => s.asAdmin((tx) => saveCampaign(tx, s.organization.id, broadcast(given)));
const schedule = (name: string, at: Date) =>
  scheduleCampaign(s.database, operator(s.organization.profileId), s.organization.id, name, at);
const later = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);

describe("campaign schedule", () => {
  it("arms a draft for a time, and moves it after that", async () => {
    await save({ name: "Moved", ...text });
    expect((await schedule("Moved", later(2))).campaign).toMatchObject({
      status: "scheduled",
      scheduledAt: later(2),
    });
    expect((await schedule("Moved", later(3))).campaign).toMatchObject({
      status: "scheduled",
      scheduledAt: later(3),
    });
  });

  it("takes no time that has gone by, and nothing that runs or recurs", async () => {
    await save({ name: "Past", ...text });
    await expect(schedule("Past", later(-1))).rejects.toThrow("has gone by");
    await startCampaign(s.database, operator(s.organization.profileId), s.organization.id, "Past");
    await expect(schedule("Past", later(1))).rejects.toThrow(
      'campaign "Past" is running: it cannot be moved',
    );
    await save({ name: "Weekly", ...text, scheduling: { type: "recurring", cron: "0 10 * * MON" } });
    await expect(schedule("Weekly", later(1))).rejects.toThrow("its cron says when");
  });
});

describe("campaign delete", () => {
  it("removes a draft, of its own organization, by who may write", async () => {
    await save({ name: "Gone", ...text });
    await expect(s.asViewer((tx) => deleteCampaign(tx, s.organization.id, "Gone"))).rejects.toMatchObject({
      exitCode: 5,
    });
    await s.asAdmin((tx) => deleteCampaign(tx, s.organization.id, "Gone"));
    await expect(s.asAdmin((tx) => findCampaign(tx, s.organization.id, "Gone"))).rejects.toMatchObject({
      exitCode: 4,
    });
  });

  it("leaves what was started", async () => {
    await save({ name: "Started", ...text });
    await startCampaign(s.database, operator(s.organization.profileId), s.organization.id, "Started");
    await expect(s.asAdmin((tx) => deleteCampaign(tx, s.organization.id, "Started"))).rejects.toThrow(
      'campaign "Started" is running: only a draft can be deleted',
    );
  });
});

describe("campaign export", () => {
  it.each<[string, object]>([
    ["of little", { ...text }],
    [
      "of everything",
      {
        sender: "main",
        type: "survey",
        targetAudience: {
          type: "segment",
          where: { any: [{ tag: "a" }, { not: { field: "attributes.n", op: "gt", value: 3 } }] },
          exclude: { tags: ["b"], contactedWithinDays: 3 },
        },
        message: {
          type: "template",
          template: "x",
          language: "nl",
          variables: { "1": "{{ contact.first_name | default: 'klant' }}" },
        },
        scheduling: {
          type: "recurring",
          cron: "0 10 * * MON",
          timezone: "Europe/Amsterdam",
          endsAt: "2027-01-01T00:00",
        },
        rateLimiting: { messagesPerHour: 500 },
        settings: { holdout: 5, quietHours: ["22:00", "08:00"], canary: { messages: 10 } },
        variants: [
          { name: "A", weight: 50 },
          { name: "B", weight: 50.5, message: { template: "y" } },
        ],
      },
    ],
  ])("%s makes the same campaign", async (what, given) => {
    const saved = await save({ name: `Export ${what}`, ...given });
    const { kind: _kind, ...again } = checkDefinition("export", await yamlOf(saved), broadcastSchema);
    expect(again).toEqual(definitionOf(saved));
  });
});
