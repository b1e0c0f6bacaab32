/** A phone as E.164, or why it is none: the end of a sentence that begins with the number ("is too short"). */
export type PhoneReading = { phone: string } | { reason: string };

/** Reads phones as people write them; made once for a country, since the library behind it is large. */
export type PhoneReader = (raw: string) => PhoneReading;

// Dutch mobiles, the bulk of the lists here, are decided without the library (and tested to agree with it):
// 06…, 6… (a spreadsheet took the zero), 316…, and from anywhere +316…, 00316…, with or without the (0).
const DUTCH_MOBILE_AT_HOME = /^(?:(?:\+|00)?31)?0?(6[1-58]\d{7})$/;
const DUTCH_MOBILE_ABROAD = /^(?:\+|00)310?(6[1-58]\d{7})$/;
/** Dutch numbers by area or mobile; 0800, 085, 0900 and their like have other lengths. */
const DUTCH_NATIONAL = /^0[1-7]\d*$/;
// Spaces of every kind, zero-width and direction marks, dots, dashes, brackets, slashes: none of them is dialled.
const DECORATION =
  /[\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff()[\].\-\u2010-\u2015\u2212/]/g;
const LONGEST = 200;
/** As the schema has it: some numbers that are free to call at home (Japan's 0066…) are longer, and nobody's. */
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * A reader for numbers of `country` (ISO 3166 alpha-2) when they carry no country code. Takes spaces, dots, dashes,
 * brackets, slashes, `tel:`, `(0)`, a spreadsheet's leading quote or `="…"`, `.0` of a number column, and a Dutch number
 * that lost its zero. Fixed lines count: WhatsApp Business uses them. Validity is libphonenumber's by its "max"
 * metadata: "min" knows only a country's widest pattern, so it takes 067…, which nobody has, and is no faster.
 */
export async function phoneReader(country: string): Promise<PhoneReader> {
  const { parsePhoneNumberFromString } = await import("libphonenumber-js/max");
  const dutchMobile = country === "NL" ? DUTCH_MOBILE_AT_HOME : DUTCH_MOBILE_ABROAD;
  return (raw) => {
    const text = unwrapped(raw);
    const digits = text.replace(DECORATION, "");
    const mobile = dutchMobile.exec(digits)?.[1];
    if (mobile !== undefined) return { phone: `+31${mobile}` };
    const fault = faultOf(text, digits);
    if (fault !== undefined) return { reason: fault };
    const parsed = parsePhoneNumberFromString(digits.replace(/^00/, "+"), country as "NL");
    return parsed?.isValid() === true && E164.test(parsed.number)
      ? { phone: parsed.number }
      : { reason: whyInvalid(digits, country) };
  };
}

/** One phone as E.164. @returns null when it is none */
export async function toE164(raw: string, country: string): Promise<string | null> {
  const reading = (await phoneReader(country))(raw);
  return "phone" in reading ? reading.phone : null;
}

/** Whether numbers without a country code can be read as numbers of this country (ISO 3166 alpha-2). */
export async function hasPhones(country: string): Promise<boolean> {
  const { isSupportedCountry } = await import("libphonenumber-js/max");
  return isSupportedCountry(country);
}

/** Without what a spreadsheet or a link puts around a number. */
function unwrapped(raw: string): string {
  const text = raw
    .trim()
    .replace(/^="(.*)"$/, "$1")
    .replace(/^'/, "")
    .replace(/^tel:/i, "");
  return /^\+?\d{7,15}[.,]0$/.test(text) ? text.slice(0, -2) : text;
}

function faultOf(text: string, digits: string): string | undefined {
  if (digits === "") return "is empty";
  if (text.length > LONGEST) return "is too long";
  if (/^[+\d.,\s]+e[+-]?\d+$/i.test(text))
    return "was turned into a rounded number by a spreadsheet; format the column as text and export it again";
  if (/\p{L}/u.test(text)) return "has letters in it";
  return /^\+?\d+$/.test(digits) ? undefined : "has characters that no phone number has";
}

function whyInvalid(digits: string, country: string): string {
  const count = digits.replace("+", "").length;
  if (count < 7) return "is too short";
  if (count > 17) return "is too long (is it more than one number?)";
  if (country === "NL" && DUTCH_NATIONAL.test(digits) && count !== 10)
    return `has ${count} digits; a Dutch number has 10`;
  const isNational = !digits.startsWith("+") && !digits.startsWith("00");
  return isNational ? `is not a valid phone number in ${country}` : "is not a valid phone number";
}
