import type { TargetAudience } from "./audience.ts";
import { isContactId } from "./condition.ts";

/**
 * The audience with its phones as E.164, read as of `country` when they carry no code; ids stay, and so does what is no
 * phone: it matches nobody, and validate says so.
 */
export async function withReadPhones(audience: TargetAudience, country: string): Promise<TargetAudience> {
  if (audience.type !== "contacts") return audience;
  const { phoneReader } = await import("../contacts/phone.ts");
  const read = await phoneReader(country);
  const contacts = audience.contacts.map((word) => {
    const reading = isContactId(word) ? { phone: word } : read(word);
    return "phone" in reading ? reading.phone : word;
  });
  return { ...audience, contacts };
}
