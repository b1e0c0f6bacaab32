import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesBetween } from "../../src/plans/changes.ts";

const step = (text: string) => ({ message: { text } });
const steps = (...texts: string[]) => ({ steps: texts.map(step) });
const short = (before: object, after: object) =>
  changesBetween(before, after).map(
    ({ path, from, to }) => `${path}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
  );

describe("changes between two definitions", () => {
  it("name each field that is another, new or gone, by where it stands", () => {
    const before = { type: "survey", settings: { holdout: 5, quietHours: ["22:00", "08:00"] }, sender: "a" };
    const after = { type: "survey", settings: { holdout: 9, quietHours: ["21:00", "08:00"] }, message: "x" };
    expect(short(before, after)).toEqual([
      "settings.holdout: 5 → 9",
      'settings.quietHours: ["22:00","08:00"] → ["21:00","08:00"]',
      'message: null → "x"',
      'sender: "a" → null',
    ]);
  });

  it.each<[string, object, object, string[]]>([
    ["one that is added in front", steps("a", "b"), steps("n", "a", "b"), ["steps.1: null → new"]],
    ["one that is removed", steps("a", "b", "c"), steps("a", "c"), ["steps.2: old → null"]],
    ["one that says another thing", steps("a", "b"), steps("a", "x"), ['steps.2.message.text: "b" → "x"']],
    ["all of them gone", steps("a"), steps(), ["steps.1: old → null"]],
    [
      "two that changed places",
      steps("a", "b"),
      steps("b", "a"),
      ["steps.1: old → null", "steps.2: null → new"],
    ],
    [
      "one that came and one that changed, with their new numbers",
      steps("a", "b", "c"),
      steps("n", "a", "x", "c"),
      ["steps.1: null → new", 'steps.3.message.text: "b" → "x"'],
    ],
  ])("know of steps: %s", (_what, before, after, changes) => {
    const said = short(before, after).map((line) =>
      line.replace(/\{.*\} →/, "old →").replace(/→ \{.*\}/, "→ new"),
    );
    expect(said).toEqual(changes);
  });

  it("are none between equals, and otherwise as few steps as the two have apart", () => {
    const word = fc.constantFrom("a", "b", "c");
    const texts = fc.array(word, { maxLength: 8 });
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const changes = changesBetween(steps(...before), steps(...after));
        expect(changesBetween(steps(...after), steps(...after))).toEqual([]);
        expect(changes.length === 0).toBe(before.join() === after.join());
        expect(changes.length).toBeLessThanOrEqual(before.length + after.length);
        expect(goneMore(changes)).toBe(before.length - after.length);
      }),
    );
  });
});

/** How many more steps went than came. */
function goneMore(changes: readonly { path: string; from: unknown; to: unknown }[]): number {
  const whole = changes.filter(({ path }) => /^steps\.\d+$/.test(path));
  return whole.filter(({ to }) => to === null).length - whole.filter(({ from }) => from === null).length;
}
