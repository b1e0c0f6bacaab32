import { describe, expect, it } from "vitest";
import { readContact, readCsv, reasonFor, reasons } from "./csv.ts";

const mobiel = "0612345671";

describe("reserved columns", () => {
  it("make one contact", async () => {
    const contact = await readContact({
      phone: mobiel,
      bsuid: "NL.13491208655302741918",
      first_name: "Jan",
      last_name: "de Vries",
      email: "jan@example.com",
      language: "nl-NL",
      timezone: "Europe/Amsterdam",
      tags: "leads; vip;leads",
      list: "klanten",
      opt_in: "ja",
      opt_in_source: "beurs",
      opt_out: "nee",
      Plaats: "Ede",
    });
    const { cells, ...rest } = contact;
    expect(rest).toEqual({
      line: 2,
      phone: "+31612345671",
      bsuid: "NL.13491208655302741918",
      firstName: "Jan",
      lastName: "de Vries",
      email: "jan@example.com",
      language: "nl_NL",
      timezone: "Europe/Amsterdam",
      tags: ["leads", "vip"],
      lists: ["klanten"],
      optIn: true,
      optInAt: null,
      optInSource: "beurs",
      optOut: false,
      optOutAt: null,
      optOutSource: null,
      blocked: false,
      blockedAt: null,
      attributes: { plaats: "Ede" },
    });
    expect(cells).toHaveLength(13);
  });

  it("that are blank say nothing", async () => {
    const header = ["voornaam", "email", "taal", "tijdzone", "tags", "list", "opt_in", "opt_out", "plaats"];
    const blank = Object.fromEntries(header.map((name) => [name, "  "]));
    expect(await readContact({ mobiel, ...blank })).toMatchObject({
      firstName: null,
      email: null,
      language: null,
      timezone: null,
      tags: [],
      lists: [],
      optIn: false,
      optOut: false,
      attributes: {},
    });
  });

  it.each([
    ["ja J yes Y true WAAR 1 x V ✓ 2024-05-01 01-05-2024 1/5/24 2024-05-01T10:00:00Z", true],
    ["nee N no false onwaar 0 - 0000-00-00", false],
  ])("opt_in and opt_out read %s as %s", async (words, expected) => {
    for (const word of words.split(" "))
      expect([word, await readContact({ mobiel, opt_in: word, opt_out: word })]).toMatchObject([
        word,
        { optIn: expected, optOut: expected },
      ]);
  });

  it.each([
    ["2024-05-01", "2024-05-01 12:00Z"],
    ["2024-05-01T10:00:00.123Z", "2024-05-01T10:00:00.123Z"],
    ["2024-05-01 10:00:00.123456+02", "2024-05-01 10:00:00.123456+02"],
    ["2024-05-01T10:00", null],
    ["01-05-2024", null],
    ["2024-02-30", null],
    ["2024-05-01T25:00Z", null],
    ["2024-05-01T10:00+25:00", null],
    ["ja", null],
  ])("opt_in %s was said at %s: what can be read in one way only", async (word, at) => {
    expect(await readContact({ mobiel, opt_in: word, opt_out: word, blocked: word })).toMatchObject({
      optIn: true,
      optInAt: at,
      optOutAt: at,
      blockedAt: at,
    });
  });

  it("opt_out never guesses: what is neither yes nor no is rejected", async () => {
    for (const word of ["misschien", "2", "onbekend", "31-31-2024", "n.v.t."])
      expect(await reasonFor({ mobiel, uitgeschreven: word })).toBe(
        `uitgeschreven "${word}" is neither yes nor no (ja/nee, yes/no, 1/0 or a date)`,
      );
  });

  it("attributes hold numbers that stay what they are, and digits in text", async () => {
    const kept =
      '{"a": "12345678901234567890", "b \\"1234567890123456789": 1, "c": 9007199254740991, "d": 12345678901234567000, "e": 0.12345678901234567, "f": 12345678901234567e3}';
    expect((await readContact({ mobiel, attributes: kept })).attributes).toEqual(JSON.parse(kept));
  });

  it("tags are cut at ; , and |", async () => {
    expect((await readContact({ mobiel, tags: "a;b,c|d; ;" })).tags).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a bad cell rejects its row with the reason:", () => {
  it.each([
    [{ mobiel: "", voornaam: "Jan" }, "mobiel is empty"],
    [{ mobiel: "", bsuid: "", voornaam: "Jan" }, "mobiel and bsuid are both empty"],
    [{ mobiel, email: "jan@@example" }, 'email "jan@@example" is not an e-mail address'],
    [{ mobiel, taal: "Klingon" }, 'taal "Klingon" is not a language code such as nl or en_US'],
    [{ mobiel, tijdzone: "Mars/Base" }, 'tijdzone "Mars/Base" is not a time zone such as Europe/Amsterdam'],
    [{ mobiel, bsuid: "1234" }, 'bsuid "1234" is not a business-scoped user id (NL.…)'],
    [{ mobiel, tags: "x".repeat(101) }, `tags "${"x".repeat(60)}…" holds a tag of more than 100 characters`],
    [{ mobiel, list: "y".repeat(201) }, `list "${"y".repeat(60)}…" is longer than 200 characters`],
    [
      { mobiel, attributes: '{"klant": -12345678901234567890}' },
      'attributes "{"klant": -12345678901234567890}" is not a JSON object such as {"city": "Ede"}, or holds a whole number that is too long (write it in quotes)',
    ],
  ])("%o", async (cells, reason) => {
    expect(await reasonFor(cells)).toBe(reason);
  });

  it.each(["CAT", "ist", "PST", "+02:00", "GMT+1", "Amsterdam"])("the zone %s", async (tijdzone) => {
    expect(await reasonFor({ mobiel, tijdzone })).toBe(
      `tijdzone "${tijdzone}" is not a time zone such as Europe/Amsterdam`,
    );
  });

  it("all reasons at once, each row at its line", async () => {
    const { good, bad } = await readCsv(
      "mobiel;email;opt_out\n06-1;jan@;wie weet\n0612345671;jan@example.com;nee\n;;\n06ABC;;\n",
    );
    expect(good).toHaveLength(1);
    expect(reasons(bad)).toEqual([
      [
        2,
        'mobiel "06-1" is too short; email "jan@" is not an e-mail address; opt_out "wie weet" is neither yes nor no (ja/nee, yes/no, 1/0 or a date)',
      ],
      [5, 'mobiel "06ABC" has letters in it'],
    ]);
  });
});

describe("names", () => {
  it.each([
    [{ voornaam: "Jan", tussenvoegsel: "de", achternaam: "Vries" }, "Jan", "de Vries"],
    [{ naam: "Jan de Vries" }, "Jan", "de Vries"],
    [{ naam: "Vries, Jan de" }, "Jan", "de Vries"],
    [{ naam: "Vries, Jan van der" }, "Jan", "van der Vries"],
    [{ voornaam: "Jan", naam: "Jan de Vries" }, "Jan", "de Vries"],
    [{ voornaam: "Jan", naam: "De Smet" }, "Jan", "De Smet"],
    [{ voornaam: "Jan", achternaam: "Smit", naam: "J. Smit" }, "Jan", "Smit"],
    [{ naam: "Cher" }, "Cher", null],
  ])("%o", async (cells, firstName, lastName) => {
    expect(await readContact({ mobiel, ...cells })).toMatchObject({ firstName, lastName });
  });
});
