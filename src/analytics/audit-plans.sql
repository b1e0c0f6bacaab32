What a campaign plans beside its message holds of what was sent; as in audit.sql. $1: one organization, or null for all.

-- name: variants_as_drawn
-- Who got which variant, and who was held out, is what their share says. (Rows that were another person's before two became one were drawn by that one.)
with runs as materialized (
  select r.campaign_id, r.occurrence, r.organization_id, (r.definition #>> '{settings,holdout}')::double precision / 100 as holdout, v.names, v.bounds
    from campaign_runs r
    cross join lateral (
      select array_agg(w.name order by w.n) as names, (array_agg(w.upto / w.whole order by w.n))[:count(*) - 1] as bounds
        from (select e.variant ->> 'name' as name, e.n, sum(coalesce((e.variant ->> 'weight')::double precision, 1)) over (order by e.n) as upto,
                     sum(coalesce((e.variant ->> 'weight')::double precision, 1)) over () as whole
                from jsonb_array_elements(nullif(r.definition -> 'variants', 'null')) with ordinality e(variant, n)) w) v
   where ($1::uuid is null or r.organization_id = $1) and (v.names is not null or (r.definition #>> '{settings,holdout}') is not null)
), drawn as (
  select j.id, j.organization_id, j.contact_id, j.variant, j.attempts,
         coalesce(r.holdout > adsapp_share(j.campaign_id, j.contact_id, 'holdout'), false) as is_held_out,
         case when r.names is not null then r.names[1 + width_bucket(adsapp_share(j.campaign_id, j.contact_id, 'variant'), r.bounds)] end as should
    from runs r join bulk_message_jobs j on j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.organization_id = r.organization_id
   where j.status <> 'skipped' or j.attempts > 0
)
select format('job %s: variant %s, drawn %s%s', d.id, d.variant, d.should, case when d.is_held_out then ', held out' end) as example
  from drawn d
 where (d.variant is distinct from d.should or (d.is_held_out and d.attempts > 0))
   and not exists (select from contacts m where m.merged_into = d.contact_id and m.organization_id = d.organization_id)

-- name: pair_limit
-- Meta takes a message each 6 s to a person from a number, and a burst of 45. What is known is when each was answered, within 30 s: 51 of
-- them take 36 s, so their answers no less than 6.
with often as materialized (
  select m.sender_id, m.contact_id, m.organization_id
    from messages m join senders s on s.id = m.sender_id and s.organization_id = m.organization_id and s.provider = 'whatsapp-cloud'
   where m.direction = 'outbound' and m.sent_at is not null and ($1::uuid is null or m.organization_id = $1)
   group by 1, 2, 3 having count(*) > 50
), answered as (
  select m.sender_id, m.contact_id, m.sent_at as at, lag(m.sent_at, 50) over (partition by m.sender_id, m.contact_id order by m.sent_at) as earlier
    from often o
    join messages m on m.contact_id = o.contact_id and m.organization_id = o.organization_id and m.sender_id = o.sender_id
   where m.direction = 'outbound' and m.sent_at is not null
)
select format('contact %s from sender %s: 51 messages within 6 s, up to %s', a.contact_id, a.sender_id, max(a.at)) as example
  from answered a
 where a.earlier > a.at - interval '6 seconds'
   and a.earlier > coalesce((select max(d.erased_at) from contacts d where d.merged_into = a.contact_id), '-infinity')
 group by a.contact_id, a.sender_id

-- name: throughput
-- A number sends no more a second than it may. What is known is when each was answered: in any minute no more than its throughput, and what
-- may be open at once (500) when that begins. Since the sender was last changed.
with changed as materialized (
  select l.subject_id, max(l.at) as at from audit_log l
   where ($1::uuid is null or l.organization_id = $1) and l.subject_type = 'senders' and l.action = 'update'
   group by l.subject_id
), answered as (
  select s.name, m.sent_at as at, lag(m.sent_at, 60 * s.throughput_per_second + 500) over (partition by m.sender_id, m.organization_id order by m.sent_at) as earlier
    from senders s
    left join changed c on c.subject_id = s.id
    join messages m on m.sender_id = s.id and m.organization_id = s.organization_id and m.sent_at > coalesce(c.at, '-infinity')
   where ($1::uuid is null or s.organization_id = $1) and s.provider = 'whatsapp-cloud' and m.direction = 'outbound'
)
select format('sender "%s": more messages than its throughput allows within the minute up to %s', a.name, a.at) as example
  from answered a where a.earlier > a.at - interval '1 minute'

-- name: contacts_per_day
-- No day has more first steps of a drip than maxContactsPerDay, of whom entered since its settings and the organization's time zone are these.
with changed as materialized (
  select l.subject_id, max(l.at) as at from audit_log l
   where ($1::uuid is null or l.organization_id = $1) and l.action = 'update'
     and ((l.subject_type = 'organizations' and l.details ? 'timezone') or (l.subject_type = 'drip_campaigns' and l.details ? 'settings'))
   group by l.subject_id
)
select format('drip "%s" on %s: %s first steps, at most %s', d.name, n.day, n.steps, d.settings ->> 'maxContactsPerDay') as example
  from drip_campaigns d
  join organizations o on o.id = d.organization_id
  left join changed h on h.subject_id = d.id
  left join changed z on z.subject_id = o.id
 cross join lateral (select (l.scheduled_for at time zone o.timezone)::date as day, count(*) as steps
                       from drip_message_logs l join drip_enrollments e on e.id = l.enrollment_id and e.organization_id = l.organization_id
                      where l.campaign_id = d.id and l.step_order = 1 and e.enrolled_at > greatest(h.at, z.at, '-infinity') group by 1) n
 where ($1::uuid is null or d.organization_id = $1) and n.steps > (d.settings ->> 'maxContactsPerDay')::int

-- name: canary_first
-- Until it is known how a canary went, nobody beyond it was dispatched to.
select format('campaign "%s": %s people of a canary of %s', c.name, n.people, r.canary) as example
  from campaign_runs r
  join bulk_campaigns c on c.id = r.campaign_id and c.organization_id = r.organization_id
 cross join lateral (select count(*) as people from bulk_message_jobs j
                      where j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.organization_id = r.organization_id and j.dispatched_at is not null) n
 where r.canary is not null and n.people > r.canary and ($1::uuid is null or r.organization_id = $1)

-- name: within_hours
-- No message leaves outside the organization's hours or within quiet ones, where its campaign respects them: by the clock of the claim, and as
-- long as hours, settings and the person's time zone are what they were then.
with changed as materialized (
  select l.subject_id, max(l.at) as at from audit_log l
   where ($1::uuid is null or l.organization_id = $1) and l.action = 'update'
     and ((l.subject_type = 'organizations' and l.details ?| array['business_hours', 'timezone']) or (l.subject_type = 'drip_campaigns' and l.details ? 'settings'))
   group by l.subject_id
), settings as materialized (
  select r.campaign_id, r.occurrence, r.organization_id, r.definition -> 'settings' as value, '-infinity'::timestamptz as since
    from campaign_runs r where ($1::uuid is null or r.organization_id = $1) and r.definition -> 'settings' ?| array['respectBusinessHours', 'quietHours']
  union all
  select d.id, null, d.organization_id, d.settings, coalesce(k.at, '-infinity') from drip_campaigns d left join changed k on k.subject_id = d.id
   where ($1::uuid is null or d.organization_id = $1) and d.settings ?| array['respectBusinessHours', 'quietHours']
), sent as (
  select 'job' as kind, j.id, j.dispatched_at as at, j.contact_id, s.*
    from settings s join bulk_message_jobs j on j.campaign_id = s.campaign_id and j.occurrence = s.occurrence and j.organization_id = s.organization_id
  union all
  select 'log', l.id, l.dispatched_at, l.contact_id, s.*
    from settings s join drip_message_logs l on l.campaign_id = s.campaign_id and l.organization_id = s.organization_id where s.occurrence is null
), instants as ( -- a window's messages leave at one: each is judged once
  select m.kind, min(m.id::text) as id, count(*) as messages, m.at, o.business_hours, coalesce(c.timezone, o.timezone) as zone,
         coalesce((m.value ->> 'respectBusinessHours')::boolean, false) as hours_only,
         (m.value #>> '{quietHours,0}')::time as quiet_from, (m.value #>> '{quietHours,1}')::time as quiet_to
    from sent m
    join organizations o on o.id = m.organization_id
    join contacts c on c.id = m.contact_id and c.organization_id = m.organization_id and c.updated_at <= m.at
    left join changed k on k.subject_id = o.id
   where m.at > greatest(m.since, coalesce(k.at, '-infinity'))
   group by 1, 4, 5, 6, 7, 8, 9
)
select format('%s %s: dispatched %s (%s messages), when it is %s in %s', i.kind, i.id, i.at, i.messages, i.at at time zone i.zone, i.zone) as example
  from instants i
 where (i.hours_only and coalesce(next_business_time(i.at, i.business_hours, i.zone), 'infinity') > i.at)
    or (i.quiet_from is not null and next_loud_time(i.at, i.quiet_from, i.quiet_to, i.zone) > i.at)
