-- name: weighLogs
-- $1 sender to $8 as in weighJobs. Due logs of the lane's active drips, in turn; the gates are checked here,
-- at the last moment before a byte leaves. What is skipped here is over: the log's trigger plans the next step.
with lane as materialized (
  LANE
   where s.id = $1 and HELD
     and s.state <> 'halted' and o.paused_at is null
     and (s.state <> 'slowed' or s.rests_until is null or s.rests_until <= adsapp_now())
), drips as materialized (
  select DRIP
    from lane l
    join drip_campaigns d on d.organization_id = l.organization_id and d.status = 'active'
                         and (d.sender_id = l.id or (d.sender_id is null and l.is_default))
), found as materialized (
  select x.*, row_number() over (partition by x.campaign_id order by x.next_attempt_at) as turn
    from lane l cross join drips d cross join lateral (
      select j.id, j.campaign_id, j.enrollment_id, j.contact_id, j.step_id, j.next_attempt_at
        from drip_message_logs j
       where j.campaign_id = d.id and j.next_attempt_at <= l.now
       order by j.next_attempt_at limit $3 for no key update skip locked) x
), picked as materialized (
  select f.*, row_number() over () as place from (select * from found order by turn, random() limit $3) f
), GATED_LOGS, JUDGED

-- name: takeLogs
verdicts as materialized ( -- who leaves is not skipped here: the log ends with the enrollment (leaveDrips)
  select j.*, coalesce(j.skip_reason in ('exited', 'opted_out', 'suppressed', 'blocked', 'erased', 'no_address'), false) as leaves from judged j where not j.is_over
), taken as (
  update drip_message_logs j
     set status = case v.becomes when 'skip' then 'skipped' when 'later' then 'pending' else 'dispatching' end,
         skip_reason = case v.becomes when 'skip' then v.skip_reason end,
         next_attempt_at = case v.becomes when 'later' then v.next_at end,
         attempts = j.attempts + (v.becomes = 'send')::int,
         dispatched_at = case v.becomes when 'send' then v.now else j.dispatched_at end,
         lane_token = case v.becomes when 'send' then $2::uuid end
    from verdicts v
   where j.id = v.id and j.status = 'pending' and not v.leaves
  returning j.id, j.campaign_id, v.step_id as occurrence, v.contact_id, j.attempts, j.max_attempts, j.waits, v.becomes as verdict,
            v.enrollment_id, v.skip_reason as reason, v.phone, v.bsuid, v.first_name, v.last_name, v.email, v.language, v.attributes
), opened as (
  insert into lane_windows (id, organization_id, sender_id, lane_token, job_ids)
  select $4::uuid, l.organization_id, l.id, $2::uuid, array_agg(k.id) from taken k cross join lane l
   where k.verdict = 'send' group by l.organization_id, l.id
), COUNTED
select k.id, k.campaign_id as "campaignId", k.occurrence, k.contact_id as "contactId", k.attempts, k.max_attempts as "maxAttempts", k.waits, k.verdict,
       k.enrollment_id as "enrollmentId", k.reason, k.phone, k.bsuid, k.first_name as "firstName", k.last_name as "lastName", k.email, k.language,
       k.attributes, 'd' as kind
  from taken k
union all
select null, null, v.step_id, v.contact_id, null, null, null, 'leave', v.enrollment_id, v.skip_reason,
       v.phone, v.bsuid, v.first_name, v.last_name, v.email, v.language, v.attributes, 'd'
  from verdicts v where v.leaves

-- name: drip
d.id, d.organization_id, d.exit_when,
         not coalesce((d.settings ->> 'transactional')::boolean, false) as marketing,
         coalesce((d.settings ->> 'requireOptIn')::boolean, false) as require_opt_in,
         coalesce((d.settings ->> 'respectBusinessHours')::boolean, false) as business_hours_only,
         (d.settings #>> '{quietHours,0}')::time as quiet_from, (d.settings #>> '{quietHours,1}')::time as quiet_to

-- name: gatedLogs
-- Stands behind picked, drips and lane.
gated as materialized (
  select p.id, p.campaign_id, p.contact_id, p.step_id, p.enrollment_id, p.place, l.now, d.marketing or t.category is not distinct from 'MARKETING' as marketing,
         coalesce(c.last_inbound_at > l.now - interval '24 hours', false) as in_window, c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.attributes,
         coalesce(adsapp_contact_gate(c, d.marketing or t.category is not distinct from 'MARKETING', d.require_opt_in),
                  case when l.provider = 'whatsapp-cloud' and coalesce(s.message ->> 'type', s.message_type) <> 'template'
                            and coalesce(c.last_inbound_at, '-infinity') <= l.now - interval '24 hours' then 'outside_service_window'
                       when adsapp_meets_any(c, d.exit_when, e.enrolled_at) then 'exited'
                       when s.conditions is not null and not adsapp_meets(c, s.conditions, null) then 'condition_not_met' end) as reason,
         case when d.business_hours_only or d.quiet_from is not null then
           (select coalesce(case when d.business_hours_only then next_business_time(h.loud, l.business_hours, h.zone) else h.loud end,
                            l.now + interval '1 day')
              from (select z.zone, next_loud_time(case when d.business_hours_only then next_business_time(l.now, l.business_hours, z.zone)
                                                       else l.now end, d.quiet_from, d.quiet_to, z.zone) as loud
                      from (select coalesce(c.timezone, l.timezone) as zone) z) h) end as later
    from picked p
    join drips d on d.id = p.campaign_id
    join drip_enrollments e on e.id = p.enrollment_id and e.organization_id = d.organization_id
    join drip_campaign_steps s on s.id = p.step_id and s.organization_id = d.organization_id
    left join message_templates t on t.organization_id = d.organization_id
         and case when s.message is null then t.id = s.template_id else t.name = s.message ->> 'template' and t.language = s.message ->> 'language' end
    join contacts c on c.id = p.contact_id and c.organization_id is not distinct from d.organization_id -- no way to find them by: that would be all of them
   cross join lane l
)

-- name: leaveDrips
-- Whom the claim found to have no place in the drip any more: $1 enrollments, $2 why (exited, opted_out, blocked …).
update drip_enrollments e
   set status = case when g.reason = 'opted_out' then 'opted_out' else 'dropped' end, exit_reason = g.reason
  from unnest($1::uuid[], $2::text[]) as g(id, reason)
 where e.id = g.id and e.ended_at is null

-- name: stepDefinitions
-- What a step says now, in the shape of a broadcast's frozen definition. $1 steps.
select s.campaign_id, s.id as occurrence, o.name as organization_name,
       jsonb_build_object('name', d.name,
         'message', coalesce(s.message, case when s.message_type = 'template'
                                             then jsonb_build_object('type', 'template', 'template', t.name, 'language', t.language, 'variables', s.variables)
                                             else jsonb_build_object('type', 'text', 'text', coalesce(s.message_content, '')) end),
         'template', case when t.id is not null then jsonb_build_object('name', t.name, 'language', t.language, 'category', t.category,
                       'parameterFormat', t.parameter_format, 'components', t.components, 'variables', t.variables) end) as definition
  from drip_campaign_steps s
  join drip_campaigns d on d.id = s.campaign_id and d.organization_id = s.organization_id
  join organizations o on o.id = s.organization_id
  left join message_templates t on t.organization_id = s.organization_id
       and case when s.message is null then t.id = s.template_id else t.name = s.message ->> 'template' and t.language = s.message ->> 'language' end
 where s.id = any ($1::uuid[])
