/** A phone as E.164, or why it is none. */
export type PhoneReading = { phone: string } | { reason: string };

/** Reads phones as people write them; made once for a country, since the library behind it is large. */
export type PhoneReader = (raw: string) => PhoneReading;

/** Dutch mobiles, the bulk of the lists here: decided without the library, and tested to agree with it. */
const DUTCH_MOBILE = /^(?:\+31|0031|31|0|)(6[1-58]\d{7})$/;
// Spaces of every kind, zero-width and direction marks, dots, dashes, brackets, slashes: none of them is dialled.
const DECORATION = /[\s\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff().\-\u2010-\u2015/]/g;

/**
 * A reader for numbers of `country` (ISO 3166 alpha-2) when they carry no country code. Takes spaces, dots, dashes,
 * brackets, `tel:`, `(0)`, a leading quote of a spreadsheet, and a Dutch mobile that lost its zero. Validity is
 * libphonenumber's (its "min" metadata: lengths and the pattern of each country's numbers).
 */
export async function phoneReader(country: string): Promise<PhoneReader> {
  const { parsePhoneNumberFromString } = await import("libphonenumber-js");
  const home = country as "NL";
  const isDutch = country === "NL";
  return (raw) => {
    const text = raw.trim().replace(/^'/, "").replace(/^tel:/i, "");
    if (text === "") return { reason: "is empty" };
    if (/^[\d.,]+e[+]?\d+$/i.test(text)) return { reason: "was turned into a number by a spreadsheet (format the column as text)" };
    if (/[a-z]/i.test(text)) return { reason: "has letters in it" };
    const digits = text.replace(/\(0\)/, text.startsWith("+") || text.startsWith("00") ? "" : "0").replace(DECORATION, "");
    const mobile = isDutch ? DUTCH_MOBILE.exec(digits) : null;
    if (mobile !== null) return { phone: `+31${mobile[1]}` };
    if (!/^\+?\d+$/.test(digits)) return { reason: "has characters that no phone number has" };
    const international = digits.startsWith("00") ? `+${digits.slice(2)}` : digits;
    const parsed = parsePhoneNumberFromString(international, home);
    if (parsed?.isValid() === true) return { phone: parsed.number };
    return { reason: digits.replace("+", "").length < 8 ? "is too short" : "is not a valid phone number" };
  };
}

/** One phone. @returns null when it is none */
export async function toE164(raw: string, country: string): Promise<string | null> {
  const reading = (await phoneReader(country))(raw);
  return "phone" in reading ? reading.phone : null;
}
