import { UserError } from "../errors.ts";

const AFTER_THE_CODE = 3;

/** How the phones of a country (ISO 3166 alpha-2) begin, by those of an example. @throws UserError for a country without phones */
export async function prefixesOfCountry(country: string): Promise<string[]> {
  const { getExampleNumber, isSupportedCountry } = await import("libphonenumber-js/max");
  const { default: examples } = await import("libphonenumber-js/mobile/examples");
  const example = isSupportedCountry(country) ? getExampleNumber(country, examples) : undefined;
  if (example === undefined)
    throw new UserError(`phone numbers of country "${country}" are not known`, {
      hint: "Give a two-letter code, for example NL.",
    });
  return countryPrefixes(example.number);
}

/**
 * How the phones of this one's country begin, as E.164 prefixes. A calling code of its own is one prefix (`+31`); where
 * countries share it (`+1`, `+7`) they are told apart by the next three digits.
 * @returns none when the phone is no number of any country
 */
export async function countryPrefixes(phone: string): Promise<string[]> {
  const { parsePhoneNumberFromString, getCountries, getCountryCallingCode } = await import(
    "libphonenumber-js/max"
  );
  const parsed = parsePhoneNumberFromString(phone);
  if (parsed === undefined) return [];
  const { countryCallingCode: code, nationalNumber, country } = parsed;
  const sharing = getCountries().filter((each) => getCountryCallingCode(each) === code);
  if (sharing.length <= 1) return [`+${code}`];
  const rest = nationalNumber.slice(AFTER_THE_CODE);
  const regions = Array.from({ length: 10 ** AFTER_THE_CODE }, (_, n) =>
    String(n).padStart(AFTER_THE_CODE, "0"),
  );
  const same = regions.filter(
    (region) => parsePhoneNumberFromString(`+${code}${region}${rest}`)?.country === country,
  );
  return country === undefined ? [] : same.map((region) => `+${code}${region}`);
}
