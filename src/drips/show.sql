-- name: countPeople
select e.status, e.exit_reason as reason, count(*)::int as count
  from drip_enrollments e where e.campaign_id = $2 and e.organization_id = $1 group by 1, 2 order by 3 desc, 1, 2

-- name: countSteps
-- Messages by step and version. Whoever left at a step has dropped there; what others were not sent there was skipped.
select s.version, s.step_order as step, s.delay_type, s.delay_value, to_char(s.send_at, 'HH24:MI') as send_at,
       coalesce(s.message ->> 'template', t.name, s.message ->> 'text', s.message_content, s.message ->> 'type', s.message_type) as says,
       count(*) filter (where l.status in ('pending', 'dispatching'))::int as waiting,
       count(*) filter (where l.status = 'unknown')::int as unknown,
       count(l.sent_at)::int as sent, count(l.delivered_at)::int as delivered, count(l.read_at)::int as read, count(l.replied_at)::int as replied,
       count(*) filter (where l.status = 'failed')::int as failed,
       count(*) filter (where l.status = 'skipped' and not g.has_left)::int as skipped,
       count(*) filter (where g.has_left)::int as dropped
  from drip_campaigns c
  join drip_campaign_steps s on s.campaign_id = c.id and s.organization_id = c.organization_id
  left join message_templates t on t.id = s.template_id and t.organization_id = s.organization_id
  left join drip_message_logs l on l.step_id = s.id and l.organization_id = s.organization_id
  left join drip_enrollments e on e.id = l.enrollment_id and e.organization_id = l.organization_id
  cross join lateral (select e.status in ('dropped', 'opted_out') and l.step_order = e.current_step_order as has_left) g
 where c.id = $2 and c.organization_id = $1
 group by s.id, s.organization_id, s.version, s.step_order, t.id, t.organization_id, t.name, c.current_version
having s.version = c.current_version or count(l.id) > 0
 order by s.version desc, s.step_order

-- name: countReasons
-- Why messages of a step failed or were skipped, and why people left there.
select s.version, s.step_order as step, r.what, r.reason, count(*)::int as count
  from drip_message_logs l
  join drip_campaign_steps s on s.id = l.step_id and s.organization_id = l.organization_id
  join drip_enrollments e on e.id = l.enrollment_id and e.organization_id = l.organization_id
  cross join lateral (select e.status in ('dropped', 'opted_out') and l.step_order = e.current_step_order as has_left) g
  cross join lateral (
    select 'failed' as what, coalesce(l.error_code, l.error, 'unknown') as reason where l.status = 'failed'
    union all select 'skipped', l.skip_reason where l.status = 'skipped' and not g.has_left
    union all select 'dropped', coalesce(e.exit_reason, e.status) where g.has_left) r
 where l.campaign_id = $2 and l.organization_id = $1
 group by 1, 2, 3, 4 order by 5 desc, 4
