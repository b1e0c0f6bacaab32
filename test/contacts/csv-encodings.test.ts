import { describe, expect, it } from "vitest";
import { readCsv, reasons } from "./csv.ts";

const TEXT = "voornaam;mobiel;plaats\nZoë;0612345678;Súdwest-Fryslân\nNoëlle;0687654321;Curaçao\n";
const PEOPLE = [
  { firstName: "Zoë", phone: "+31612345678", attributes: { plaats: "Súdwest-Fryslân" } },
  { firstName: "Noëlle", phone: "+31687654321", attributes: { plaats: "Curaçao" } },
];

const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();

describe("the encoding is recognised:", () => {
  const files: [name: string, bytes: Buffer, encoding: string][] = [
    ["UTF-8", Buffer.from(TEXT), "utf-8"],
    ["UTF-8 with a BOM", Buffer.from(`\ufeff${TEXT}`), "utf-8"],
    ["UTF-16 LE with a BOM", Buffer.from(`\ufeff${TEXT}`, "utf16le"), "utf-16le"],
    ["UTF-16 LE without a BOM", Buffer.from(TEXT, "utf16le"), "utf-16le"],
    ["UTF-16 BE with a BOM", utf16be(`\ufeff${TEXT}`), "utf-16be"],
    ["UTF-16 BE without a BOM", utf16be(TEXT), "utf-16be"],
    ["Windows-1252", Buffer.from(TEXT, "latin1"), "windows-1252"],
  ];

  it.each(files)("%s", async (_name, bytes, encoding) => {
    const { format, good, bad, header } = await readCsv(bytes);
    expect(bad).toEqual([]);
    expect(good).toMatchObject(PEOPLE);
    expect(header).toEqual(["voornaam", "mobiel", "plaats"]);
    expect(format).toMatchObject({ encoding, bytes: bytes.length, delimiter: ";", lineEnd: "LF" });
  });

  it.each(files)("%s, wherever the bytes are cut", async (_name, bytes) => {
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect((await readCsv(pieces)).good).toMatchObject(PEOPLE);
  });

  it("the signs that only Windows-1252 has", async () => {
    const file = Buffer.concat([
      Buffer.from("naam;mobiel\n"),
      Buffer.from([0x43, 0xe9, 0x20, 0x80, 0x91, 0x92]),
      Buffer.from(";0612345678\n"),
    ]);
    expect((await readCsv(file)).good).toMatchObject([{ firstName: "Cé", lastName: "€‘’" }]);
  });
});

describe("an encoding that is given", () => {
  it("is used instead of the detected one", async () => {
    const { good, format } = await readCsv(TEXT, { encoding: "windows-1252" });
    expect(format.encoding).toBe("windows-1252");
    expect(good[0]?.firstName).toBe("ZoÃ«");
  });

  it("is refused where the file cannot be that", async () => {
    const odd = Buffer.concat([Buffer.from("\ufeffmobiel\n0612345678\n", "utf16le"), Buffer.from([0x41])]);
    await expect(readCsv(odd)).rejects.toMatchObject({
      exitCode: 2,
      message: "the input is not valid utf-16le",
    });
    await expect(readCsv(Buffer.from("\ud800\n", "utf16le"), { encoding: "utf-16le" })).rejects.toMatchObject(
      { exitCode: 2 },
    );
  });
});

describe("invalid UTF-8", () => {
  const broken = Buffer.concat([
    Buffer.from("voornaam;mobiel\nZoë;0612345671\n"),
    Buffer.from("No\xeblle;0612345672\n", "latin1"),
    Buffer.from("Joël;0612345673\nSem;0612345674\n"),
  ]);

  it("costs the rows that have it, with line and reason, where most accents are UTF-8", async () => {
    const { good, bad, format } = await readCsv(broken);
    expect(format.encoding).toBe("utf-8");
    expect(good.map(({ line, firstName }) => [line, firstName])).toEqual([
      [2, "Zoë"],
      [4, "Joël"],
      [5, "Sem"],
    ]);
    expect(reasons(bad)).toEqual([[3, "is not valid UTF-8"]]);
  });

  it("in the header is an error, since no column can be told", async () => {
    const bytes = Buffer.concat([
      Buffer.from("pr\xe9nom;mobiel\n", "latin1"),
      Buffer.from("Zoë;0612345671\n"),
    ]);
    await expect(readCsv(bytes, { encoding: "utf-8" })).rejects.toMatchObject({
      exitCode: 2,
      message: "the input, line 1 (the header): is not valid UTF-8",
    });
  });
});

describe("a NUL", () => {
  it("costs the row that has it, with line and reason", async () => {
    const { good, bad } = await readCsv(
      "voornaam,mobiel\nJa\0n,0612345671\nEva,0612345672\nLuuk,06123\x0045673\n",
    );
    expect(good.map(({ firstName }) => firstName)).toEqual(["Eva"]);
    expect(reasons(bad)).toEqual([
      [2, "voornaam holds a NUL character"],
      [4, "mobiel holds a NUL character"],
    ]);
  });

  it("in a header is an error", async () => {
    await expect(readCsv("mobiel,voor\0naam\n0612345671,Jan\n")).rejects.toMatchObject({
      exitCode: 2,
      message: 'line 1: column 2 cannot be called "voor\\u0000naam"; rename it',
    });
  });
});
