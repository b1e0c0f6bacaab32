// Fictional people as a Dutch Excel exports them: the same ones each time. Written to fixtures/ by
//   node --import tsx test/support/dutch-contacts.ts > fixtures/contacts-dutch.csv
import { pathToFileURL } from "node:url";

export const DUTCH_HEADER =
  "Voornaam;Tussenvoegsel;Achternaam;Mobiel;E-mail;Woonplaats;Klant sinds;Labels;Uitgeschreven";

/** What the fixture holds, for tests and stories. */
export const FIXTURE = { people: 1_000, duplicates: 20, optedOut: 25, bad: 15 } as const;

export interface DutchPerson {
  firstName: string;
  infix: string;
  lastName: string;
  /** E.164, random: no Dutch mobile range is set apart for fiction */
  phone: string;
  email: string;
  city: string;
  /** dd-mm-yyyy */
  since: string;
  labels: string[];
  optedOut: boolean;
}

/** The n-th fictional person; their phone is nobody else's among the first sixty million. */
export function dutchPerson(n: number): DutchPerson {
  const pick = picker(n);
  const firstName = pick(FIRST_NAMES);
  const [infix = "", lastName = ""] = pick(LAST_NAMES);
  const local = ascii(`${firstName}.${infix}${lastName}${n}`).replace(/[^a-z0-9.]/g, "");
  return {
    firstName,
    infix,
    lastName,
    phone: phoneOf(n),
    email: n % 9 === 4 ? "" : `${local}@${pick(["example.com", "example.org", "example.net"])}`,
    city: pick(CITIES),
    since: `${two(1 + pick.below(28))}-${two(1 + pick.below(12))}-${2015 + pick.below(11)}`,
    labels: pick(LABELS),
    optedOut: n % 40 === 7,
  };
}

/** `people` rows of as many people, without header and line ends: for benches, as many as it takes. */
export function* dutchRows(people: number): Generator<string> {
  for (let n = 0; n < people; n++) yield rowOf(dutchPerson(n), n);
}

/** The fixture: every person, some twice in another spelling, and rows that an import has to reject. */
export function dutchContactsCsv(): Buffer {
  const lines = [DUTCH_HEADER];
  for (let n = 0; n < FIXTURE.people; n++) {
    lines.push(rowOf(dutchPerson(n), n));
    if (n % 50 === 20) lines.push(again(dutchPerson(n - 13), n));
    if (n % 65 === 31) lines.push(BAD_ROWS[(n - 31) / 65] as string);
  }
  return windows1252(`${lines.join("\r\n")}\r\n`);
}

function rowOf(person: DutchPerson, n: number): string {
  const { firstName, infix, lastName, email, city, since, labels } = person;
  const optedOut = person.optedOut ? YES[n % YES.length] : NO[n % NO.length];
  const cells = [
    firstName,
    infix,
    lastName,
    spelled(person.phone, n),
    email,
    city,
    since,
    joined(labels, n),
    optedOut,
  ];
  return cells.join(";");
}

/** Someone who is in the list already: other spelling, no address, and no word of having opted out before. */
function again(person: DutchPerson, n: number): string {
  const { firstName, infix, lastName, phone, city } = person;
  return [
    firstName.toUpperCase(),
    infix,
    lastName,
    spelled(phone, n + 5),
    "",
    city,
    "",
    "customers",
    "nee",
  ].join(";");
}

const BAD_ROWS = [
  "Wim;;Visser;020-12345;;Amsterdam;04-05-2019;customers;nee", // a landline, digits missing
  "Ans;;Mulder;06-1234567;ans.mulder@example.com;Utrecht;11-10-2020;leads;",
  "Piet;de;Groot;06-ABCDEFGH;;Zwolle;01-02-2018;customers;",
  "Truus;;Kok;;truus.kok@example.org;Breda;23-08-2022;leads;",
  "Gerard;van;Leeuwen;0612345678;Delft", // a row that was cut off
  "Marijke;;Bos;06 23456781;marijke.bos@example.com;Leiden;09-09-2021;customers;nee;;x", // more cells than the header
  "Koen;;Vos;6,12E+08;koen.vos@example.com;Arnhem;30-11-2023;vip;", // Excel took it for a number
  "Ingrid;;Prins;06 34567812;ingrid.prins@@example;Almere;17-03-2020;customers;",
  "Ruud;;Blom;06 45678123;;Tilburg;28-06-2017;leads;misschien",
  "Els;van;Dam;06-12345678 / 06-87654321;;Haarlem;02-01-2016;customers;",
  'Harrie;;"de Kale" Smit;06 51234567;;Venlo;19-07-2019;customers;', // quotes that are not doubled
  "Fenna;;Schouten;+31 6 1234 5678 90;fenna.schouten@example.net;Assen;25-12-2024;interested;",
  "Bram;;Hendriks;0670123456;;Emmen;06-06-2021;leads;", // a range that nobody has
  "Luc;;Claes;+32 4;luc.claes@example.com;Antwerpen;14-02-2022;customers;",
  "Onbekend;;;n.v.t.;;;;;",
];

