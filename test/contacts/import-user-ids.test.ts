import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { counts, type Setup, setup, sum } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const HEADER = "mobiel;bsuid;voornaam;tags;opt_out";

describe("a person with a business-scoped user id", () => {
  it("needs no phone", async () => {
    const { importLines, people } = await s.tenant();
    await importLines([HEADER, ";NL.1;Jan;a;"]);
    await importLines([HEADER, ";NL.1;Johan;b;ja"]);
    expect(await people()).toMatchObject([
      { phone: null, bsuid: "NL.1", firstName: "Johan", tags: ["a", "b"], optedOutAt: expect.any(Date) },
    ]);
  });

  it("is one person in a file that names them with a phone, and without", async () => {
    for (const rows of [
      ["0612345671;NL.1;Jan;a;", ";NL.1;Johan;b;ja"],
      [";NL.1;Jan;b;ja", "0612345671;NL.1;Johan;a;"],
    ]) {
      const { importLines, people } = await s.tenant();
      const report = await importLines([HEADER, ...rows]);
      expect(counts(report)).toMatchObject({ created: 1, skipped: 1, rejected: 0 });
      expect(await people()).toMatchObject([
        {
          phone: "+31612345671",
          bsuid: "NL.1",
          firstName: "Johan",
          tags: ["a", "b"],
          optedOutAt: expect.any(Date),
        },
      ]);
    }
  });

  it("who is known is one person, by phone in one row and by user id in another", async () => {
    const { importLines, people } = await s.tenant();
    await importLines([HEADER, "0612345671;NL.1;Jan;a;"]);
    const report = await importLines([HEADER, ";NL.1;;b;ja", "0612345671;;Johan;c;"]);
    expect(counts(report)).toMatchObject({ updated: 1, skipped: 1, created: 0 });
    expect(await people()).toMatchObject([
      { firstName: "Johan", tags: ["a", "b", "c"], optedOutAt: expect.any(Date) },
    ]);
  });

  it("gets the phone that was not known, or the user id", async () => {
    const { importLines, people } = await s.tenant();
    await importLines([HEADER, ";NL.1;Jan;;", "0612345672;;Eva;;"]);
    await importLines([HEADER, "0612345671;NL.1;;a;", "0612345672;NL.2;;a;"]);
    expect(await people()).toMatchObject([
      { phone: "+31612345671", bsuid: "NL.1", firstName: "Jan", tags: ["a"] },
      { phone: "+31612345672", bsuid: "NL.2", firstName: "Eva", tags: ["a"] },
    ]);
  });
});

describe("a phone and a user id that do not belong together", () => {
  it("are rejected where they are two contacts, or the user id has another phone", async () => {
    const { importLines, people } = await s.tenant();
    await importLines([HEADER, "0612345671;;Jan;;", ";NL.2;Eva;;", "0612345673;NL.3;Noor;;"]);
    const before = await people();
    const report = await importLines([
      HEADER,
      "0612345671;NL.2;X;x;",
      "0612345674;NL.3;X;x;",
      "0612345675;NL.5;Bas;;",
    ]);
    expect(counts(report)).toMatchObject({ rows: 3, created: 1, rejected: 2 });
    expect(report.examples.map(({ line, reason }) => [line, reason])).toEqual([
      [2, "the phone belongs to one contact and the user id to another"],
      [3, "the user id belongs to a contact with another phone"],
    ]);
    expect((await people()).filter(({ firstName }) => firstName !== "Bas")).toEqual(before);
  });

  it("are rejected where the file contradicts itself, and no other row of it", async () => {
    const { importLines, people } = await s.tenant();
    const rejects = join(s.folder, "torn.csv");
    const report = await importLines(
      [
        HEADER,
        "06-12345671;NL.1;Jan;;",
        "0612345672;NL.1;Eva;;",
        "0612345673;NL.3;Noor;;",
        "0612345673;NL.4;Noor;;",
        "0612345671;;Johan;;",
      ],
      { rejects },
    );
    expect(counts(report)).toEqual({
      rows: 5,
      created: 1,
      updated: 0,
      unchanged: 0,
      skipped: 0,
      rejected: 4,
    });
    expect(sum(report)).toBe(report.rows);
    expect(await people()).toMatchObject([{ phone: "+31612345671", bsuid: null, firstName: "Johan" }]);
    const why = "the file has this phone or user id with another one too";
    expect(readFileSync(rejects, "utf8")).toBe(
      [
        "line,reason,mobiel,bsuid,voornaam,tags,opt_out",
        `2,${why},06-12345671,NL.1,Jan,,`,
        `3,${why},0612345672,NL.1,Eva,,`,
        `4,${why},0612345673,NL.3,Noor,,`,
        `5,${why},0612345673,NL.4,Noor,,`,
        "",
      ].join("\n"),
    );
  });

  it("leave nothing to import when there is no other row", async () => {
    const { importLines } = await s.tenant();
    await expect(importLines([HEADER, "0612345671;NL.1;;;", "0612345672;NL.1;;;"])).rejects.toMatchObject({
      exitCode: 2,
    });
  });
});
