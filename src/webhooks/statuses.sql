-- name: applyStatuses
-- Statuses in any order, repeated, late, or before the POST's own answer: by message id, or by opaque id where the
-- message is not known yet. A status counts only if the number it names is the sender's: nothing crosses tenants.
-- One array a column: phone number id, message id, status, time, job (of a broadcast) or log (of a drip), attempt, error code, error, pricing, opt-out, undeliverable.
with said as materialized (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::uuid[], $6::smallint[], $7::text[], $8::text[], $9::jsonb[],
                       $10::boolean[], $11::boolean[])
    as s(phone_number_id, wamid, status, at, job_id, attempt, error_code, error, pricing, opted_out, undeliverable)
), news as materialized ( -- one row a message: the highest status and the first time of each
  select s.phone_number_id, s.wamid,
         (array_agg(s.status order by adsapp_status_rank(s.status) desc))[1] as status,
         (array_agg(s.job_id) filter (where s.job_id is not null))[1] as job_id,
         max(s.attempt) as attempt,
         min(s.at) filter (where s.status = 'sent') as sent_at,
         min(s.at) filter (where s.status = 'delivered') as delivered_at,
         min(s.at) filter (where s.status = 'read') as read_at,
         min(s.at) filter (where s.status = 'failed') as failed_at,
         min(s.at) as first_at,
         (array_agg(s.error_code order by s.opted_out desc, s.at) filter (where s.error_code is not null))[1] as error_code,
         (array_agg(s.error order by s.opted_out desc, s.at) filter (where s.error is not null))[1] as error,
         (array_agg(s.pricing order by s.at) filter (where s.pricing is not null))[1] as pricing,
         bool_or(s.opted_out) as opted_out, bool_or(s.undeliverable) as undeliverable
    from said s group by s.phone_number_id, s.wamid
), owned as materialized ( -- one row a message: two numbers of an organization that claim the same one cannot both have sent it
  select distinct on (n.wamid, x.organization_id)
         n.*, x.id as sender_id, x.organization_id, coalesce(m.contact_id, j.contact_id, l.contact_id) as contact_id, j.id as known_job,
         l.id as known_log, m.error_code as known_error, m.failed_at is null as is_first_failure, p.priced_on, p.calling_code
    from news n
    join senders x on x.phone_number_id = n.phone_number_id
    left join messages m on m.provider_message_id = n.wamid and m.organization_id = x.organization_id
    left join bulk_message_jobs j on j.id = n.job_id and j.organization_id = x.organization_id and n.attempt between 1 and j.attempts
                                 and exists (select from campaign_runs r where r.campaign_id = j.campaign_id and r.occurrence = j.occurrence
                                                and r.organization_id = j.organization_id and r.sender_id = x.id)
    left join drip_message_logs l on l.id = n.job_id and l.organization_id = x.organization_id and n.attempt between 1 and l.attempts
                                 and exists (select from drip_campaigns d where d.id = l.campaign_id and d.organization_id = l.organization_id
                                                and coalesce(d.sender_id, x.id) = x.id) -- null: the default one of that time
    left join lateral ( -- what a trigger would find row by row
      select (coalesce(m.sent_at, n.sent_at, n.first_at) at time zone o.timezone)::date as priced_on, adsapp_calling_code(k.phone) as calling_code
        from organizations o join contacts k on k.organization_id = o.id
       where o.id = x.organization_id and k.id = coalesce(m.contact_id, j.contact_id, l.contact_id) and m.priced_on is null
         and coalesce(m.pricing, n.pricing) is not null and coalesce(m.delivered_at, n.delivered_at, n.read_at) is not null limit 1) p on true
   where case when m.id is null then coalesce(j.id, l.id) is not null else m.direction = 'outbound' and m.sender_id = x.id end
   order by n.wamid, x.organization_id, n.phone_number_id
), applied as (
  insert into messages as m (organization_id, direction, contact_id, sender_id, bulk_message_job_id, drip_message_log_id, attempt, type, provider_message_id, status,
                             sent_at, delivered_at, read_at, failed_at, webhook_at, error_code, error, pricing, priced_on, calling_code)
  select o.organization_id, 'outbound', o.contact_id, o.sender_id, o.known_job, o.known_log, o.attempt, 'unknown', o.wamid, o.status,
         coalesce(o.sent_at, o.first_at), coalesce(o.delivered_at, o.read_at), o.read_at, o.failed_at, adsapp_now(), o.error_code, o.error, o.pricing, o.priced_on, o.calling_code
    from owned o
   order by o.wamid
  on conflict (provider_message_id, organization_id) do update
     set status = case when adsapp_status_rank(excluded.status) > adsapp_status_rank(m.status) then excluded.status else m.status end,
         sent_at = case when m.type = 'unknown' then least(m.sent_at, excluded.sent_at) else m.sent_at end, -- the POST's answer knows better
         delivered_at = least(m.delivered_at, excluded.delivered_at),
         read_at = least(m.read_at, excluded.read_at),
         failed_at = least(m.failed_at, excluded.failed_at),
         webhook_at = coalesce(m.webhook_at, excluded.webhook_at),
         error_code = coalesce(m.error_code, excluded.error_code),
         error = coalesce(m.error, excluded.error),
         pricing = coalesce(m.pricing, excluded.pricing),
         priced_on = coalesce(m.priced_on, excluded.priced_on),
         calling_code = case when m.priced_on is null then excluded.calling_code else m.calling_code end
   where adsapp_status_rank(excluded.status) > adsapp_status_rank(m.status)
      or m.webhook_at is null
      or (m.type = 'unknown' and excluded.sent_at < m.sent_at)
      or excluded.delivered_at < coalesce(m.delivered_at, 'infinity')
      or excluded.read_at < coalesce(m.read_at, 'infinity')
      or excluded.failed_at < coalesce(m.failed_at, 'infinity')
      or (m.pricing is null and excluded.pricing is not null)
), told as ( -- once a person, and only what is news: a body that comes again does not undo a later opt-in
  select o.contact_id, o.organization_id, bool_or(o.opted_out) as opted_out, bool_or(o.undeliverable) as undeliverable,
         min(o.error_code) filter (where o.opted_out) as error_code
    from owned o
   where (o.opted_out or o.undeliverable) and o.error_code is distinct from o.known_error
   group by o.contact_id, o.organization_id
), consent as (
  update contacts c
     set opted_out_at = case when t.opted_out then coalesce(c.opted_out_at, adsapp_now()) else c.opted_out_at end,
         opt_out_source = case when t.opted_out then coalesce(c.opt_out_source, 'provider: ' || t.error_code) else c.opt_out_source end,
         undeliverable_at = case when t.undeliverable then adsapp_now() else c.undeliverable_at end
    from told t
   where c.id = t.contact_id and c.organization_id = t.organization_id
)
select n.phone_number_id, n.wamid, n.job_id is not null as claims_a_job, o.wamid is not null as applied,
       coalesce(o.organization_id, x.organization_id) as organization_id, coalesce(o.sender_id, x.sender_id) as sender_id,
       coalesce(n.failed_at is not null and o.is_first_failure, false) as has_failed
  from news n
  left join lateral (select min(s.organization_id::text)::uuid as organization_id, min(s.id::text)::uuid as sender_id from senders s
                      where s.phone_number_id = n.phone_number_id having count(*) = 1) x on true -- a number of two organizations names neither
  left join owned o on o.wamid = n.wamid and o.phone_number_id = n.phone_number_id

