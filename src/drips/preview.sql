-- A rehearsal works on a copy of the drip, which is rolled back: no row of the drip itself is locked, and no lane waits for it.
-- The clock is set within the statement that reads it, so that it stands on the moment to the microsecond.

-- name: copyDrip
-- $1 organization, $2 drip. A draft; its people come by copyPeople.
with copy as (
  insert into drip_campaigns (organization_id, name, trigger_type, trigger_config, settings, exit_when, sender_id, current_version)
  select c.organization_id, gen_random_uuid()::text, c.trigger_type, c.trigger_config, c.settings, c.exit_when, c.sender_id, c.current_version
    from drip_campaigns c where c.id = $2 and c.organization_id = $1
  returning id, organization_id
), steps as (
  insert into drip_campaign_steps (organization_id, campaign_id, version, step_order, delay_type, delay_value, send_at, message_type, message_content,
                                   message, template_id, variables, conditions)
  select s.organization_id, c.id, s.version, s.step_order, s.delay_type, s.delay_value, s.send_at, s.message_type, s.message_content,
         s.message, s.template_id, s.variables, s.conditions
    from copy c join drip_campaign_steps s on s.campaign_id = $2 and s.organization_id = c.organization_id
), first_steps as (
  insert into drip_first_steps (organization_id, campaign_id, date, planned)
  select f.organization_id, c.id, f.date, f.planned
    from copy c join drip_first_steps f on f.campaign_id = $2 and f.organization_id = c.organization_id
)
select id from copy

-- name: copyPeople
-- $1 organization, $2 drip, $3 copy, $4 one contact with all its entries, or null: everyone who is in it and not paused.
insert into drip_enrollments (id, organization_id, campaign_id, contact_id, version, entry_no, status, exit_reason, current_step_order,
                              next_message_at, paused_at, enrolled_at, ended_at)
select md5($3::uuid::text || e.id)::uuid, e.organization_id, $3, e.contact_id, e.version, e.entry_no, e.status, e.exit_reason, e.current_step_order,
       e.next_message_at, e.paused_at, e.enrolled_at, e.ended_at
  from drip_enrollments e
 where e.campaign_id = $2 and e.organization_id = $1
   and case when $4::uuid is null then e.ended_at is null and e.status = 'active' else e.contact_id = $4 end

-- name: copyLogs
-- Their first message and their last one: all that planning reads. What is under way counts as sent.
insert into drip_message_logs (organization_id, enrollment_id, campaign_id, contact_id, step_id, step_order, scheduled_for, gap_shift, status, attempts,
                               max_attempts, waits, next_attempt_at, dispatched_at, skip_reason, sent_at, failed_at, counted_on, created_at)
select l.organization_id, n.id, n.campaign_id, l.contact_id, s.id, l.step_order, l.scheduled_for, l.gap_shift, w.status, l.attempts,
       l.max_attempts, l.waits, l.next_attempt_at, l.dispatched_at, l.skip_reason, w.sent_at, l.failed_at,
       case when w.sent_at is not null or l.failed_at is not null then coalesce(l.counted_on, (w.sent_at at time zone o.timezone)::date) end, l.created_at
  from drip_enrollments e
  join drip_enrollments n on n.id = md5($3::uuid::text || e.id)::uuid and n.organization_id = e.organization_id and n.ended_at is null
  join organizations o on o.id = e.organization_id
  cross join lateral (select min(a.step_order) as first, max(a.step_order) as last from drip_message_logs a
                       where a.enrollment_id = e.id and a.organization_id = e.organization_id) ends
  join drip_message_logs l on l.enrollment_id = e.id and l.organization_id = e.organization_id and l.step_order in (ends.first, ends.last)
  join drip_campaign_steps p on p.id = l.step_id and p.organization_id = l.organization_id
  join drip_campaign_steps s on s.campaign_id = $3 and s.organization_id = p.organization_id and s.version = p.version and s.step_order = p.step_order
  cross join lateral (select l.status in ('dispatching', 'unknown') as under_way) u
  cross join lateral (select case when u.under_way then 'sent' else l.status end as status,
                             case when u.under_way then coalesce(l.sent_at, l.dispatched_at) else l.sent_at end as sent_at) w
 where e.campaign_id = $2 and e.organization_id = $1 and ($4::uuid is null or e.contact_id = $4)

