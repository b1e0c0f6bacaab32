-- name: holdAnswering
-- What they write meanwhile waits, and then sees the news. One array a column: message id, organization.
select c.id from contacts c
 where c.id in (select m.contact_id from unnest($1::text[], $2::uuid[]) as s(wamid, organization_id)
                 cross join lateral (select m.contact_id from messages m where m.provider_message_id = s.wamid and m.organization_id = s.organization_id limit 1) m)
 order by c.id for no key update

-- name: moveAnswers
-- Webhooks come in any order: which message an answer belongs to is said anew where one came to be known, failed, or arrived after all, or where
-- two contacts came to be one; and so are the times and the counts of both messages, and where the conversation that began with it came from.
-- What was pruned of its text stays as it is. One array a column: message id, organization (of messages); $3 contacts.
with changed as materialized (
  select m.contact_id, m.organization_id, min(m.sent_at) - interval '1 second' as since
    from unnest($1::text[], $2::uuid[]) as s(wamid, organization_id)
   cross join lateral (select m.contact_id, m.organization_id, m.sent_at from messages m
                        where m.provider_message_id = s.wamid and m.organization_id = s.organization_id limit 1) m
   group by m.contact_id, m.organization_id
  union all
  select c.id, c.organization_id, '-infinity' from contacts c where c.id = any ($3::uuid[])
), moved as materialized (
  select i.id, i.organization_id, i.answers as before, t.id as after, i.received_at, i.conversation_id, i.provider_message_id,
         adsapp_is_reply(i.type) and i.consent is distinct from 'opt_out' as replies, i.consent = 'opt_out' as opts_out
    from (select c.contact_id, c.organization_id, min(c.since) as since from changed c group by 1, 2) p
   cross join lateral (select i.* from messages i
                        where i.contact_id = p.contact_id and i.organization_id = p.organization_id and i.direction = 'inbound' and i.received_at >= p.since
                          and i.payload is not null and (i.type <> 'system' or i.consent is not null) offset 0) i
    left join lateral adsapp_answered(i.organization_id, i.contact_id, i.payload #>> '{context,id}', i.received_at) t on true
   where i.answers is distinct from t.id
), said as (
  update messages i set answers = v.after from moved v where i.id = v.id and i.organization_id = v.organization_id
), concerned as materialized (
  select m.id, m.organization_id, m.bulk_message_job_id as job_id, m.drip_message_log_id as log_id
    from (select v.before as id from moved v union select v.after from moved v) b
   cross join lateral (select * from messages m where m.id = b.id limit 1) m
), kin as materialized ( -- with the other attempts of their jobs and logs
  select c.id, c.organization_id, c.job_id, c.log_id from concerned c
  union
  select m.id, c.organization_id, c.job_id, null from concerned c cross join lateral (select m.id from messages m where m.bulk_message_job_id = c.job_id offset 0) m
  union
  select m.id, c.organization_id, null, c.log_id from concerned c cross join lateral (select m.id from messages m where m.drip_message_log_id = c.log_id offset 0) m
), answers as materialized (
  select k.id, k.organization_id, k.job_id, k.log_id, min(a.received_at) filter (where a.replies) as replied_at, min(a.received_at) filter (where a.opts_out) as opted_out_at
    from kin k
    left join lateral (
      select v.received_at, v.replies, v.opts_out from moved v where v.after = k.id
      union all
      select i.received_at, adsapp_is_reply(i.type) and i.consent is distinct from 'opt_out', i.consent = 'opt_out'
        from messages i where i.answers = k.id and i.organization_id = k.organization_id and not exists (select from moved v where v.id = i.id)) a on true
   group by k.id, k.organization_id, k.job_id, k.log_id
), answered as (
  update messages m set replied_at = a.replied_at
    from answers a where m.id = a.id and m.organization_id = a.organization_id and m.replied_at is distinct from a.replied_at
), jobs as materialized (
  select j.id from bulk_message_jobs j where j.id in (select k.job_id from kin k) order by j.id for no key update
), counted_jobs as (
  update bulk_message_jobs j set replied_at = o.replied_at, opted_out_at = o.opted_out_at
    from (select a.job_id, a.organization_id, min(a.replied_at) as replied_at, min(a.opted_out_at) as opted_out_at from answers a group by 1, 2) o
    join jobs k on k.id = o.job_id
   where j.id = o.job_id and j.organization_id = o.organization_id and j.counted_on is not null
     and (j.replied_at, j.opted_out_at) is distinct from (o.replied_at, o.opted_out_at)
), enrollments as materialized (
  select e.id from drip_enrollments e
   where e.id in (select l.enrollment_id from drip_message_logs l where l.id in (select k.log_id from kin k)) order by e.id for no key update
), logs as materialized (
  select l.id from drip_message_logs l
   where l.id in (select k.log_id from kin k) and (select count(*) from enrollments) >= 0 order by l.id for no key update
), counted_logs as (
  update drip_message_logs l set replied_at = o.replied_at, opted_out_at = o.opted_out_at
    from (select a.log_id, a.organization_id, min(a.replied_at) as replied_at, min(a.opted_out_at) as opted_out_at from answers a group by 1, 2) o
    join logs k on k.id = o.log_id
   where l.id = o.log_id and l.organization_id = o.organization_id and l.counted_on is not null
     and (l.replied_at, l.opted_out_at) is distinct from (o.replied_at, o.opted_out_at)
)
select v.id
  from moved v
 cross join lateral (select (select e.id from messages e where e.conversation_id = v.conversation_id and e.direction = 'inbound'
                              order by e.received_at, e.provider_message_id limit 1) as id) f
 where v.conversation_id is not null and f.id = v.id

-- name: attributeConversations
select attribute_conversations($1::uuid[])
