import { phoneReader } from "../contacts/phone.ts";
import type { Transaction } from "../db/database.ts";
import { notFound, UserError } from "../errors.ts";
import type { Organization } from "../organizations/organization.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { readEvent, type ToldEvent, type ToldType } from "./event.ts";
import { storeEvents } from "./import.ts";

export interface EmitEvent {
  /** phones in any spelling, business-scoped user ids, or ids */
  contacts: readonly string[];
  /** a JSON object, as text */
  data?: string | undefined;
  /** the same one again changes nothing */
  eventId?: string | undefined;
  type: ToldType;
}

export interface Emitted {
  stored: number;
  /** its event id was known already */
  duplicates: number;
}

/**
 * Tells an event of contacts. As operator.
 * @throws UserError (2) for data that is no JSON object, (4) for a contact that the organization does not have, (5) for viewers
 */
export async function emitEvent(
  tx: Transaction,
  organization: Organization,
  event: string,
  { contacts, data, eventId, type }: EmitEvent,
): Promise<Emitted> {
  await refuseViewer(tx);
  if (eventId !== undefined && contacts.length > 1)
    throw new UserError("--event-id names one event: give one contact with it");
  const told = await read(organization, event, { contacts, data: dataOf(data), eventId });
  const { stored, unknown } = await storeEvents(tx, organization.id, told, type);
  if (unknown.length > 0) throw notFound("contact", unknown.map((n) => contacts[n - 1]).join(", "));
  return { stored, duplicates: told.length - stored };
}

function dataOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    throw new UserError("--data must be a JSON object", { hint: `For example --data '{"total": 25}'` });
  }
}

/** Each as a line of a file would tell it: one set of rules for both. */
async function read(
  { defaultCountry }: Organization,
  event: string,
  given: { contacts: readonly string[]; data: unknown; eventId: string | undefined },
): Promise<ToldEvent[]> {
  const readPhone = await phoneReader(defaultCountry);
  return given.contacts.map((contact, n) => {
    const line = JSON.stringify({ event, contact, data: given.data, eventId: given.eventId });
    const told = readEvent(n + 1, line, readPhone);
    if ("reason" in told) throw new UserError(told.reason);
    return told;
  });
}
