import { describe, expect, it } from "vitest";
import { readCsv, reasons } from "./csv.ts";

const names = (rows: { firstName: string | null }[]) => rows.map(({ firstName }) => firstName);

describe("an unclosed quote", () => {
  it("costs its own line, not the rows behind it", async () => {
    const { good, bad } = await readCsv(
      'voornaam;mobiel\nJan;0612345671\n"Eva;0612345672\nLuuk;0612345673\nNoor;0612345674\n',
    );
    expect(names(good)).toEqual(["Jan", "Luuk", "Noor"]);
    expect(reasons(bad)).toEqual([[3, "a quote that opens here is never closed"]]);
    expect(bad[0]?.cells).toEqual(['"Eva', "0612345672"]);
  });

  it("that a later quote closes does not take in the rows between", async () => {
    const { good, bad } = await readCsv(
      'voornaam;mobiel;plaats\n"Eva;0612345672;Ede\nLuuk;0612345673;Ede\n"Noor;0612345674;Ede\nBas;0612345675;Ede\n',
    );
    expect(names(good)).toEqual(["Luuk", "Bas"]);
    expect(bad.map(({ line }) => line)).toEqual([2, 4]);
    expect(bad[0]?.reason).toContain("a quote that opens here is not closed");
  });

  it("is found too where the row that swallowed others looks well", async () => {
    const { good, bad } = await readCsv(
      'mobiel;opmerking\n0612345671;"Ede\n0612345672;Ede\n0612345673;Ede"\n0612345674;Ede\n',
    );
    expect(good.map(({ phone }) => phone)).toEqual(["+31612345674"]);
    expect(reasons(bad)).toEqual([
      [2, 'opmerking holds another row ("0612345672;Ede"); is a quote not closed?'],
    ]);
  });

  it("or one inside a bare cell is a bad row", async () => {
    const { good, bad } = await readCsv('mobiel;naam\n0612345671;Harrie "de Kale" Smit\n0612345672;Eva\n');
    expect(good).toHaveLength(1);
    expect(reasons(bad)).toEqual([
      [
        2,
        "a quote stands inside a cell that is not in quotes (put the cell in quotes, and write the quote twice)",
      ],
    ]);
  });
});

describe("ragged rows", () => {
  it("are rejected with both counts and the cells as they were", async () => {
    const { good, bad } = await readCsv("mobiel,naam,plaats\n0612345671,Jan\n0612345672,Eva,Ede\n06,,,\n1\n");
    expect(good).toHaveLength(1);
    expect(reasons(bad)).toEqual([
      [2, "has 2 cells where the header has 3"],
      [4, "has 4 cells where the header has 3"],
      [5, "has 1 cell where the header has 3"],
    ]);
    expect(bad[0]?.cells).toEqual(["0612345671", "Jan"]);
  });

  it("that are empty are no rows", async () => {
    const { good, bad } = await readCsv("\n\nmobiel,naam\n\n0612345671,Jan\n , \n,\n\n0612345672,Eva\n\n");
    expect(bad).toEqual([]);
    expect(good.map(({ line }) => line)).toEqual([5, 9]);
  });
});

describe("line ends", () => {
  it.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("of %s are recognised, at any cut", async (name, end) => {
    const text = ["mobiel;naam", "0612345671;Jan", "0612345672;Eva", "0612;Luuk", ""].join(end);
    for (const pieces of [[Buffer.from(text)], Array.from(text, (character) => Buffer.from(character))]) {
      const { format, good, bad } = await readCsv(pieces);
      expect(format.lineEnd).toBe(name);
      expect(good.map(({ line, firstName }) => [line, firstName])).toEqual([
        [2, "Jan"],
        [3, "Eva"],
      ]);
      expect(bad.map(({ line }) => line)).toEqual([4]);
    }
  });

  it("that are mixed are said to be, and every row counts its own line", async () => {
    const { format, good } = await readCsv(
      "mobiel;naam\r\n0612345671;Jan\n0612345672;Eva\r0612345673;Luuk\n",
    );
    expect(format.lineEnd).toBe("mixed");
    expect(good.map(({ line, phone }) => [line, phone])).toEqual([
      [2, "+31612345671"],
      [3, "+31612345672"],
      [4, "+31612345673"],
    ]);
  });

  it("inside quotes belong to the cell, and later rows keep their line", async () => {
    const { good, bad } = await readCsv(
      'mobiel;notitie\r\n0612345671;"een\r\ntwee\r\ndrie"\r\n0612345672;x\r\n06;y\r\n',
    );
    expect(good.map(({ line, attributes }) => [line, attributes.notitie])).toEqual([
      [2, "een\r\ntwee\r\ndrie"],
      [5, "x"],
    ]);
    expect(bad.map(({ line }) => line)).toEqual([6]);
  });

  it("may miss at the end", async () => {
    expect((await readCsv("mobiel\n0612345671")).good).toHaveLength(1);
  });
});

describe("a 10 MB cell", () => {
  const big = "x".repeat(10 * 1024 * 1024);
  const withCell = (cell: string) => `mobiel;notitie\n0612345671;a\n0612345672;${cell}\n0612345673;c\n`;

  it.each([
    ["bare", big],
    ["in quotes", `"${big}"`],
    ["in quotes that never close", `"${big}`],
  ])("%s costs its row, and shows its beginning only", async (_name, cell) => {
    const { good, bad } = await readCsv(withCell(cell));
    expect(good.map(({ phone }) => phone)).toEqual(["+31612345671", "+31612345673"]);
    expect(reasons(bad)).toEqual([[3, "the row is larger than 1 MB"]]);
    expect(bad[0]?.cells.join("").length).toBeLessThan(1_100);
  });

  it("of many lines in quotes costs its lines, each with its number", async () => {
    const lines = Array.from({ length: 20_000 }, () => "y".repeat(99)).join("\n");
    const { good, bad } = await readCsv(withCell(`"${lines}"`));
    expect(good.map(({ phone }) => phone)).toEqual(["+31612345671", "+31612345673"]);
    expect(bad).toHaveLength(20_000);
    expect([bad[0]?.line, bad.at(-1)?.line]).toEqual([3, 20_002]);
  });

  it("is one of 10,000 characters at most, or its row is rejected", async () => {
    const { good, bad } = await readCsv(withCell("é".repeat(10_000)));
    expect(good).toHaveLength(3);
    expect(bad).toEqual([]);
    expect(reasons((await readCsv(withCell("é".repeat(10_001)))).bad)).toEqual([
      [3, "notitie is longer than 10000 characters"],
    ]);
  });
});

describe("what is no table", () => {
  it.each([
    ["an empty file", "", "the input is empty"],
    ["a file with a BOM only", "\ufeff", "the input is empty: it has no header line"],
    ["a file of blank lines", "\n \n\r\n", "the input is empty: it has no header line"],
    ["a workbook", "PK\u0003\u0004……", "the input is an Excel workbook (or another zip file), not a CSV"],
    ["a PDF", "%PDF-1.7", "the input is a PDF, not a CSV"],
  ])("%s is an error", async (_name, content, message) => {
    await expect(readCsv(content)).rejects.toMatchObject({ exitCode: 2, message });
  });

  it("a file with a header only has no rows", async () => {
    expect(await readCsv("mobiel;voornaam\r\n")).toMatchObject({ good: [], bad: [] });
    expect(await readCsv("mobiel;voornaam")).toMatchObject({ good: [], bad: [] });
  });

  it("a country that has no phones is an error", async () => {
    await expect(readCsv("mobiel\n0612345671\n", { country: "XX" })).rejects.toMatchObject({ exitCode: 2 });
  });
});