-- name: retryFailed
-- What failed after it was accepted, as the outcome table has it for a broadcast that still runs (a drip's step is final, and so is what a
-- finished campaign has left: `campaign retry`). The statuses are applied, so the job is `failed` by this very message; its campaign is
-- locked by the counters. `again`: not the message's fault, so it gets one attempt more; so does what Meta withholds, once. The same
-- webhook once more finds no job that failed by it. One array a column: message id, organization, what becomes of it, seconds.
with said as materialized (
  select * from unnest($1::text[], $2::uuid[], $3::text[], $4::float8[]) as s(wamid, organization_id, becomes, after_seconds)
), due as materialized (
  select j.id, j.organization_id, s.becomes,
         case when s.becomes = 'retry' then s.after_seconds * 2 ^ (least(j.attempts, 12) - 1) else s.after_seconds end as after_seconds
    from said s
    join messages m on m.provider_message_id = s.wamid and m.organization_id = s.organization_id and m.status = 'failed'
    join bulk_message_jobs j on j.id = m.bulk_message_job_id and j.organization_id = m.organization_id
    join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id
   where j.status = 'failed' and j.message_id = m.id and j.attempts = m.attempt and c.status in ('running', 'paused')
     and case s.becomes when 'retry' then j.attempts < j.max_attempts
                        when 'withheld' then j.withheld_at is null
                        else s.becomes = 'again' end
   order by j.id for no key update of j
)
update bulk_message_jobs j
   set status = 'pending', next_attempt_at = adsapp_now() + make_interval(secs => d.after_seconds), failed_at = null,
       withheld_at = case when d.becomes = 'withheld' then adsapp_now() else j.withheld_at end,
       max_attempts = case when d.becomes = 'retry' then j.max_attempts else greatest(j.max_attempts, j.attempts + 1) end
  from due d
 where j.id = d.id and j.organization_id = d.organization_id and j.status = 'failed'

-- name: whomItConcerned
-- What was sent, by whom and to whom: for what an error means beside its row. $1 message ids, $2 organizations.
select m.provider_message_id as wamid, m.sender_id, case when j.id is not null then 'b' when l.id is not null then 'd' else 'm' end as kind,
       coalesce(j.campaign_id::text, l.campaign_id::text, '') as campaign_id, c.phone
  from unnest($1::text[], $2::uuid[]) as s(wamid, organization_id)
  join messages m on m.provider_message_id = s.wamid and m.organization_id = s.organization_id
  join contacts c on c.id = m.contact_id and c.organization_id = m.organization_id
  left join bulk_message_jobs j on j.id = m.bulk_message_job_id and j.organization_id = m.organization_id
  left join drip_message_logs l on l.id = m.drip_message_log_id and l.organization_id = m.organization_id

-- name: holdEnrollments
-- $1 logs, $2 message ids. Enrollments are locked before their logs, as everybody does.
select from drip_enrollments e
 where e.id in (select l.enrollment_id from drip_message_logs l where l.id = any ($1::uuid[])
                union all
                select l.enrollment_id from messages m join drip_message_logs l on l.id = m.drip_message_log_id and l.organization_id = m.organization_id
                 where m.provider_message_id = any ($2::text[]))
 order by e.id for no key update

-- name: takeBodies
select i.id, i.body
  from webhook_inbox i
 where i.processed_at is null and i.error is null
 order by i.id limit $1
   for update skip locked

-- name: closeBodies
-- $1 ids, $2 what went wrong (null: applied), $3 whose they are.
update webhook_inbox i
   set processed_at = case when b.error is null then adsapp_now() end, error = b.error, attempts = i.attempts + 1,
       organization_id = coalesce(i.organization_id, b.organization_id)
  from unnest($1::bigint[], $2::text[], $3::uuid[]) as b(id, error, organization_id)
 where i.id = b.id

-- name: storeBodies
insert into webhook_inbox (body, source) select b, $2 from unnest($1::text[]) as b
