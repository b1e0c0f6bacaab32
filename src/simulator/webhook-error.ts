const FAILURES: Readonly<Record<number, { title: string; details: string }>> = {
  130429: { title: "Rate limit hit", details: "Cloud API message throughput has been reached." },
  130472: {
    title: "User's number is part of an experiment",
    details: "Failed to send message because this user's phone number is part of an experiment",
  },
  131026: { title: "Message undeliverable", details: "Message Undeliverable." },
  131047: {
    title: "Re-engagement message",
    details:
      "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
  },
  131049: {
    title: "This message was not delivered to maintain healthy ecosystem engagement.",
    details: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
  },
  131050: {
    title: "User has stopped marketing messages",
    details: "User has chosen to stop receiving marketing messages on WhatsApp from your business.",
  },
  131051: { title: "Message type unknown", details: "Message type is currently not supported." },
  131053: {
    title: "Media upload error",
    details: "Downloading media from weblink failed with http code 404",
  },
};

const ERROR_PAGE = "/documentation/business-messaging/whatsapp/support/error-codes";

/** One of a webhook's `errors[]` (reference §5.4). */
export function webhookError(code: number): object {
  const { title, details } = FAILURES[code] ?? { title: "Message failed", details: `Error ${code}` };
  return { code, title, message: title, error_data: { details }, href: ERROR_PAGE };
}
