import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { dutchContactsCsv, dutchPerson, FIXTURE } from "../support/dutch-contacts.ts";
import { counts, type Setup, setup, sum } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const dutch = join(packageRoot(), "fixtures", "contacts-dutch.csv");
const HEADER = "mobiel;voornaam;plaats";

describe("the Dutch fixture", () => {
  it("is what its generator makes", () => {
    expect(readFileSync(dutch).equals(dutchContactsCsv())).toBe(true);
  });

  it("gives a thousand people, twenty of them twice, and fifteen rejects", async () => {
    const { importFile, people } = await s.tenant();
    const report = await importFile(dutch, { list: "klanten", tags: ["fixture"] });
    expect(counts(report)).toEqual({
      rows: FIXTURE.people + FIXTURE.duplicates + FIXTURE.bad,
      created: FIXTURE.people,
      updated: 0,
      unchanged: 0,
      skipped: FIXTURE.duplicates,
      rejected: FIXTURE.bad,
    });
    expect(report).toMatchObject({
      duplicates: FIXTURE.duplicates,
      importedBefore: null,
      format: { encoding: "windows-1252", delimiter: ";", lineEnd: "CRLF" },
    });
    const known = new Map((await people()).map((person) => [person.phone, person]));
    expect(known.size).toBe(FIXTURE.people);
    const wanted = Array.from({ length: FIXTURE.people }, (_, n) => dutchPerson(n));
    for (const { phone, infix, lastName, city, email, labels, optedOut } of wanted) {
      const person = known.get(phone);
      expect(person).toMatchObject({
        lastName: [infix, lastName].filter((part) => part !== "").join(" "),
        email: email || null,
        attributes: { woonplaats: city },
        lists: ["klanten"],
      });
      expect(person?.tags).toEqual(expect.arrayContaining([...labels, "fixture"]));
      expect([phone, person?.optedOutAt !== null]).toEqual([phone, optedOut]);
      if (optedOut) expect(person?.optOutSource).toBe("import contacts-dutch.csv");
    }
    expect([...known.values()].filter(({ optedOutAt }) => optedOutAt !== null)).toHaveLength(
      FIXTURE.optedOut,
    );
  });
});

describe("the counts", () => {
  it("add up to the rows, and the import keeps them", async () => {
    const { importLines, people } = await s.tenant();
    await importLines([HEADER, "0612345671;Jan;Ede", "0612345672;Eva;Ede"]);
    const report = await importLines([
      HEADER,
      "06-12345671;Jan;Ede", // unchanged
      "06-12345672;Eva;Epe", // updated
      "06-12345673;Noor;Ede", // created
      "06 12345673;Noor;Ede", // the same once more
      "06;Bas;Ede", // none
    ]);
    expect(counts(report)).toEqual({
      rows: 5,
      created: 1,
      updated: 1,
      unchanged: 1,
      skipped: 1,
      rejected: 1,
    });
    expect(sum(report)).toBe(report.rows);
    expect(await people()).toHaveLength(3);
    const [kept] = await s.query(
      "select rows, created, updated, unchanged, skipped, rejected from contact_imports where id = $1",
      [report.importId],
    );
    expect(kept).toEqual(counts(report));
  });
});

it("every time zone and the longest cells that are read can be kept", async () => {
  const { importLines, people } = await s.tenant();
  const zones = Intl.supportedValuesOf("timeZone");
  const lists = String.fromCodePoint(...Array.from({ length: 200 }, (_, n) => 0x3400 + n * 101));
  const rows = [...zones, ...zones.map((zone) => zone.toLowerCase())].map(
    (zone, n) => `06${12_000_000 + n};${zone};${lists};${"t".repeat(100)};${"x".repeat(10_000)}`,
  );
  const report = await importLines(["mobiel;tijdzone;list;tags;notitie", ...rows]);
  expect(counts(report)).toMatchObject({ created: rows.length, rejected: 0 });
  expect(await people()).toHaveLength(rows.length);
});

describe("the same file again", () => {
  it("is recognised, whatever its name, and nothing is done", async () => {
    const { importFile, people } = await s.tenant();
    const content = `${HEADER}\n0612345671;Jan;Ede\nbad;row;here\n`;
    const first = await importFile(s.write(content));
    const before = await s.everything();
    const again = await importFile(s.write(content));
    expect(again).toMatchObject({ importId: first.importId, rows: 2, skipped: 2, created: 0, rejected: 0 });
    expect(again.importedBefore).toBeInstanceOf(Date);
    expect(sum(again)).toBe(again.rows);
    expect(await s.everything()).toEqual(before);
    expect(await people()).toHaveLength(1);
  });

  it("is imported with --force", async () => {
    const { importFile } = await s.tenant();
    const path = s.write(`${HEADER}\n0612345671;Jan;Ede\n`);
    const first = await importFile(path);
    const again = await importFile(path, { force: true });
    expect(again).toMatchObject({ importedBefore: null, unchanged: 1, created: 0 });
    expect(again.importId).not.toBe(first.importId);
  });

  it("is another import with other options, or in another organization", async () => {
    const { importFile } = await s.tenant();
    const path = s.write("tel;Voornaam\n0612345671;Zoë\n");
    await importFile(path, { encoding: "windows-1252" });
    for (const options of [
      { encoding: "utf-8" } as const,
      { list: "klanten" },
      { tags: ["vip"] },
      { onDuplicate: "skip" } as const,
      { map: { Voornaam: "last_name" } },
    ])
      expect([options, await importFile(path, options)]).toMatchObject([options, { importedBefore: null }]);
    expect(await (await s.tenant()).importFile(path)).toMatchObject({ created: 1, importedBefore: null });
  });
});

describe("a dry run", () => {
  it("reports all and changes nothing", async () => {
    const { importLines, importFile } = await s.tenant();
    await importLines([HEADER, "0612345671;Jan;Ede"]);
    const path = s.write(
      "mobiel;voornaam;opt_out;tags;list\n0612345671;Jan;ja;vip;klanten\n0612345672;Eva;;;\nbad;;;;\n",
    );
    const before = await s.everything();
    const report = await importFile(path, { dryRun: true, list: "allen", tags: ["dry"] });
    expect(report.importId).toBeNull();
    expect(counts(report)).toEqual({
      rows: 3,
      created: 1,
      updated: 1,
      unchanged: 0,
      skipped: 0,
      rejected: 1,
    });
    expect(await s.everything()).toEqual(before);
    expect(counts(await importFile(path))).toEqual(counts(report));
  });
});
