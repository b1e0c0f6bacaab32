import { describe, expect, it } from "vitest";
import { readContact, readCsv, reasonFor } from "./csv.ts";

const columnsOf = async (header: string, map: Record<string, string> = {}) =>
  (await readCsv(`${header}\n`, { map })).columns.map((each) =>
    "field" in each ? each.field : "ours" in each ? "ours" : `attribute ${each.attribute}`,
  );

const fault = async (header: string, map: Record<string, string> = {}) => {
  const error = await columnsOf(header, map).catch((thrown: { message: string; exitCode: number }) => thrown);
  return error as { message: string; exitCode: number };
};

describe("the delimiter", () => {
  it.each([
    ["comma", ","],
    ["semicolon", ";"],
    ["tab", "\t"],
    ["pipe", "|"],
  ])("%s is recognised, also where a cell holds other ones", async (_name, delimiter) => {
    const cell = `"a,b;c\td|e"`;
    const { format, good } = await readCsv(
      [`Mobiel${delimiter}Notitie`, `0612345671${delimiter}${cell}`, ""].join("\n"),
    );
    expect(format.delimiter).toBe(delimiter);
    expect(good[0]?.attributes.notitie).toBe("a,b;c\td|e");
  });

  it("is what sep= says, as Excel reads it", async () => {
    const { format, good } = await readCsv("sep=;\r\nmobiel;naam\r\n0612345671;Jan\r\n");
    expect(format.delimiter).toBe(";");
    expect(good).toMatchObject([{ line: 3, firstName: "Jan" }]);
  });

  it("is the one under which the header has known names, though another makes more columns", async () => {
    const { format } = await readCsv("mobiel;naam, voluit, zoals, op, pas\n0612345671;Jan\n");
    expect(format.delimiter).toBe(";");
  });

  it("that is given is used", async () => {
    const { columns } = await readCsv("mobiel;naam,plaats\n", {
      delimiter: ",",
      map: { "mobiel;naam": "phone" },
    });
    expect(columns).toHaveLength(2);
  });
});

describe("columns have Dutch and English names,", () => {
  it.each([
    ["Voornaam;Tussenvoegsel;Achternaam;Mobiel;E-mailadres", "first_name infix last_name phone email"],
    ["First Name,Last-Name,MOBILE NUMBER,E-mail", "first_name last_name phone email"],
    ["Naam;06-nummer;Taal;Tijdzone;Labels;Lijst", "full_name phone language timezone tags list"],
    ["WhatsApp;Toestemming;Bron opt-in;Uitgeschreven", "phone opt_in opt_in_source opt_out"],
    [
      "phone,opt_in,opt_in_source,opt_out,bsuid,tags,list,language,timezone",
      "phone opt_in opt_in_source opt_out bsuid tags list language timezone",
    ],
    ["Téléfoon;VÓÓRNAAM;A c h t e r n a a m", "phone first_name last_name"],
  ])("%s", async (header, fields) => {
    const found = await columnsOf(header).catch(() => []);
    expect([header, found.join(" ")]).toEqual([header, fields]);
  });

  it("and every other column is an attribute by its own name", async () => {
    expect(await columnsOf("mobiel;Klant sinds;laatsteAankoop;Kassa-nr. 2;Ingeschreven op")).toEqual([
      "phone",
      "attribute klant_sinds",
      "attribute laatste_aankoop",
      "attribute kassa_nr_2",
      "attribute ingeschreven_op",
    ]);
  });
});

describe("--map", () => {
  it("says what a column means, whatever the case and signs of its name", async () => {
    expect(await columnsOf("Nr.;Roepnaam 2", { nr: "phone", "roepnaam-2": "Voornaam" })).toEqual([
      "phone",
      "first_name",
    ]);
  });

  it("takes a field away from a column that has its name", async () => {
    expect(await columnsOf("Telefoon;Mobiel", { Mobiel: "phone" })).toEqual(["attribute telefoon", "phone"]);
  });

  it("is refused for columns and fields that do not exist, all at once, with near names", async () => {
    expect(await fault("mobiel;naam", { gsm: "phone", naam: "fist_name" })).toMatchObject({
      exitCode: 2,
      message: `line 1: --map names a column "gsm" that the file does not have
line 1: --map "naam=fist_name": fist_name is no field; did you mean first_name?`,
    });
  });
});

describe("a header is refused", () => {
  it.each([
    ["with duplicate names", "mobiel;plaats;plaats", 'line 1: there are two columns "plaats"; rename one'],
    [
      "with two columns of one meaning",
      "mobiel;telefoon",
      'line 1: the columns "mobiel" and "telefoon" both mean phone; say which: --map "telefoon=phone"',
    ],
    [
      "with two attributes of one name",
      "mobiel;Klant sinds;klant_sinds",
      'line 1: the columns "Klant sinds" and "klant_sinds" both mean the attribute klant_sinds; rename one',
    ],
    ["with __proto__", "mobiel;__proto__", 'line 1: column 2 cannot be called "__proto__"; rename it'],
    ["with constructor", "mobiel;Constructor", 'line 1: column 2 cannot be called "Constructor"; rename it'],
    ["with a column that has no name", "mobiel;;naam", "line 1: column 2 has no name"],
    ["with a name of signs only", "mobiel;***", 'line 1: column 2 cannot be called "***"; rename it'],
    [
      "without a phone or a user id",
      "naam;plaats",
      'line 1: no column holds a phone number (found: naam, plaats); say which: --map "Header=phone"',
    ],
  ])("%s", async (_name, header, message) => {
    expect(await fault(header)).toMatchObject({ exitCode: 2, message });
  });

  it("with all its faults at once, and the line where it stands", async () => {
    expect((await fault("\n\nnaam;;__proto__;naam")).message.split("\n")).toEqual([
      "line 3: column 2 has no name",
      'line 3: column 3 cannot be called "__proto__"; rename it',
      'line 3: there are two columns "naam"; rename one',
      'line 3: no column holds a phone number (found: naam, , __proto__, naam); say which: --map "Header=phone"',
    ]);
  });
});

describe("names of objects in cells are only text", () => {
  it.each(["__proto__", "constructor", "toString", "valueOf", "hasOwnProperty"])("%s", async (word) => {
    const row = { mobiel: "0612345671", voornaam: word, tags: word, list: word, plaats: word };
    const contact = await readContact(row);
    expect(contact).toMatchObject({
      firstName: word,
      tags: [word],
      lists: [word],
      attributes: { plaats: word },
    });
    expect(await reasonFor({ mobiel: "0612345671", taal: word })).toBe(
      `taal "${word}" is not a language code such as nl or en_US`,
    );
    expect(await reasonFor({ mobiel: "0612345671", opt_out: word })).toContain("is neither yes nor no");
    expect(await reasonFor({ mobiel: "0612345671", tijdzone: word })).toContain("is not a time zone");
  });
});
