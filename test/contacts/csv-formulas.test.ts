import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvHeader, csvRows } from "../../src/cli/output/csv.ts";
import type { Column } from "../../src/cli/output/index.ts";
import { readContact, readCsv } from "./csv.ts";

interface Exported {
  phone: string;
  firstName: string;
  notitie: string;
}

const columns: Column<Exported>[] = [{ key: "phone", as: "phone" }, { key: "firstName" }, { key: "notitie" }];

const phone = "+31612345671";
/** Text as a contact holds it: without space around it, and what would run in a spreadsheet more often than not. */
const kept = fc
  .tuple(
    fc.constantFrom("", "=", "+", "-", "@", "'", "''=", "'@", "=cmd|' /C calc'!A0"),
    fc.string({ maxLength: 30 }),
  )
  .map((parts) => parts.join("").replaceAll("\0", "").trim())
  .filter((text) => text !== "");

describe("a formula cell", () => {
  it("is only text to an import, and its guard is taken off", async () => {
    for (const formula of ["=1+1", "+cmd", "-2", "@SUM(A1)", '=HYPERLINK("http://example.com")']) {
      expect((await readContact({ mobiel: phone, notitie: formula })).attributes.notitie).toBe(formula);
      expect((await readContact({ mobiel: phone, notitie: `'${formula}` })).attributes.notitie).toBe(formula);
    }
  });

  it("keeps a quote that guards nothing", async () => {
    const contact = await readContact({ mobiel: phone, voornaam: "'t Hof", plaats: "'s-Hertogenbosch" });
    expect(contact).toMatchObject({ firstName: "'t Hof", attributes: { plaats: "'s-Hertogenbosch" } });
  });

  it("leaves as CSV guarded, and comes back as it was: a round trip loses nothing", async () => {
    await fc.assert(
      fc.asyncProperty(kept, kept, async (firstName, notitie) => {
        const csv = csvHeader(columns) + csvRows([{ phone, firstName, notitie }], columns);
        const [, [, ...cells] = []] = parse(csv) as string[][];
        expect(cells.filter((cell) => /^[=@+-]/.test(cell))).toEqual([]);
        const { good, bad } = await readCsv(csv);
        expect(bad).toEqual([]);
        expect(good[0]).toMatchObject({ phone, firstName, attributes: { notitie } });
      }),
      { numRuns: 200 },
    );
  });
});
