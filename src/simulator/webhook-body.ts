import type { AcceptedMessage, MessageStatus } from "./ledger.ts";
import { digitsOf } from "./messages.ts";

const FAILURES: Readonly<Record<number, { title: string; details: string }>> = {
  130472: {
    title: "User's number is part of an experiment",
    details: "Failed to send message because this user's phone number is part of an experiment",
  },
  131026: { title: "Message undeliverable", details: "Message Undeliverable." },
  131049: {
    title: "This message was not delivered to maintain healthy ecosystem engagement.",
    details: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
  },
  131050: {
    title: "User has stopped marketing messages",
    details: "User has chosen to stop receiving marketing messages on WhatsApp from your business.",
  },
  131053: {
    title: "Media upload error",
    details: "Downloading media from weblink failed with http code 404",
  },
};

const DISPLAY_PHONE_NUMBER = "31201234567";
const ERROR_PAGE = "/documentation/business-messaging/whatsapp/support/error-codes";

/**
 * A webhook body with these statuses, as Meta sends it from version v24 on (reference §5.4): no `conversation`,
 * timestamps as text, non-ASCII escaped. One change for each phone number.
 */
export function webhookBody(statuses: readonly MessageStatus[], wabaId: string): string {
  const byNumber = new Map<string, MessageStatus[]>();
  for (const each of statuses) {
    const { phoneNumberId } = each.message;
    const others = byNumber.get(phoneNumberId);
    if (others === undefined) byNumber.set(phoneNumberId, [each]);
    else others.push(each);
  }
  const changes = [...byNumber].map(([phoneNumberId, its]) => changeOf(phoneNumberId, its));
  return escaped(JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: wabaId, changes }] }));
}

function changeOf(phoneNumberId: string, statuses: readonly MessageStatus[]): object {
  return {
    field: "messages",
    value: {
      messaging_product: "whatsapp",
      metadata: { display_phone_number: DISPLAY_PHONE_NUMBER, phone_number_id: phoneNumberId },
      statuses: statuses.map(statusOf),
    },
  };
}

function statusOf({ message, status, at, errorCode }: MessageStatus): object {
  const hasPricing = status === "sent" || status === "delivered";
  return {
    id: message.wamid,
    status,
    timestamp: String(Math.floor(at.getTime() / 1000)),
    ...recipientOf(message),
    ...(message.opaqueId === "" ? {} : { biz_opaque_callback_data: message.opaqueId }),
    ...(hasPricing ? { pricing: pricingOf(message) } : {}),
    ...(errorCode === null ? {} : { errors: [errorOf(errorCode)] }),
  };
}

function recipientOf({ to }: AcceptedMessage): object {
  const isUserId = /^[A-Z]/.test(to);
  return isUserId ? { recipient_user_id: to } : { recipient_id: digitsOf(to) };
}

/** Templates count as marketing; the rest is only sent inside an open service window. */
function pricingOf({ type }: AcceptedMessage): object {
  return type === "template"
    ? { billable: true, pricing_model: "PMP", type: "regular", category: "marketing" }
    : { billable: false, pricing_model: "PMP", type: "free_customer_service", category: "service" };
}

function errorOf(code: number): object {
  const { title, details } = FAILURES[code] ?? { title: "Message failed", details: `Error ${code}` };
  return { code, title, message: title, error_data: { details }, href: ERROR_PAGE };
}

function escaped(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
