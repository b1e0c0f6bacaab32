-- name: listConversations
-- The inbox: who waits longest first. $1 organization, then filters, each null for any: $2 statuses, $3 an agent's id, $4 nobody's, $5 waiting,
-- $6 how many.
select c.id, c.status, k.phone, coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), case when k.phone is null then k.bsuid end) as name, p.email as agent, s.name as source,
       c.waiting_since, c.opened_at, c.first_response_at, c.resolved_at, r.score as rating, l.body as last_message, l.at as last_message_at
  from conversations c
  join contacts k on k.id = c.contact_id and k.organization_id = c.organization_id
  left join profiles p on p.id = c.assigned_agent_id and p.organization_id = c.organization_id
  left join channel_sources s on s.id = c.channel_source_id and s.organization_id = c.organization_id
  left join satisfaction_ratings r on r.conversation_id = c.id and r.organization_id = c.organization_id
  left join lateral (select coalesce(m.body, m.type) as body, coalesce(m.received_at, m.created_at) as at from messages m
                      where m.conversation_id = c.id and m.organization_id = c.organization_id order by m.created_at desc, m.received_at desc limit 1) l on true
 where c.organization_id = $1
   and ($2::text[] is null or c.status = any ($2))
   and ($3::uuid is null or c.assigned_agent_id = $3)
   and ($4::boolean is not true or c.assigned_agent_id is null)
   and ($5::boolean is not true or c.waiting_since is not null)
 order by c.waiting_since nulls last, c.opened_at desc, c.id
 limit $6

-- name: findConversation
-- By its id, or by a contact's (phone, id, business-scoped user id): the open one, else the latest. $2 the word, $3 the phone that it is.
select c.id, c.contact_id, c.status
  from conversations c join contacts k on k.id = c.contact_id and k.organization_id = c.organization_id
 where c.organization_id = $1 and (c.id::text = $2 or k.id::text = $2 or k.bsuid = $2 or k.phone = $3)
 order by c.id::text = $2 desc, c.resolved_at is null desc, c.opened_at desc, c.id limit 1

-- name: showConversation
select c.id, c.status, c.contact_id, k.phone, coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), case when k.phone is null then k.bsuid end) as name, p.email as agent, s.name as source, s.type as source_type,
       c.waiting_since, c.opened_at, c.first_response_at, c.resolved_at, r.score as rating, r.comment,
       case when c.resolved_at is null then k.last_inbound_at + interval '24 hours' end as window_closes_at
  from conversations c
  join contacts k on k.id = c.contact_id and k.organization_id = c.organization_id
  left join profiles p on p.id = c.assigned_agent_id and p.organization_id = c.organization_id
  left join channel_sources s on s.id = c.channel_source_id and s.organization_id = c.organization_id
  left join satisfaction_ratings r on r.conversation_id = c.id and r.organization_id = c.organization_id
 where c.id = $2 and c.organization_id = $1

-- name: conversationThread
-- What was said in it, and what else went to and fro until its end: from 7 days before it, which is how far back an answer belongs to a
-- campaign's message.
select m.id, coalesce(m.received_at, m.sent_at, m.failed_at, m.created_at) as at, m.direction, m.type, m.body, m.status,
       coalesce(p.email, b.name, d.name, case when m.direction = 'inbound' then coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), k.phone, k.bsuid) end) as by,
       coalesce(m.error, m.error_code) as error
  from conversations c
  join contacts k on k.id = c.contact_id and k.organization_id = c.organization_id
  join messages m on m.contact_id = c.contact_id and m.organization_id = c.organization_id
  left join profiles p on p.id = m.agent_id and p.organization_id = m.organization_id
  left join bulk_message_jobs j on j.id = m.bulk_message_job_id and j.organization_id = m.organization_id
  left join bulk_campaigns b on b.id = j.campaign_id and b.organization_id = j.organization_id
  left join drip_message_logs l on l.id = m.drip_message_log_id and l.organization_id = m.organization_id
  left join drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
 where c.id = $2 and c.organization_id = $1
   and case when m.conversation_id is null
            then coalesce(m.received_at, m.created_at) between c.opened_at - interval '7 days' and coalesce(c.resolved_at, 'infinity')
            else m.conversation_id = c.id end
 order by at, m.created_at, m.id

-- name: assignConversation
update conversations set assigned_agent_id = $3 where id = $2 and organization_id = $1 and resolved_at is null

-- name: reply
select reply_in_conversation($1, $2) as id

-- name: survey
select survey_conversation($1, $2, $3) as id

-- name: surveyOf
-- What the organization says of surveys, and in which language this person reads.
select o.settings -> 'survey' as settings, k.language
  from conversations c join contacts k on k.id = c.contact_id and k.organization_id = c.organization_id join organizations o on o.id = c.organization_id
 where c.id = $2 and c.organization_id = $1

-- name: closeConversation
update conversations set status = 'closed' where id = $2 and organization_id = $1 and resolved_at is null

-- name: rateConversation
insert into satisfaction_ratings (organization_id, conversation_id, score, comment) values ($1, $2, $3, $4)
on conflict do nothing

-- name: findAgent
select p.id, p.email, p.role from profiles p where p.organization_id = $1 and (p.email = $2 or p.id::text = $2)

-- name: me
select p.id, p.email, p.role from profiles p where p.organization_id = $1 and p.id = auth.uid()

-- name: writtenMessage
select m.id, m.sender_id, m.status, coalesce(m.error, m.error_code) as error from messages m where m.id = $2 and m.organization_id = $1
