import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDefinition, readDefinition } from "../../src/definitions/read.ts";
import { dripInput, dripSchema, settingsOf } from "../../src/drips/definition.ts";
import { UserError } from "../../src/errors.ts";
import { packageRoot } from "../../src/root.ts";
import { templateSchema } from "../../src/templates/definition.ts";

const DESIGN = `
kind: drip
name: Nieuwe Lead Opvolging
sender: main
trigger: { type: tag_added, tag: leads }    # manual | contact_created | tag_added | custom_event | api
settings:
  stopOnReply: true
  respectBusinessHours: false
  maxContactsPerDay: 1000
  reentry: never                  # never | after_completion | after_days: 90
exitWhen: [ { tag: customer }, { event: purchased } ]
steps:
  - { delay: { type: minutes, value: 0 }, message: { type: template, template: welkom, language: nl } }
  - { delay: { type: days, value: 2 }, message: { type: template, template: hulp_nodig, language: nl } }
  - { delay: { type: days, value: 5 }, sendAt: "10:00", when: { not: { tag: customer } },
      message: { type: template, template: aanbieding, language: nl } }
`;

const STEP = "steps: [{ delay: 2d, message: { type: text, text: Hoi } }]\n";
const least = `kind: drip\nname: Leads\n${STEP}`;

function faultsOf(text: string): string[] {
  try {
    checkDefinition("f", text, dripSchema);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ exitCode: 2 });
    return (error as UserError).message.split("\n");
  }
}

const withStep = (step: string) => faultsOf(`kind: drip\nname: Leads\nsteps:\n  - { ${step} }\n`);
const withDelay = (delay: string) => withStep(`delay: ${delay}, message: { type: text, text: Hoi }`);
const delayOf = (delay: unknown) =>
  dripInput.parse({ name: "x", steps: [{ delay, message: { type: "text", text: "Hoi" } }] }).steps[0]?.delay;

describe("a drip's definition", () => {
  it("is that of the design", () => {
    const template = (name: string) => ({ type: "template", template: name, language: "nl" });
    expect(checkDefinition("f", DESIGN, dripSchema)).toEqual({
      kind: "drip",
      name: "Nieuwe Lead Opvolging",
      sender: "main",
      trigger: { type: "tag_added", tag: "leads" },
      settings: { stopOnReply: true, respectBusinessHours: false, maxContactsPerDay: 1000, reentry: "never" },
      exitWhen: [{ tag: "customer" }, { event: "purchased" }],
      steps: [
        { delay: { type: "minutes", value: 0 }, message: template("welkom") },
        { delay: { type: "days", value: 2 }, message: template("hulp_nodig") },
        {
          delay: { type: "days", value: 5 },
          sendAt: "10:00",
          when: { not: { tag: "customer" } },
          message: template("aanbieding"),
        },
      ],
    });
  });

  it("needs no more than a name and a step; defaults are not written into it", () => {
    const read = checkDefinition("f", least, dripSchema);
    expect(read).toMatchObject({ trigger: { type: "manual" }, settings: {}, exitWhen: [] });
    expect(settingsOf(read)).toEqual({
      stopOnReply: true,
      respectBusinessHours: false,
      maxContactsPerDay: null,
      reentry: "never",
      transactional: false,
      onUnknown: "retry",
      holdMinutes: 10,
      requireOptIn: false,
      maxAttempts: 3,
      quietHours: null,
    });
    expect(settingsOf({ settings: { stopOnReply: false } })).toMatchObject({ stopOnReply: false });
  });

  it("takes every trigger and setting", () => {
    const settings = `{ stopOnReply: false, respectBusinessHours: true, maxContactsPerDay: 5, reentry: { after_days: 90 },
      transactional: true, onUnknown: hold, holdMinutes: 5, requireOptIn: true, maxAttempts: 2, quietHours: ["22:00", "08:00"] }`;
    for (const trigger of [
      "manual",
      "{ type: contact_created }",
      "tag_added",
      "{ type: custom_event, event: purchased, where: { product: brood, count: 2, gift: true, shop: { country: nl } } }",
      "{ type: api, event: signup }",
    ])
      expect(faultsOf(`${least}trigger: ${trigger}\nsettings: ${settings}\n`)).toEqual([]);
  });

  it("is what the fixtures hold", async () => {
    const fixture = (name: string) => join(packageRoot(), "fixtures", name);
    const { steps } = await readDefinition(fixture("lead.yaml"), dripSchema);
    const names = ["welkom", "hulp-nodig", "aanbieding"];
    const templates = await Promise.all(
      names.map((name) => readDefinition(fixture(`template-${name}.yaml`), templateSchema)),
    );
    expect(steps.map(({ message }) => message)).toMatchObject(
      templates.map(({ name, language }) => ({ template: name, language })),
    );
    expect(templates.map(({ category, status }) => `${category} ${status}`)).toEqual([
      "UTILITY APPROVED",
      "UTILITY APPROVED",
      "MARKETING APPROVED",
    ]);
  });
});

