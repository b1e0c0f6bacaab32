-- name: testerOf
-- The person who gets a test, and what keeps them from it. $1 organization, $2 contact, $3 marketing, $4 sender's name or null (the default one).
select c.phone, s.id as sender_id, s.name as sender, adsapp_contact_gate(c, $3, false) as gate,
       s.provider = 'log' or coalesce(c.last_inbound_at > adsapp_now() - interval '24 hours', false) as in_window
  from contacts c
  join senders s on s.organization_id = $1 and (s.name = $4 or ($4 is null and s.is_default))
 where c.organization_id = $1 and c.id = $2

-- name: queueDirect
-- A message beside all campaigns; the tick's direct queue sends it. $1 organization, $2 contact, $3 sender, $4 type, $5 what a person reads,
-- $6 the request below the envelope, $7 marketing.
insert into messages (organization_id, direction, contact_id, sender_id, type, body, payload, status)
select c.organization_id, 'outbound', c.id, $3, $4, $5, $6, 'pending'
  from contacts c
 where c.organization_id = $1 and c.id = $2 and adsapp_contact_gate(c, $7, false) is null
returning id
