const AFTER_THE_CODE = 3;

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
