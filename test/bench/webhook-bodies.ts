/** A body with one status of each of these messages, as Meta sends it from version v24 on. */
export function statusBody(
  phoneNumberId: string,
  status: string,
  messages: readonly { wamid: string; jobId: string }[],
): string {
  const statuses = messages.map(({ wamid, jobId }) => ({
    id: wamid,
    status,
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: "31610000001",
    biz_opaque_callback_data: `b:${jobId}:1`,
    ...(status === "read"
      ? {}
      : { pricing: { billable: true, pricing_model: "PMP", type: "regular", category: "marketing" } }),
  }));
  const metadata = { display_phone_number: "31201234567", phone_number_id: phoneNumberId };
  const value = { messaging_product: "whatsapp", metadata, statuses };
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value }] }],
  });
}
