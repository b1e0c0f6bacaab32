-- name: openReviews
-- What people wrote that may be an opt-out: until a person dismisses it, or it is settled by a later word (an opt-out, a block, an opt-in).
-- $1 organization, $2 message ids or null.
select m.id, m.provider_message_id as message_id, m.received_at, m.contact_id, c.phone, c.bsuid, c.first_name, c.last_name, m.body as text
  from messages m join contacts c on c.id = m.contact_id and c.organization_id = m.organization_id
 where m.organization_id = $1 and m.consent = 'review' and m.reviewed_at is null
   and c.opted_out_at is null and c.blocked_at is null and c.erased_at is null and coalesce(c.opted_in_at, '-infinity') <= m.received_at
   and ($2::text[] is null or m.provider_message_id = any ($2) or m.id::text = any ($2))
 order by m.received_at, m.id

-- name: dismissReviews
-- $1 organization, $2 ids.
update messages set reviewed_at = adsapp_now()
 where organization_id = $1 and id = any ($2::uuid[]) and consent = 'review' and reviewed_at is null
