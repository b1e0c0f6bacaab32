import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bar, sparkline } from "../../src/cli/output/index.ts";

describe("a bar", () => {
  it("is as long as its share, in eighths of a cell", () => {
    expect([0, 0.001, 0.25, 0.53, 1, 2].map((share) => bar(share, 8))).toEqual([
      "",
      "▏",
      "██",
      "████▎",
      "████████",
      "████████",
    ]);
    expect(bar(Number.NaN, 8)).toBe("");
  });

  it("is never longer than its cells, and longer for more", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.integer({ min: 1, max: 60 }), (a, b, cells) => {
        const [less, more] = [bar(Math.min(a, b), cells), bar(Math.max(a, b), cells)];
        expect([...more].length).toBeLessThanOrEqual(cells);
        expect([...less].length).toBeLessThanOrEqual([...more].length);
      }),
    );
  });
});

describe("a sparkline", () => {
  it("has the greatest at full height, something for something, nothing for nothing", () => {
    expect(sparkline([0, 1, 4, 8, 100], 10)).toBe(" ▁▁▁█");
    expect(sparkline([0, 0], 10)).toBe("  ");
    expect(sparkline([], 10)).toBe("");
  });

  it("adds up runs where there are more values than cells", () => {
    expect(sparkline([1, 1, 2, 2, 0, 0, 4], 4)).toBe("▄█ █");
  });

  it("fits its cells, whatever the values", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 400 }),
        fc.integer({ min: 1, max: 80 }),
        (values, cells) => {
          const line = sparkline(values, cells);
          expect([...line].length).toBeLessThanOrEqual(cells);
          expect(line).toMatch(/^[ ▁▂▃▄▅▆▇█]*$/);
        },
      ),
    );
  });
});
