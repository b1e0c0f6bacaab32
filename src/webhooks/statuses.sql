-- name: applyStatuses
-- Statuses in any order, repeated, late, or before the POST's own answer: by message id, or by opaque id where the
-- message is not known yet. A status counts only if the number it names is the sender's: nothing crosses tenants. Messages that are known are
-- updated, others made; one that somebody else makes meanwhile is missed, and known when this is asked once more.
-- One row a message, one array a column: phone number id, message id, job (of a broadcast) or log (of a drip), attempt, the first time of each of sent,
-- delivered, read and failed in seconds since 1970, error code, error, pricing, opt-out, undeliverable.
with said as materialized (
  select s.phone_number_id, s.wamid, s.job_id, s.attempt, to_timestamp(s.sent) as sent_at, to_timestamp(s.delivered) as delivered_at,
         to_timestamp(s.read) as read_at, to_timestamp(s.failed) as failed_at, s.error_code, s.error, s.pricing, s.opted_out, s.undeliverable
    from unnest($1::text[], $2::text[], $3::uuid[], $4::smallint[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::text[], $10::text[],
                $11::jsonb[], $12::boolean[], $13::boolean[])
      as s(phone_number_id, wamid, job_id, attempt, sent, delivered, read, failed, error_code, error, pricing, opted_out, undeliverable)
), news as materialized (
  select s.*, coalesce(s.sent_at, least(s.delivered_at, s.read_at, s.failed_at)) as accepted_at, coalesce(s.delivered_at, s.read_at) as arrived_at,
         case when s.read_at is not null then 'read' when s.delivered_at is not null then 'delivered' when s.failed_at is not null then 'failed' else 'sent' end as status
    from said s
), numbers as materialized (
  select x.phone_number_id, x.id as sender_id, x.organization_id, o.timezone, count(*) over (partition by x.phone_number_id) as owners
    from senders x join organizations o on o.id = x.organization_id
   where x.phone_number_id = any ($1::text[])
), found as ( -- one row a message: two numbers of an organization that claim the same one cannot both have sent it
  select distinct on (n.wamid, x.organization_id)
         n.*, x.sender_id, x.organization_id, x.timezone, m.id as message_id, coalesce(m.contact_id, j.contact_id, l.contact_id) as contact_id, j.id as known_job,
         l.id as known_log, m.error_code as known_error, m.failed_at is null as is_first_failure,
         m.id is null or (m.webhook_at is null and m.created_at > m.sent_at + interval '1 second') -- or its recording took long: the answer may have been faster
         or (adsapp_status_rank(n.status) > adsapp_status_rank(m.status) and (n.status = 'failed' or m.status = 'failed')) as moves_answers, coalesce(m.sent_at, n.accepted_at) as priced_at,
         m.priced_on is null and coalesce(m.pricing, n.pricing) is not null and coalesce(m.delivered_at, n.arrived_at) is not null as is_priced
    from news n
    join numbers x on x.phone_number_id = n.phone_number_id
    left join messages m on m.provider_message_id = n.wamid and m.organization_id = x.organization_id
    left join bulk_message_jobs j on j.id = case when m.id is null then n.job_id end and j.organization_id = x.organization_id and n.attempt between 1 and j.attempts
                                 and exists (select from campaign_runs r where r.campaign_id = j.campaign_id and r.occurrence = j.occurrence
                                                and r.organization_id = j.organization_id and r.sender_id = x.sender_id)
    left join drip_message_logs l on l.id = case when m.id is null then n.job_id end and l.organization_id = x.organization_id and n.attempt between 1 and l.attempts
                                 and exists (select from drip_campaigns d where d.id = l.campaign_id and d.organization_id = l.organization_id
                                                and coalesce(d.sender_id, x.sender_id) = x.sender_id) -- null: the default one of that time
   where case when m.id is null then coalesce(j.id, l.id) is not null else m.direction = 'outbound' and m.sender_id = x.sender_id end
   order by n.wamid, x.organization_id, n.phone_number_id
), owned as materialized ( -- with what a trigger would find row by row
  select f.*, case when k.id is not null then (f.priced_at at time zone f.timezone)::date end as priced_on, adsapp_calling_code(k.phone) as calling_code
    from found f left join contacts k on k.id = case when f.is_priced then f.contact_id end and k.organization_id = f.organization_id
), known as ( -- in the order of owned: two batches that tell of the same messages do not wait for each other
  update messages m
     set status = case when adsapp_status_rank(o.status) > adsapp_status_rank(m.status) then o.status else m.status end,
         sent_at = case when m.type = 'unknown' then least(m.sent_at, o.accepted_at) else m.sent_at end, -- the POST's answer knows better
         delivered_at = least(m.delivered_at, o.arrived_at),
         read_at = least(m.read_at, o.read_at),
         failed_at = least(m.failed_at, o.failed_at),
         webhook_at = coalesce(m.webhook_at, adsapp_now()),
         error_code = coalesce(m.error_code, o.error_code),
         error = coalesce(m.error, o.error),
         pricing = coalesce(m.pricing, o.pricing),
         priced_on = coalesce(m.priced_on, o.priced_on),
         calling_code = case when m.priced_on is null then o.calling_code else m.calling_code end
    from owned o
   where m.id = o.message_id and m.organization_id = o.organization_id
     and (adsapp_status_rank(o.status) > adsapp_status_rank(m.status)
          or m.webhook_at is null
          or (m.type = 'unknown' and o.accepted_at < m.sent_at)
          or o.arrived_at < coalesce(m.delivered_at, 'infinity')
          or o.read_at < coalesce(m.read_at, 'infinity')
          or o.failed_at < coalesce(m.failed_at, 'infinity')
          or (m.pricing is null and o.pricing is not null))
), added as (
  insert into messages (organization_id, direction, contact_id, sender_id, bulk_message_job_id, drip_message_log_id, attempt, type, provider_message_id, status,
                        sent_at, delivered_at, read_at, failed_at, webhook_at, error_code, error, pricing, priced_on, calling_code)
  select o.organization_id, 'outbound', o.contact_id, o.sender_id, o.known_job, o.known_log, o.attempt, 'unknown', o.wamid, o.status,
         o.accepted_at, o.arrived_at, o.read_at, o.failed_at, adsapp_now(), o.error_code, o.error, o.pricing, o.priced_on, o.calling_code
    from owned o
   where o.message_id is null
   order by o.wamid
  on conflict (provider_message_id, organization_id) do nothing
  returning provider_message_id, organization_id
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
       coalesce(n.failed_at is not null and o.is_first_failure, false) as has_failed, coalesce(o.moves_answers, false) as moves_answers,
       o.wamid is not null and o.message_id is null and a.provider_message_id is null as is_missed
  from news n
  left join numbers x on x.phone_number_id = n.phone_number_id and x.owners = 1 -- a number of two organizations names neither
  left join owned o on o.wamid = n.wamid and o.phone_number_id = n.phone_number_id
  left join added a on a.provider_message_id = o.wamid and a.organization_id = o.organization_id

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
-- What people say first, then the oldest. $1 how many at most, $2 bytes after which no further one is taken: what is applied at once is soon done.
with waiting as materialized (
  select i.id, i.body, octet_length(i.body) as bytes, adsapp_is_of_people(i.body) as is_of_people
    from webhook_inbox i
   where i.processed_at is null and i.error is null
   order by adsapp_is_of_people(i.body) desc, i.id limit $1
     for update skip locked
)
select w.id, w.body
  from (select n.*, sum(n.bytes) over (order by n.is_of_people desc, n.id) - n.bytes as bytes_before from waiting n) w
 where w.bytes_before < $2
 order by w.id

-- name: closeBodies
-- $1 ids, $2 what went wrong (null: applied), $3 whose they are.
update webhook_inbox i
   set processed_at = case when b.error is null then adsapp_now() end, error = b.error, attempts = i.attempts + 1,
       organization_id = coalesce(i.organization_id, b.organization_id)
  from unnest($1::bigint[], $2::text[], $3::uuid[]) as b(id, error, organization_id)
 where i.id = b.id

-- name: storeBodies
insert into webhook_inbox (body, source) select b, $2 from unnest($1::text[]) as b
