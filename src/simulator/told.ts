import type { Json } from "./content.ts";
import type { MessageStatus } from "./ledger.ts";

/** What one person sends to a number of ours. */
export interface PersonMessage {
  kind: "message";
  phoneNumberId: string;
  wamid: string;
  person: Person;
  at: Date;
  /** `type` and the field named like it */
  content: Json;
  /** what a person would read of it */
  text: string;
  /** the message that it answers */
  contextId: string | undefined;
}

/** Somebody by the addresses that webhooks may show (reference §9). */
export interface Person {
  /** a phone number as it was given; null: a username keeps it from us */
  phone: string | null;
  userId: string;
}

/** News that is not about a message: a template's status, an error of the account. */
export interface AccountNews {
  kind: "news";
  field: string;
  value: Json;
}

/** One update of a webhook body; Meta puts up to 1,000 in one. */
export type Told = ({ kind: "status" } & MessageStatus) | PersonMessage | AccountNews;