const YES = ["ja", "Ja", "x", "1", "12-01-2025"];
const NO = ["", "nee", "", "", "Nee", "0"];

/** A phone as people write it: each of these is common. */
function spelled(phone: string, n: number): string {
  const rest = phone.slice(4);
  const [a, b, c, d] = [rest.slice(0, 2), rest.slice(2, 4), rest.slice(4, 6), rest.slice(6)];
  const spellings = [
    `06${rest}`,
    `06-${rest}`,
    `06 ${rest}`,
    `06 ${a} ${b} ${c} ${d}`,
    `06 ${a}${b} ${c}${d}`,
    `06.${a}.${b}.${c}.${d}`,
    `(06) ${rest}`,
    `06/${rest}`,
    `06\u00a0${rest}`,
    `'06${rest}`,
    phone,
    `+31 6 ${rest}`,
    `+31-6-${rest}`,
    `+31 (0)6 ${rest}`,
    `+31(0)6${rest}`,
    `0031 6 ${rest}`,
    `0031${phone.slice(3)}`,
    `316${rest}`,
    `6${rest}`, // Excel took the zero
  ];
  return spellings[n % spellings.length] as string;
}

function joined(labels: readonly string[], n: number): string {
  return n % 3 === 0 && labels.length > 1 ? `"${labels.join(";")}"` : labels.join(",");
}

const RANGES = ["61", "62", "63", "64", "65", "68"];

/** Spread over all Dutch mobile ranges; the factor shares no divisor with their size, so none comes twice. */
function phoneOf(n: number): string {
  const spread = (n * 36_111_017 + 20_251_128) % 60_000_000;
  return `+31${RANGES[Math.floor(spread / 10_000_000)]}${String(spread % 10_000_000).padStart(7, "0")}`;
}

interface Picker {
  <T>(choices: readonly T[]): T;
  below(limit: number): number;
}

/** mulberry32: small, and the same everywhere. */
function picker(seed: number): Picker {
  let state = (seed + 1) * 0x9e3779b1;
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return Object.assign(<T>(choices: readonly T[]) => choices[below(choices.length)] as T, { below });
}

/** All of it is in the Latin-1 part of Windows-1252. @throws for a character that is not */
function windows1252(text: string): Buffer {
  if (/[^\0-\x7f\xa0-\xff]/.test(text)) throw new RangeError("a character that Latin-1 has not");
  return Buffer.from(text, "latin1");
}

function ascii(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

const FIRST_NAMES =
  "Jan Emma Daan Sanne Lucas Julia Zoë Renée Daniël Loïs André Noëlle Michaël Chloé Anaïs Joël Thijs Femke Bas Lotte Mees Sara Sem Eva Finn Tess Luuk Noor Ruben Fleur Jasper Maud Wouter Ilse Mohamed Fatima Youssef Aïcha Emre Elif Sven Marieke Gijs Anouk Hendrik Willemijn Cornelis Geertje Raphaël Céline Stijn Roos".split(
    " ",
  );

const LAST_NAMES: readonly (readonly [infix: string, name: string])[] = [
  ...without("Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Kuipers Postma"),
  ...without("Hoekstra Daniëls Müller Güven Çelik Maassen-Jägers Coëlho El\u00a0Idrissi Yilmaz Böhm Roël"),
  ["de", "Vries"],
  ["de", "Jong"],
  ["de", "Boer"],
  ["van", "Dijk"],
  ["van", "Loon"],
  ["van den", "Berg"],
  ["van der", "Meer"],
  ["van der", "Linden"],
  ["van 't", "Hof"],
  ["in 't", "Veld"],
  ["ten", "Brink"],
  ["ter", "Horst"],
  ["op den", "Kelder"],
];

function without(names: string): [infix: string, name: string][] {
  return names.split(" ").map((name) => ["", name.replace("\u00a0", " ")]);
}

const CITIES = [
  ...["Amsterdam", "Rotterdam", "Utrecht", "Den Haag", "Eindhoven", "Groningen", "Tilburg", "Almere"],
  ...["Breda", "Nijmegen", "Enschede", "Haarlem", "Arnhem", "Zwolle", "Leiden", "Maastricht"],
  ...["'s-Hertogenbosch", "Zoetermeer", "Súdwest-Fryslân", "Bergen op Zoom", "Hoogeveen", "Curaçao"],
];

const LABELS: readonly string[][] = [
  ...Array.from({ length: 10 }, () => ["customers"]),
  ["customers", "vip"],
  ["vip"],
  ["leads"],
  ["leads"],
  ["leads"],
  ["leads", "interested"],
  ["interested"],
  ["interested"],
  ["customers", "employee"],
  [],
];

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(dutchContactsCsv());
