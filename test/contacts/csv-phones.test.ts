import fc from "fast-check";
import parsePhoneNumber from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import { phoneReader, toE164 } from "../../src/contacts/phone.ts";

/** Any Dutch mobile number: the nine digits behind +31, of the ranges that are given out. */
const dutchMobile = fc
  .tuple(fc.constantFrom("61", "62", "63", "64", "65", "68"), fc.nat(9_999_999))
  .map(([range, n]) => `${range}${String(n).padStart(7, "0")}`);

const separator = fc.constantFrom("", " ", "-", ".", "/", "\u00a0", "  ", " - ", "\u2011", "\u200b");
const sign = fc.constantFrom("", " ", "'", "\u202d", "tel:", "TEL:");

/** The digits behind 06 in twos, ones, threes …, with anything between. */
const grouped = (digits: string) =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 4 }), separator), { minLength: 9, maxLength: 9 })
    .map((groups) => {
      let rest = digits;
      let text = "";
      for (const [size, between] of groups) {
        text += rest === "" ? "" : between + rest.slice(0, size);
        rest = rest.slice(size);
      }
      return text;
    });

const spelling = dutchMobile.chain((national) =>
  fc.record({
    national: fc.constant(national),
    before: sign,
    prefix: fc.constantFrom(
      "06",
      "(06)",
      "+316",
      "+31 6",
      "+31(0)6",
      "+31 (0) 6",
      "00316",
      "0031 (0)6",
      "316",
      "6",
    ),
    rest: grouped(national.slice(1)),
    after: fc.constantFrom("", " ", "\u202c"),
  }),
);

describe("a Dutch mobile number", () => {
  it("is the same number in any spelling", async () => {
    const read = await phoneReader("NL");
    fc.assert(
      fc.property(spelling, ({ national, before, prefix, rest, after }) => {
        expect(read(before + prefix + rest + after)).toEqual({ phone: `+31${national}` });
      }),
      { numRuns: 2_000 },
    );
  });

  it("is what libphonenumber says it is, in every range from 060 to 069", async () => {
    const read = await phoneReader("NL");
    fc.assert(
      fc.property(fc.integer({ min: 600_000_000, max: 699_999_999 }), (number) => {
        const reading = read(`0${number}`);
        const valid = parsePhoneNumber(`0${number}`, "NL")?.isValid() === true;
        expect("phone" in reading ? reading.phone : null).toBe(valid ? `+31${number}` : null);
      }),
      { numRuns: 1_000 },
    );
  });

  it("needs its country code in another country's file", async () => {
    const read = await phoneReader("BE");
    fc.assert(
      fc.property(dutchMobile, fc.constantFrom("+31 ", "0031", "+31 (0)"), (national, prefix) => {
        expect(read(prefix + national)).toEqual({ phone: `+31${national}` });
        const bare = read(`0${national}`);
        expect("phone" in bare && bare.phone.startsWith("+31")).toBe(false);
      }),
    );
  });
});

describe("a phone", () => {
  it("that was read is read again as itself, whatever it was", async () => {
    const read = await phoneReader("NL");
    const digits = fc.stringMatching(/^(\+|00|0|)[1-9]\d{5,19}$/);
    fc.assert(
      fc.property(digits, (text) => {
        const reading = read(text);
        expect("phone" in reading ? reading.phone : "+1234567").toMatch(/^\+[1-9]\d{6,14}$/);
        if ("phone" in reading) expect(read(reading.phone)).toEqual(reading);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is never made of any other text, and reading it never fails", async () => {
    const read = await phoneReader("NL");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        const reading = read(text);
        expect("phone" in reading || reading.reason.length > 0).toBe(true);
      }),
    );
  });

  it.each([
    ["020 624 11 11", "NL", "+31206241111"],
    ["+32 470 12 34 56", "NL", "+32470123456"],
    ["0470/12.34.56", "BE", "+32470123456"],
    ['="0612345678"', "NL", "+31612345678"],
    ["612345678.0", "NL", "+31612345678"],
    ["31612345678,0", "NL", "+31612345678"],
    ["\u200e+31 6 12345678\u200f", "NL", "+31612345678"],
  ])("%s of %s is %s", async (raw, country, phone) => {
    expect(await toE164(raw, country)).toBe(phone);
  });

  it.each([
    ["", "is empty"],
    ["06-1234567", "has 9 digits; a Dutch number has 10"],
    ["06 1234 5678 9", "has 11 digits; a Dutch number has 10"],
    ["0670123456", "is not a valid phone number in NL"],
    ["+31 6 70123456", "is not a valid phone number"],
    ["06-12345678 / 06-87654321", "is too long (is it more than one number?)"],
    [
      "6,12E+08",
      "was turned into a rounded number by a spreadsheet; format the column as text and export it again",
    ],
    ["0612345678 (Jan)", "has letters in it"],
    ["06#12345678", "has characters that no phone number has"],
    ["12345", "is too short"],
    ["+81 0066 1234567890123", "is too long (is it more than one number?)"],
    ["+81 0066 1234567890", "is not a valid phone number"],
  ])("%s is none: it %s", async (raw, reason) => {
    expect((await phoneReader("NL"))(raw)).toEqual({ reason });
  });
});
