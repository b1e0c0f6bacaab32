import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvCell, csvHeader, csvRows } from "../../src/cli/output/csv.ts";

describe("a cell of CSV", () => {
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''@x"])("guards %j", (text) => {
    expect(csvCell(text, undefined)).toBe(`'${text}`);
  });

  it("leaves real numbers, validated phones and other text alone", () => {
    expect(csvCell(-5, undefined)).toBe(-5);
    expect(csvCell("+31612345678", "phone")).toBe("+31612345678");
    expect(csvCell("'t Hoen", undefined)).toBe("'t Hoen");
    expect(csvCell("a=b", undefined)).toBe("a=b");
  });

  it("guards what only looks like a phone, and phones where the column promises none", () => {
    expect(csvCell("+31612345678|calc", "phone")).toBe("'+31612345678|calc");
    expect(csvCell("+31612345678", undefined)).toBe("'+31612345678");
  });

  it.each([
    [null, null],
    [undefined, null],
    [Number.NaN, null],
    [Number.NEGATIVE_INFINITY, null],
    [false, false],
    [new Date("2026-11-27T09:00:00Z"), "2026-11-27T09:00:00.000Z"],
    [new Date(Number.NaN), ""],
    [["leads", "vip"], "leads;vip"],
    [["=a", null], "'=a;"],
    [{ plan: "pro" }, '{"plan":"pro"}'],
    [[{ line: 1 }], '[{"line":1}]'],
  ])("writes %j as %j", (value, cell) => {
    expect(csvCell(value, undefined)).toBe(cell);
  });
});

describe("lines of CSV", () => {
  it("end in LF and quote what RFC 4180 wants quoted, a lone CR too", () => {
    const row = { a: 'say "hi"', b: "x,y", c: "one\ntwo", d: "one\rtwo", e: true };
    const columns = [{ key: "a" }, { key: "b" }, { key: "c" }, { key: "d" }, { key: "e" }] as const;
    expect(csvHeader(columns) + csvRows([row], columns)).toBe(
      'a,b,c,d,e\n"say ""hi""","x,y","one\ntwo","one\rtwo",true\n',
    );
  });

  it("lose nothing on the way out and in again", () => {
    const texts = fc.array(
      fc.string({
        unit: fc.constantFrom("a", "=", "+", "-", "@", "\t", "\r", "\n", "'", '"', ",", ";", "é"),
      }),
      { minLength: 2, maxLength: 2 },
    );
    fc.assert(
      fc.property(texts, ([one = "", two = ""]) => {
        const csv = csvRows([{ one, two }], [{ key: "one" }, { key: "two" }]);
        const [cells = []] = parse(csv, { record_delimiter: "\n" }) as string[][];
        expect(cells.map(unguarded)).toEqual([one, two]);
        for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });
});

/** As a reader of the guard takes it off: one quote from quotes that stand before a sign. */
function unguarded(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}
