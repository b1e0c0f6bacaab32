import { createHash } from "node:crypto";
import type { Json } from "./content.ts";
import type { AcceptedMessage, MessageStatus } from "./ledger.ts";
import { digitsOf } from "./messages.ts";
import type { Settings } from "./options.ts";
import type { Person, PersonMessage } from "./told.ts";
import { webhookError } from "./webhook-error.ts";

/** The simulator's numbers are all this one to people. */
export const DISPLAY_PHONE_NUMBER = "31201234567";
const DAY_SECONDS = 86_400;

/** The change of the field `messages` that any number has (reference §5.4, §5.5). */
export function messagesChange(phoneNumberId: string, value: Json): object {
  return {
    field: "messages",
    value: {
      messaging_product: "whatsapp",
      metadata: { display_phone_number: DISPLAY_PHONE_NUMBER, phone_number_id: phoneNumberId },
      ...value,
    },
  };
}

/** Statuses of one number, in the shape of the webhook version: `conversation` only up to v23. */
export function statusesChange(
  phoneNumberId: string,
  statuses: readonly MessageStatus[],
  {
    webhookVersion,
    personOf,
  }: { webhookVersion: Settings["webhookVersion"]; personOf: (to: string) => Person },
): object {
  const contacts = statuses.flatMap(({ message, status }) => {
    const { phone, userId } = personOf(message.to);
    return phone === null && status !== "failed" && !isUserId(message.to) ? [usernameContact(userId)] : [];
  });
  return messagesChange(phoneNumberId, {
    ...(contacts.length > 0 ? { contacts } : {}),
    statuses: statuses.map((status) => statusOf(status, webhookVersion, personOf(status.message.to))),
  });
}

/** One message that a person sent; a username keeps `from` and `wa_id` away (reference §9). */
export function personChange({
  phoneNumberId,
  wamid,
  person,
  at,
  content,
  contextId,
}: PersonMessage): object {
  const from = person.phone === null ? {} : { from: digitsOf(person.phone) };
  const contact =
    person.phone === null
      ? usernameContact(person.userId)
      : { profile: { name: "Sanne" }, wa_id: digitsOf(person.phone), user_id: person.userId };
  return messagesChange(phoneNumberId, {
    contacts: [contact],
    messages: [
      {
        ...from,
        from_user_id: person.userId,
        id: wamid,
        timestamp: secondsOf(at),
        ...(contextId === undefined ? {} : { context: { from: DISPLAY_PHONE_NUMBER, id: contextId } }),
        ...content,
      },
    ],
  });
}

function statusOf(
  { message, status, at, errorCode }: MessageStatus,
  version: Settings["webhookVersion"],
  person: Person,
): object {
  const isPriced = status === "sent" || status === "delivered";
  return {
    id: message.wamid,
    status,
    timestamp: secondsOf(at),
    ...recipientOf(message, person),
    ...(message.opaqueId === "" ? {} : { biz_opaque_callback_data: message.opaqueId }),
    ...(isPriced && version <= 23 ? { conversation: conversationOf(message, status, at) } : {}),
    ...(isPriced ? { pricing: pricingOf(message) } : {}),
    ...(errorCode === null ? {} : { errors: [webhookError(errorCode)] }),
  };
}

function recipientOf({ to }: AcceptedMessage, { phone, userId }: Person): object {
  return phone === null ? { recipient_user_id: userId } : { recipient_id: digitsOf(to) };
}

/** Up to v23 each message has one of its own; `expiration_timestamp` comes with `sent` alone. */
function conversationOf(message: AcceptedMessage, status: string, at: Date): object {
  const expires = new Date(at.getTime() + DAY_SECONDS * 1000);
  return {
    id: createHash("sha256").update(message.wamid).digest("hex").slice(0, 32),
    ...(status === "sent" ? { expiration_timestamp: secondsOf(expires) } : {}),
    origin: { type: pricingOf(message).category },
  };
}

/** Templates count as marketing; the rest is only sent inside an open service window. */
function pricingOf({ type }: AcceptedMessage) {
  return type === "template"
    ? { billable: true, pricing_model: "PMP", type: "regular", category: "marketing" }
    : { billable: false, pricing_model: "PMP", type: "free_customer_service", category: "service" };
}

function usernameContact(userId: string): object {
  return { profile: { name: "Sanne", username: `@person${userId.slice(-6)}` }, user_id: userId };
}

function isUserId(to: string): boolean {
  return /^[A-Z]/.test(to);
}

function secondsOf(at: Date): string {
  return String(Math.floor(at.getTime() / 1000));
}
