What must hold of conversations; as in audit.sql. $1: one organization, or null for all.

-- name: sources_equal_rows
select format('source "%s" on %s: counted %s, conversations %s', s.name, d.day, sum(d.counted), sum(d.conversations)) as example
  from channel_sources s
  cross join lateral (select k.key as day, k.value::int as counted, 0 as conversations from jsonb_each_text(s.daily_counts) k
                      union all
                      select c.opened_on::text, 0, 1 from conversations c where c.channel_source_id = s.id and c.organization_id = s.organization_id) d
 where $1::uuid is null or s.organization_id = $1
 group by s.id, s.name, d.day having sum(d.counted) <> sum(d.conversations)

-- name: answers_in_their_conversation
-- What a conversation holds is of its person, and whatever a person wrote in it is there.
select format('message %s: contact %s, its conversation %s: contact %s', m.id, m.contact_id, c.id, c.contact_id) as example
  from conversations c join messages m on m.conversation_id = c.id and m.organization_id = c.organization_id
 where ($1::uuid is null or c.organization_id = $1) and m.contact_id <> c.contact_id

-- name: replies_equal_answers
-- A message was answered when the first answer to it came in; its job or log when the first to any of its attempts did.
with answers as materialized (
  select m.id, m.organization_id, m.bulk_message_job_id as job_id, m.drip_message_log_id as log_id, m.replied_at as says, a.replied_at, a.opted_out_at
    from (select i.answers as id, i.organization_id, min(i.received_at) filter (where adsapp_is_reply(i.type) and i.consent is distinct from 'opt_out') as replied_at,
                 min(i.received_at) filter (where i.consent = 'opt_out') as opted_out_at
            from messages i where ($1::uuid is null or i.organization_id = $1) and i.answers is not null group by 1, 2) a
    full join (select * from messages o where ($1::uuid is null or o.organization_id = $1) and o.direction = 'outbound'
                  and (o.replied_at is not null or exists (select from messages i where i.answers = o.id))) m
      on m.id = a.id and m.organization_id = a.organization_id
), rows as (
  select 'job' as kind, j.id, j.organization_id, j.replied_at, j.opted_out_at
    from bulk_message_jobs j where ($1::uuid is null or j.organization_id = $1) and num_nonnulls(j.replied_at, j.opted_out_at) > 0
  union all
  select 'log', l.id, l.organization_id, l.replied_at, l.opted_out_at
    from drip_message_logs l where ($1::uuid is null or l.organization_id = $1) and num_nonnulls(l.replied_at, l.opted_out_at) > 0
), firsts as (
  select 'job' as kind, a.job_id as id, min(a.replied_at) as replied_at, min(a.opted_out_at) as opted_out_at from answers a where a.job_id is not null group by 2
  union all
  select 'log', a.log_id, min(a.replied_at), min(a.opted_out_at) from answers a where a.log_id is not null group by 2
)
select format('message %s: answered %s, the first answer to it %s', a.id, a.says, a.replied_at) as example
  from answers a where a.says is distinct from a.replied_at
union all
select format('%s %s: answered %s, opted out %s; the answers to it %s, %s', coalesce(r.kind, f.kind), coalesce(r.id, f.id), r.replied_at, r.opted_out_at, f.replied_at, f.opted_out_at)
  from rows r full join firsts f on f.kind = r.kind and f.id = r.id
 where (r.replied_at, r.opted_out_at) is distinct from (f.replied_at, f.opted_out_at)

-- name: no_answer_to_blocked
-- What belongs to no campaign reaches nobody who is blocked or erased either; 5 s, as in no_send_after_opt_out.
select format('message %s: sent %s to contact %s, blocked %s, erased %s', m.id, m.sent_at, c.id, c.blocked_at, c.erased_at) as example
  from contacts c
  join messages m on m.contact_id = c.id and m.organization_id = c.organization_id
 where ($1::uuid is null or c.organization_id = $1) and (c.blocked_at is not null or c.erased_at is not null)
   and m.direction = 'outbound' and m.bulk_message_job_id is null and m.drip_message_log_id is null
   and m.sent_at > least(c.blocked_at, c.erased_at) + interval '5 seconds'

-- name: agent_days_equal_rows
-- Each day on which an agent did anything, or is said to have; those that are marked are the next tick's to compute (settle).
with days as materialized (
  select m.agent_id, m.date from agent_performance_metrics m where $1::uuid is null or m.organization_id = $1
  union
  select m.agent_id, (m.created_at at time zone o.timezone)::date
    from profiles p join organizations o on o.id = p.organization_id join messages m on m.agent_id = p.id and m.organization_id = p.organization_id
   where ($1::uuid is null or p.organization_id = $1) and m.direction = 'outbound'
  union
  select c.assigned_agent_id, (c.resolved_at at time zone o.timezone)::date
    from conversations c join organizations o on o.id = c.organization_id
   where ($1::uuid is null or c.organization_id = $1) and c.assigned_agent_id is not null and c.resolved_at is not null
  union
  select c.assigned_agent_id, (r.rated_at at time zone o.timezone)::date
    from satisfaction_ratings r join conversations c on c.id = r.conversation_id and c.organization_id = r.organization_id join organizations o on o.id = r.organization_id
   where ($1::uuid is null or r.organization_id = $1) and c.assigned_agent_id is not null
  union
  select s.agent_id, d.day::date
    from agent_sessions s join organizations o on o.id = s.organization_id
   cross join generate_series((s.online_at at time zone o.timezone)::date, (s.offline_at at time zone o.timezone)::date, interval '1 day') as d(day)
   where ($1::uuid is null or s.organization_id = $1) and s.offline_at is not null
), known as materialized (
  select d.agent_id, d.date, p.organization_id, p.email from days d join profiles p on p.id = d.agent_id
   where not exists (select from agent_days_due w where w.agent_id = d.agent_id and w.date = d.date and w.organization_id = p.organization_id)
), fresh as materialized (
  select f.* from (select array_agg(k.agent_id) as agents, array_agg(k.date) as dates from known k) a cross join lateral agent_day_metrics(a.agents, a.dates) f
)
select format('agent %s on %s: says %s, rows %s', k.email, k.date, to_jsonb(m) - '{id,organization_id,agent_id,date}'::text[], to_jsonb(f) - '{organization_id,agent_id,date}'::text[]) as example
  from known k
  left join fresh f on f.agent_id = k.agent_id and f.date = k.date
  left join agent_performance_metrics m on m.agent_id = k.agent_id and m.date = k.date and m.organization_id = k.organization_id
 where to_jsonb(f) is distinct from to_jsonb(m) - 'id'