-- name: setStatus
-- $1 copy, $2 status, $3 the moment.
with clock as materialized (select set_config('adsapp.now_offset', ($3::timestamptz - statement_timestamp())::text, true) as is_set)
update drip_campaigns c set status = $2 from clock where c.id = $1 and clock.is_set is not null

-- name: enter
-- $1 organization, $2 copy, $3 contacts, $4 the moment. How many entered (reason null), and why others would not.
with clock as materialized (select set_config('adsapp.now_offset', ($4::timestamptz - statement_timestamp())::text, true) as is_set)
select r.reason, count(*)::int as count
  from clock
 cross join lateral enroll_in_drips(case when clock.is_set is not null then $1::uuid end, array_fill($2::uuid, array[cardinality($3::uuid[])]), $3, null) r
 group by r.reason order by 2 desc, 1

-- name: tagged
select t.contact_id as id from contact_tags t where t.organization_id = $1 and t.tag = $2

-- name: enrollmentOf
-- The last entry of a contact ($2) into the copy ($1).
select e.id, e.status, e.exit_reason, e.ended_at, e.enrolled_at
  from drip_enrollments e where e.campaign_id = $1 and e.contact_id = $2 order by e.entry_no desc limit 1

-- name: nextStep
-- The step that waits for an enrollment ($1), looked at when it is due and not before $2, by the gates of the claim. `moment`, `later`:
-- as text, since a Date would lose the microseconds, and come before what is due.
with open as materialized (
  select l.*, greatest(l.next_attempt_at, $2::timestamptz) as at from drip_message_logs l
   where l.enrollment_id = $1 and l.status = 'pending' and l.next_attempt_at is not null
), clock as materialized (
  select o.*, set_config('adsapp.now_offset', (o.at - statement_timestamp())::text, true) as is_set from open o
)
select l.id, l.at, l.at::text as moment, s.step_order as step, s.delay_type, s.delay_value, to_char(s.send_at, 'HH24:MI') as send_at,
       case when l.is_set is not null then
         coalesce(adsapp_contact_gate(c, not coalesce((d.settings ->> 'transactional')::boolean, false) or t.category is not distinct from 'MARKETING',
                                      coalesce((d.settings ->> 'requireOptIn')::boolean, false)),
                  case when x.provider = 'whatsapp-cloud' and coalesce(s.message ->> 'type', s.message_type) <> 'template'
                            and coalesce(c.last_inbound_at, '-infinity') <= l.at - interval '24 hours' then 'outside_service_window'
                       when adsapp_meets_any(c, d.exit_when, e.enrolled_at) then 'exited'
                       when s.conditions is not null and not adsapp_meets(c, s.conditions, null) then 'condition_not_met' end) end as reason,
       case when h.later > l.at then h.later::text end as later,
       coalesce(s.message, case when s.message_type = 'template'
                                then jsonb_build_object('type', 'template', 'template', t.name, 'language', t.language, 'variables', s.variables)
                                else jsonb_build_object('type', 'text', 'text', coalesce(s.message_content, '')) end) as message,
       case when t.id is not null then jsonb_build_object('name', t.name, 'language', t.language, 'category', t.category,
              'parameterFormat', t.parameter_format, 'components', t.components, 'variables', t.variables) end as template,
       c.phone, c.first_name, c.last_name, c.email, c.language, c.attributes
  from clock l
  join drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
  join organizations o on o.id = l.organization_id
  join drip_enrollments e on e.id = l.enrollment_id and e.organization_id = l.organization_id
  join drip_campaign_steps s on s.id = l.step_id and s.organization_id = l.organization_id
  join contacts c on c.id = l.contact_id and c.organization_id = l.organization_id
  left join senders x on x.organization_id = l.organization_id and (x.id = d.sender_id or (d.sender_id is null and x.is_default))
  left join message_templates t on t.organization_id = l.organization_id
       and case when s.message is null then t.id = s.template_id else t.name = s.message ->> 'template' and t.language = s.message ->> 'language' end
  cross join lateral (
    select coalesce(case when z.hours is null then q.loud else next_business_time(q.loud, z.hours, z.zone) end, l.at + interval '1 day') as later
      from (select coalesce(c.timezone, o.timezone) as zone,
                   case when (d.settings ->> 'respectBusinessHours')::boolean then o.business_hours end as hours) z
     cross join lateral next_loud_time(case when z.hours is null then l.at else next_business_time(l.at, z.hours, z.zone) end,
                                       (d.settings #>> '{quietHours,0}')::time, (d.settings #>> '{quietHours,1}')::time, z.zone) as q(loud)) h

-- name: closeSent
-- $1 enrollment, $2 the moment.
with clock as materialized (select set_config('adsapp.now_offset', ($2::timestamptz - statement_timestamp())::text, true) as is_set)
select schedule_next_drip_message(case when clock.is_set is not null then $1::uuid end) from clock

-- name: closeSkipped
-- $1 log, $2 the moment, $3 why. The next step is planned by trigger.
with clock as materialized (select set_config('adsapp.now_offset', ($2::timestamptz - statement_timestamp())::text, true) as is_set)
update drip_message_logs l set status = 'skipped', skip_reason = $3, next_attempt_at = null from clock where l.id = $1 and clock.is_set is not null

-- name: leave
-- $1 enrollment, $2 the moment, $3 why.
with clock as materialized (select set_config('adsapp.now_offset', ($2::timestamptz - statement_timestamp())::text, true) as is_set)
update drip_enrollments e set status = case when $3 = 'opted_out' then 'opted_out' else 'dropped' end, exit_reason = $3
  from clock where e.id = $1 and e.ended_at is null and clock.is_set is not null

-- name: calendar
-- $1 organization, $2 days: now, the local days from today on, and the moment after the last of them.
select t.now, array(select (t.today + n)::text from generate_series(0, $2::int - 1) n order by n) as dates,
       (t.today + $2::int)::timestamp at time zone t.timezone as until
  from (select adsapp_now() as now, o.timezone, (adsapp_now() at time zone o.timezone)::date as today from organizations o where o.id = $1) t

-- name: room
-- How many people a drip waits for ($1 copy), and how many messages its sender can have in a day.
select (select count(*)::int from drip_enrollments e where e.campaign_id = d.id and e.ended_at is null) as people,
       s.name as sender, least(s.throughput_per_second * 86400, p.messaging_limit) as possible
  from drip_campaigns d
  left join senders s on s.organization_id = d.organization_id and (s.id = d.sender_id or (d.sender_id is null and s.is_default))
  left join portfolios p on p.id = s.portfolio_id and p.organization_id = s.organization_id
 where d.id = $1

-- name: closeDue
-- Open steps ($1 copy) are sent at their times, not before $2 and not from $3 on, the first $4 of them; the next ones are planned by
-- trigger. Look-ups with a limit, not joins: the copy has no statistics, and the planner would begin with all contacts.
with due as materialized (
  select l.id, h.at, (h.at at time zone h.timezone)::date as date
    from drip_message_logs l
   cross join lateral (select d.settings from drip_campaigns d where d.id = l.campaign_id and d.organization_id = l.organization_id limit 1) d
   cross join lateral (select o.timezone, o.business_hours from organizations o where o.id = l.organization_id limit 1) o
   cross join lateral (select c.timezone from contacts c where c.id = l.contact_id and c.organization_id = l.organization_id limit 1) c
   cross join lateral (
     select z.timezone, coalesce(case when z.hours is null then z.loud else next_business_time(z.loud, z.hours, z.zone) end, z.at) as at
       from (select y.*, next_loud_time(case when y.hours is null then y.at else next_business_time(y.at, y.hours, y.zone) end,
                                        (d.settings #>> '{quietHours,0}')::time, (d.settings #>> '{quietHours,1}')::time, y.zone) as loud
               from (select greatest(l.next_attempt_at, $2::timestamptz) as at, o.timezone, coalesce(c.timezone, o.timezone) as zone,
                            case when (d.settings ->> 'respectBusinessHours')::boolean then o.business_hours end as hours) y) z) h
   where l.campaign_id = $1 and l.status = 'pending' and l.next_attempt_at < $3 and h.at < $3
   order by l.next_attempt_at limit $4
), closed as (
  update drip_message_logs l
     set status = 'sent', sent_at = d.at, dispatched_at = d.at, attempts = greatest(l.attempts, 1), next_attempt_at = null, counted_on = d.date
    from due d where l.id = d.id
  returning l.counted_on
)
select counted_on as date, count(*)::int as messages from closed group by 1
