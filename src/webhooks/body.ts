import { type Inbound, messagesOf, preferencesOf } from "./inbound.ts";
import { type Json, list, matching, NUMBER_ID, record } from "./shapes.ts";
import { type Status, statusesOf } from "./statuses.ts";

/** What one webhook body tells. */
export interface Told {
  statuses: Status[];
  inbound: Inbound[];
}

/**
 * Reads a body; fields and kinds that are not known are passed over, since the raw body is kept.
 * @throws Error saying why the body cannot be understood at all
 */
export function readBody(body: string): Told {
  const told: Told = { statuses: [], inbound: [] };
  for (const { field, phoneNumberId, value } of changesOf(body)) {
    if (field === "messages") {
      told.statuses.push(...statusesOf(phoneNumberId, value));
      told.inbound.push(...messagesOf(phoneNumberId, value));
    } else if (field === "user_preferences") told.inbound.push(...preferencesOf(phoneNumberId, value));
  }
  return told;
}

/** The statuses of a body alone. @throws Error as readBody */
export function readStatuses(body: string): Status[] {
  return readBody(body).statuses;
}

interface Change {
  field: unknown;
  phoneNumberId: string;
  value: Json;
}

function changesOf(body: string): Change[] {
  const json = record(parse(body));
  if (json?.object !== "whatsapp_business_account")
    throw new Error('not a WhatsApp webhook: "object" is not "whatsapp_business_account"');
  if (!Array.isArray(json.entry)) throw new Error('not a WhatsApp webhook: "entry" is not a list');
  return json.entry
    .flatMap((entry) => list(record(entry)?.changes))
    .flatMap((raw) => {
      const change = record(raw);
      const value = record(change?.value);
      const phoneNumberId = matching(NUMBER_ID, record(value?.metadata)?.phone_number_id);
      return value === undefined || phoneNumberId === undefined
        ? []
        : [{ field: change?.field, phoneNumberId, value }];
    });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new Error(`not JSON: ${(error as Error).message}`.slice(0, 200));
  }
}
