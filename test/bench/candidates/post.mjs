// The same request for all.
export const postHeaders = (token) => ({
  authorization: `Bearer ${token}`,
  "content-type": "application/json",
});

export function postBody({ id, phone, name }) {
  const parameters = [{ type: "text", text: name }];
  return JSON.stringify({
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to: phone,
    biz_opaque_callback_data: `b:${id}:1`,
    type: "template",
    template: { name: "black_friday", language: { code: "nl" }, components: [{ type: "body", parameters }] },
  });
}

/** The rows of one message: what was sent, and that its job is done. $1 job, $2 text, $3 the provider's id. */
export const WRITE_ROWS = `
  with sent as (
    insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, body,
                          provider_message_id, status, sent_at)
    select j.organization_id, 'outbound', j.contact_id, c.sender_id, j.id, 1, 'template', $2, $3, 'sent', now()
      from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id where j.id = $1
    returning id)
  update bulk_message_jobs j
     set status = 'sent', attempts = 1, dispatched_at = now(), sent_at = now(), counted_on = current_date, message_id = sent.id
    from sent where j.id = $1`;
