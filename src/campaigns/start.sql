-- name: startProblems
-- What stands between a draft and its start. $1 campaign, $2 organization.
select c.name, c.status,
       s.id is not null as has_sender,
       s.name as sender_name, s.state as sender_state,
       c.message ->> 'type' = 'template' as needs_template,
       c.message ->> 'template' as template_name, c.message ->> 'language' as template_language,
       t.status as template_status,
       s.provider = 'whatsapp-cloud' as is_real,
       adsapp_local_instant(c.scheduling ->> 'scheduledAt', coalesce(c.scheduling ->> 'timezone', o.timezone)) < adsapp_now() as time_is_past
  from bulk_campaigns c
  join organizations o on o.id = c.organization_id
  left join senders s on s.organization_id = c.organization_id and (s.id = c.sender_id or (c.sender_id is null and s.is_default))
  left join message_templates t on t.organization_id = c.organization_id and t.name = c.message ->> 'template' and t.language = c.message ->> 'language'
 where c.id = $1 and c.organization_id = $2
