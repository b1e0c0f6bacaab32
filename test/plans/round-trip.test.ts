import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import campaignExport from "../../src/campaigns/export.command.ts";
import { saveCampaign } from "../../src/campaigns/save.ts";
import { yamlOf as broadcastYaml } from "../../src/campaigns/stored.ts";
import { checkDefinition } from "../../src/definitions/read.ts";
import dripExport from "../../src/drips/export.command.ts";
import { saveDrip } from "../../src/drips/save.ts";
import { yamlOf as dripYaml } from "../../src/drips/stored.ts";
import ruleExport from "../../src/events/rule-export.command.ts";
import { readExisting } from "../../src/plans/existing.ts";
import { definitionSchema } from "../../src/plans/folder.ts";
import { applyDefinition } from "../../src/plans/kinds.ts";
import { packageRoot } from "../../src/root.ts";
import { broadcast } from "../campaigns/setup.ts";
import { drip } from "../drips/setup.ts";
import { makeSender } from "../support/factories.ts";
import { folderOf, inWords, ruleYaml, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main" });
});

afterAll(() => s.end());

const EXPORTS = { broadcast: campaignExport, drip: dripExport, rule: ruleExport } as const;

/** Applies these files, exports each, and plans what was exported. */
async function exportedAndPlanned(files: Record<string, string>): Promise<string[]> {
  const written = folderOf(files);
  const made = await s.applied(written.folder);
  const exported = folderOf({});
  for (const [n, { kind, name }] of made.entries()) {
    if (!(kind in EXPORTS)) continue;
    const { stdout } = await s.run(EXPORTS[kind as keyof typeof EXPORTS], [name]);
    exported.write(`${n}.yaml`, stdout);
  }
  return inWords(await s.planned(exported.folder));
}

describe("what was exported", () => {
  it("changes nothing: every fixture", async () => {
    const folder = join(packageRoot(), "fixtures");
    const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
    const texts = Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
    const planned = await exportedAndPlanned({
      ...texts,
      "rule.yaml": ruleYaml("Awake", "conditions: { not: { tag: vip } }\n"),
      "asleep.yaml": ruleYaml("Asleep", "enabled: false\n"),
    });
    expect(planned).toEqual([
      "drip Nieuwe Lead Opvolging: unchanged",
      "rule Asleep: unchanged",
      "rule Awake: unchanged",
      "broadcast Black Friday Sale: unchanged",
    ]);
  });

  it("changes nothing, whatever the texts look like to YAML, and whatever is set", async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(broadcasts, drips), async (written) => {
        const named = { ...written, name: `${written.name} ${++n}` };
        const outcome = await s.asAdmin(async (tx) => {
          const { id } = s.organization;
          const yaml =
            "steps" in named
              ? await dripYaml(await saveDrip(tx, id, drip(named)))
              : await broadcastYaml(await saveCampaign(tx, id, broadcast(named)));
          const exported = checkDefinition("exported", yaml, definitionSchema);
          return applyDefinition(tx, id, exported, await readExisting(tx, id, [exported]));
        });
        expect(outcome).toMatchObject({ change: "unchanged", changes: [] });
      }),
      { numRuns: 40 },
    );
  });
});

/** Texts that YAML would take for something else, and any others that PostgreSQL keeps. */
const text = fc.oneof(
  fc.constantFrom(
    "010",
    "1.50",
    "no",
    "~",
    "null",
    "+31612345678",
    "2026-11-27",
    "- a",
    "a: b",
    "#x",
    "{{1}}",
    "é\n\nb  ",
    "'\"",
    "*x",
    "&y",
    "!z",
    "|",
    " x",
  ),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 200 })
    .filter((each) => !/\0|\p{Surrogate}/u.test(each)),
);
const name = text
  .map((each) => each.slice(0, 50))
  .filter((each) => each.trim() !== "" && !/\p{Surrogate}/u.test(each));
const word = name.map((each) => each.trim());
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const set = (shape: Record<string, fc.Arbitrary<unknown>>) => fc.record(shape, { requiredKeys: [] });

const message = fc.oneof(
  fc.record({ type: fc.constant("text"), text }),
  fc.record({
    type: fc.constant("template"),
    template: word,
    variables: fc.dictionary(fc.constantFrom("1", "2", "voornaam"), text),
  }),
  fc.record({ type: fc.constant("image"), link: fc.constant("https://example.com/a.png"), caption: text }),
);
const condition = fc.oneof(
  fc.record({ tag: word }),
  fc.record({ not: fc.record({ event: word, within_days: fc.integer({ min: 1, max: 90 }) }) }),
  fc.record({
    field: fc.constant("attributes.city"),
    op: fc.constant("in"),
    value: fc.array(text, { minLength: 1, maxLength: 3 }),
  }),
);
const settings = {
  quietHours: fc.constant(["22:00", "08:00"]),
  maxAttempts: fc.integer({ min: 1, max: 10 }),
  respectBusinessHours: fc.boolean(),
};

const broadcasts = fc.record({
  name,
  type: fc.constantFrom("promotional", "transactional", "survey"),
  sender: maybe(fc.constant("main")),
  targetAudience: fc.oneof(
    fc.record({
      type: fc.constant("tags"),
      tags: fc.array(word, { minLength: 1, maxLength: 3 }),
      match: fc.constantFrom("any", "all"),
    }),
    fc.record({
      type: fc.constant("segment"),
      where: condition,
      exclude: set({ tags: fc.constant(["employee"]) }),
    }),
    fc.record({
      type: fc.constant("contacts"),
      contacts: fc.constant(["0612345678", "+31687654321", "nobody"]),
    }),
  ),
  message,
  scheduling: fc.oneof(
    fc.constant({ type: "immediate" }),
    fc.constant({ type: "scheduled", scheduledAt: "2026-12-01T10:00", timezone: "contact" }),
    fc.constant({ type: "recurring", cron: "0 10 * * MON" }),
  ),
  rateLimiting: fc.oneof(
    fc.constant({ enabled: false }),
    fc.constant({ enabled: true, messagesPerHour: 500 }),
  ),
  settings: set({
    ...settings,
    holdout: fc.double({ min: 0, max: 90, noNaN: true }),
    maxLateness: fc.constant("90m"),
  }),
  variants: maybe(
    fc.constant([
      { name: "A", weight: 0.5 },
      { name: "B", weight: 1.5, message: { type: "text", text: "B" } },
    ]),
  ),
});

const drips = fc.record({
  name,
  trigger: fc.oneof(fc.constant("manual"), fc.record({ type: fc.constant("tag_added"), tag: word })),
  settings: set({
    ...settings,
    stopOnReply: fc.boolean(),
    reentry: fc.constantFrom("never", { after_days: 90 }),
  }),
  exitWhen: fc.array(condition, { maxLength: 2 }),
  steps: fc.array(
    fc.record({
      delay: fc.constantFrom("0m", "90m", "3h", "2d", "1w"),
      sendAt: maybe(fc.constant("10:00")),
      when: maybe(condition),
      message,
    }),
    { minLength: 1, maxLength: 4 },
  ),
});