describe("a delay", () => {
  it("may be written short: each form is the object", () => {
    expect(["10m", "3h", "2d", "1w", "0m"].map(delayOf)).toEqual([
      { type: "minutes", value: 10 },
      { type: "hours", value: 3 },
      { type: "days", value: 2 },
      { type: "weeks", value: 1 },
      { type: "minutes", value: 0 },
    ]);
  });

  it("is one that the database takes, whatever a file says", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -10, max: 9_999_999 }),
        fc.constantFrom("m", "h", "d", "w"),
        (n, unit) => {
          const minutes = n * { m: 1, h: 60, d: 1440, w: 10_080 }[unit];
          const isSane = n >= 0 && minutes <= 5_256_000;
          expect(withDelay(`${n}${unit}`).length).toBe(isSane ? 0 : 1);
          const type = { m: "minutes", h: "hours", d: "days", w: "weeks" }[unit];
          expect(withDelay(`{ type: ${type}, value: ${n} }`).length).toBe(isSane ? 0 : 1);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ["2x", "f:4:14: steps.0.delay: write a delay such as 10m, 3h, 2d or 1w"],
    ["5", "f:4:14: steps.0.delay: write a delay such as 10m, 3h, 2d or 1w"],
    ["[2d]", "f:4:14: steps.0.delay: must be a group of fields"],
    ["-2d", "f:4:14: steps.0.delay: write a delay such as 10m, 3h, 2d or 1w"],
    ["9999999w", "f:4:14: steps.0.delay: is longer than ten years"],
    ["{ type: days, value: -1 }", expect.stringMatching(/^f:4:35: steps\.0\.delay\.value: Too small/)],
    ["{ type: days, value: 1.5 }", "f:4:35: steps.0.delay.value: must be a whole number"],
    ["{ type: days, value: .nan }", "f:4:35: .nan is not a number"],
    ["{ type: days, value: 1e400 }", "f:4:35: 1e400 is not a number"],
    [
      "{ type: days, value: 010 }",
      'f:4:35: 010 is text without its quotes, or the number 10: write "010" or 10',
    ],
    [
      "{ type: dayz, value: 2 }",
      "f:4:22: steps.0.delay.type: dayz is none of minutes, hours, days, weeks; did you mean days?",
    ],
    ["{ type: days, value: 2, sendAt: 3 }", "f:4:38: steps.0.delay.sendAt is not a known field"],
  ])("is refused as %s", (delay, fault) => {
    expect(withDelay(delay)).toEqual([fault]);
  });
});

describe("a drip is refused", () => {
  it.each([
    ["no steps", "kind: drip\nname: Leads\n", ["f:1:1: steps is missing"]],
    ["an empty list of steps", "kind: drip\nname: Leads\nsteps: []\n", ["f:3:8: steps: there is no step"]],
    [
      "an unknown field",
      `${least}sttings: {}\n`,
      ["f:4:1: sttings is not a known field; did you mean settings?"],
    ],
    [
      "an unknown trigger",
      `${least}trigger: { type: tag_add }\n`,
      [
        "f:4:18: trigger.type: tag_add is none of manual, contact_created, tag_added, custom_event, api; did you mean tag_added?",
      ],
    ],
    [
      "a trigger that is a word of its own",
      `${least}trigger: sometimes\n`,
      ["f:4:10: trigger: must be a group of fields"],
    ],
    [
      "an event trigger without its event",
      `${least}trigger: { type: api }\n`,
      ["f:4:10: trigger.event is missing"],
    ],
    [
      "a filter on data that asks for nothing",
      `${least}trigger: { type: custom_event, event: e, where: { a: } }\n`,
      ["f:4:54: trigger.where.a: write text, a number, true or false, or a group of those"],
    ],
    [
      "re-entry that is neither",
      `${least}settings: { reentry: sometimes }\n`,
      ["f:4:22: settings.reentry: write never, after_completion or { after_days: 90 }"],
    ],
    ["exits that are no list", `${least}exitWhen: { tag: customer }\n`, ["f:4:11: exitWhen: must be a list"]],
    ["another kind, and nothing else is said", `kind: broadcast\nnam: x\n`, ["f:1:7: kind: must be drip"]],
    ["a field twice", `${least}name: Other\n`, ["f:4:1: name is there twice"]],
    [
      "an alias",
      `kind: drip\nname: &n Leads\nsender: *n\n${STEP}`,
      ["f:3:9: aliases are not allowed here; write the value out"],
    ],
    [
      "a field of every object",
      `${least}__proto__: { polluted: true }\n`,
      ["f:4:1: __proto__ is not a known field"],
    ],
    [
      "a second document",
      `${least}---\nkind: drip\n`,
      ["f:4:1: a second document begins here; one file holds one definition"],
    ],
    [
      "a tag of one's own",
      `kind: drip\nname: !!js/function x\n${STEP}`,
      [expect.stringMatching(/^f:2:7: the tag .* is not allowed here$/)],
    ],
    ["20,000 brackets", `steps: ${"[".repeat(20_000)}`, ["f is nested deeper than 40 levels"]],
  ])("with %s", (_what, text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  it("with all of its faults at once, each at its place", () => {
    expect(
      faultsOf(`kind: drip
name: ""
settings: { stopOnReplay: true, maxContactsPerDay: 0 }
exitWhen: [ { tga: customer } ]
steps:
  - { message: { type: text, text: Hoi } }
  - { delay: 2d, sendAt: 25:00, when: { tag: a, event: b }, message: { type: text } }
`),
    ).toEqual([
      "f:2:7: name: is empty",
      "f:3:13: settings.stopOnReplay is not a known field; did you mean stopOnReply?",
      expect.stringMatching(/^f:3:52: settings\.maxContactsPerDay: Too small/),
      "f:4:15: exitWhen.0.tga is not a known field; did you mean tag?",
      "f:6:5: steps.0.delay is missing",
      "f:7:26: steps.1.sendAt: write a time such as 22:00",
      "f:7:39: steps.1.when: tag and event are conditions of their own: put them into all or any",
      "f:7:70: steps.1.message: give its text",
    ]);
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
});
