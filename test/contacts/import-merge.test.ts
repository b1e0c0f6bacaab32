import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeContacts, type TestOrganization } from "../support/factories.ts";
import { counts, type Known, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const PAST = new Date("2025-01-05T12:00:00Z");

/** the phone of a contact who is known already */
async function contact(organization: TestOrganization, given: { optedInAt?: Date; optedOutAt?: Date }) {
  const [made] = await makeContacts(s.database, organization, 1, given);
  return made?.phone;
}

describe("of several rows of one person", () => {
  it("the last word wins, and a blank keeps the earlier one", async () => {
    const { importLines, people } = await s.tenant();
    const report = await importLines([
      "mobiel;voornaam;achternaam;email;plaats;kleur;tags;list",
      "0612345671;Jan;Smit;jan@example.com;Ede;rood;a;een",
      "+31 6 12345671;Johan;;;Epe;;b;twee",
      "'06 12345671;;;nieuw@example.com;;blauw;a;",
    ]);
    expect(counts(report)).toEqual({
      rows: 3,
      created: 1,
      updated: 0,
      unchanged: 0,
      skipped: 2,
      rejected: 0,
    });
    expect(report.duplicates).toBe(2);
    expect(await people()).toMatchObject([
      {
        phone: "+31612345671",
        firstName: "Johan",
        lastName: "Smit",
        email: "nieuw@example.com",
        attributes: { plaats: "Epe", kleur: "blauw" },
        tags: ["a", "b"],
        lists: ["een", "twee"],
      },
    ]);
  });

  it.each([
    ["first", ["ja", "nee", ""]],
    ["middle", ["", "ja", "nee"]],
    ["last", ["", "nee", "ja"]],
  ])("an opt-out in the %s sticks", async (_name, words) => {
    const { importLines, people } = await s.tenant();
    await importLines(["mobiel;opt_in;opt_out", ...words.map((word) => `0612345671;ja;${word}`)]);
    expect(await people()).toMatchObject([{ optedOutAt: expect.any(Date), optedInAt: expect.any(Date) }]);
  });
});

describe("a date in a column of consent", () => {
  const header = "mobiel;opt_in;opt_out;geblokkeerd";

  it("is since when, for someone new: the earliest, and never one to come", async () => {
    const { importLines, person } = await s.tenant();
    await importLines([
      header,
      "0612345671;2021-03-04T10:00:00Z;2022-01-01T00:00:00+01:00;2023-01-01",
      "0612345671;ja;;ja",
      "0612345672;2099-01-01;01-02-2020;",
    ]);
    expect(await person("+31612345671")).toMatchObject({
      optedInAt: new Date("2021-03-04T10:00:00Z"),
      optedOutAt: new Date("2021-12-31T23:00:00Z"),
      blockedAt: new Date("2023-01-01T12:00:00Z"),
    });
    const { optedInAt, optedOutAt, createdAt } = (await person("+31612345672")) as Known;
    expect([optedInAt, optedOutAt]).toEqual([createdAt, createdAt]);
  });

  it("is since when someone who is known agreed; their no holds from now on, since messages went out until now", async () => {
    const { importLines, person } = await s.tenant();
    await importLines(["mobiel", "0612345671"]);
    await importLines([header, "0612345671;2021-03-04;2022-01-01;"]);
    const { optedInAt, optedOutAt, updatedAt } = (await person("+31612345671")) as Known;
    expect([optedInAt, optedOutAt]).toEqual([new Date("2021-03-04T12:00:00Z"), updatedAt]);
  });
});

describe("a contact that is known", () => {
  it("gets what the file says, and keeps what it leaves blank or does not name", async () => {
    const { importLines, people } = await s.tenant();
    await importLines([
      "mobiel;voornaam;email;plaats;kleur;tags",
      "0612345671;Jan;jan@example.com;Ede;rood;a",
    ]);
    await importLines(["mobiel;voornaam;achternaam;plaats;merk;tags", "0612345671;;Smit;Epe;X;b"]);
    expect(await people()).toMatchObject([
      {
        firstName: "Jan",
        lastName: "Smit",
        email: "jan@example.com",
        attributes: { plaats: "Epe", kleur: "rood", merk: "X" },
        tags: ["a", "b"],
      },
    ]);
  });

  it("is opted out by the file, with the file as evidence", async () => {
    const { importFile, person, importLines } = await s.tenant();
    await importLines(["mobiel", "0612345671"]);
    await importFile(s.write("mobiel;uitgeschreven\n0612345671;ja\n", "afmeldingen.csv"));
    expect(await person("+31612345671")).toMatchObject({
      optedOutAt: expect.any(Date),
      optOutSource: "import afmeldingen.csv",
    });
  });

  it("stays opted out, since when and why it was, whatever the file says", async () => {
    const { importLines, organization, people } = await s.tenant();
    const phone = await contact(organization, { optedOutAt: PAST });
    for (const [optIn, optOut] of [
      ["ja", "nee"],
      ["ja", ""],
      ["", "ja"],
    ] as const)
      await importLines(["mobiel;opt_in;opt_in_source;opt_out", `${phone};${optIn};beurs;${optOut}`], {
        onDuplicate: "update",
      });
    expect(await people()).toMatchObject([{ optedOutAt: PAST, optInSource: "beurs" }]);
  });

  it("keeps since when and why it opted in", async () => {
    const { importLines, organization, people } = await s.tenant();
    const phone = await contact(organization, { optedInAt: PAST });
    const report = await importLines(["mobiel;opt_in", `${phone};ja`]);
    expect(report.unchanged).toBe(1);
    expect((await people())[0]?.optedInAt).toEqual(PAST);
  });
});

describe("--on-duplicate", () => {
  const known = async () => {
    const tenant = await s.tenant();
    await tenant.importLines(["mobiel;voornaam;tags", "0612345671;Jan;a", "0612345672;Eva;a"]);
    return tenant;
  };
  const file = [
    "mobiel;voornaam;tags;list;opt_in;opt_out",
    "0612345671;Piet;b;nieuw;ja;",
    "0612345672;Evi;b;nieuw;;",
    "0612345672;Evi;b;nieuw;;ja",
    "0612345673;Noor;b;nieuw;;",
  ];

  it("skip leaves people alone who are contacts already, but for an opt-out", async () => {
    const { importLines, people } = await known();
    const report = await importLines(file, { onDuplicate: "skip", tags: ["allen"], list: "allen" });
    expect(counts(report)).toEqual({
      rows: 4,
      created: 1,
      updated: 1,
      unchanged: 0,
      skipped: 2,
      rejected: 0,
    });
    expect(await people()).toMatchObject([
      { firstName: "Jan", tags: ["a"], lists: [], optedInAt: null, optedOutAt: null },
      { firstName: "Eva", tags: ["a"], lists: [], optedOutAt: expect.any(Date) },
      { firstName: "Noor", tags: ["allen", "b"], lists: ["allen", "nieuw"], optedOutAt: null },
    ]);
  });

  it("skip makes no list that nobody joins", async () => {
    const { importLines, organization } = await known();
    await importLines(file.slice(0, 3), { onDuplicate: "skip", list: "allen" });
    expect(
      await s.query("select name from contact_lists where organization_id = $1", [organization.id]),
    ).toEqual([{ name: "allen" }]);
  });

  it("fail refuses the file and changes nothing", async () => {
    const { importLines } = await known();
    const before = await s.everything();
    await expect(importLines(file, { onDuplicate: "fail" })).rejects.toMatchObject({
      exitCode: 1,
      message: "2 people of the file are contacts already (the first at line 2)",
    });
    expect(await s.everything()).toEqual(before);
  });

  it("fail lets new people in, also one who is in the file twice", async () => {
    const { importLines } = await known();
    const report = await importLines(["mobiel", "0612345674", "06-12345674"], { onDuplicate: "fail" });
    expect(counts(report)).toMatchObject({ created: 1, skipped: 1 });
  });
});
