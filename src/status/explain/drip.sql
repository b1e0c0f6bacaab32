-- name: dripFacts
-- Where a drip, its sender, one person's last entry and the message of its current step stand. $1 organization, $2 drip, $3 contact.
select adsapp_now() as now, d.id as campaign_id, d.name as campaign, d.status as campaign_status, d.pause_reason, d.trigger_config || jsonb_build_object('type', d.trigger_type) as trigger,
       o.name as organization_name, o.paused_at as organization_paused_at,
       s.id as sender_id, s.name as sender, s.provider, s.state as sender_state, s.halt_reason, s.throughput_per_second, s.limited_until,
       case when s.state = 'slowed' then s.rests_until end as rests_until, case when s.state = 'slowed' then s.full_rate_at end as full_rate_at,
       e.id as enrollment_id, e.status as enrollment_status, e.exit_reason, e.enrolled_at, e.ended_at, e.current_step_order, l.id as message_id, l.step_id
  from drip_campaigns d
  join organizations o on o.id = d.organization_id
  left join senders s on s.organization_id = d.organization_id and case when d.sender_id is null then s.is_default else s.id = d.sender_id end
  left join lateral (select x.* from drip_enrollments x where x.campaign_id = d.id and x.contact_id = $3 and x.organization_id = d.organization_id
                      order by x.entry_no desc limit 1) e on true
  left join lateral (select x.id, x.step_id from drip_message_logs x where x.enrollment_id = e.id and x.organization_id = e.organization_id
                      order by x.step_order desc limit 1) l on true
 where d.id = $2 and d.organization_id = $1

-- name: weighDrip
-- The message of one person's step held against a claim's gates and limits, by the claim's own text. $1 sender, $2 drip, $3 log, $4 contact, $5 to $8
-- as in a claim.
with lane as materialized (
  LANE
   where s.id = $1
), drips as materialized (
  select DRIP from lane l join drip_campaigns d on d.id = $2 and d.organization_id = l.organization_id
), picked as materialized (
  select j.id, j.campaign_id, j.enrollment_id, j.contact_id, j.step_id, j.next_attempt_at, 1 as place
    from drip_message_logs j join lane l on l.organization_id = j.organization_id where j.id = $3
), GATED_LOGS, JUDGED
select n.reason, n.becomes, n.later, n.is_capped, n.wait, n.in_window, n.marketing, n.now,
       l.provider = 'whatsapp-cloud' and coalesce(s.message ->> 'type', s.message_type) <> 'template' as needs_window,
       d.require_opt_in, d.business_hours_only, d.quiet_from::text, d.quiet_to::text,
       coalesce(c.timezone, l.timezone) as zone, c.timezone is not null as is_own_zone, l.cap, l.portfolio_id is not null as is_limited, l.room,
       coalesce(n.is_free, false) as is_free, 0 as ahead, y.at as cap_free_at,
       (select min(r.at) filter (where r.at > l.now - interval '24 hours') + interval '24 hours' from portfolio_reach r
         where r.portfolio_id = l.portfolio_id and r.organization_id = l.organization_id) as room_at,
       s.step_order, s.conditions, c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.attributes,
       c.last_inbound_at, c.opted_in_at, c.opted_out_at, c.opt_out_source, c.blocked_at, c.erased_at, c.undeliverable_at
  from judged n cross join lane l cross join drips d
  join drip_campaign_steps s on s.id = n.step_id and s.organization_id = l.organization_id
  join contacts c on c.id = $4 and c.organization_id = l.organization_id
 cross join lateral (select (array_agg(e.at order by e.at desc))[l.cap] + (l.now - l.cap_since) as at TOUCHES) y

-- name: mayEnter
-- Why a contact could not enter now; null: it could. In a transaction that is rolled back.
select r.reason from enroll_in_drips($1, array[$2::uuid], array[$3::uuid], null) r
