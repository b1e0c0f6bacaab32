-- name: enrollContacts
-- $1 organization, $2 drip, $3 contacts. How many entered (reason null), and why others did not.
select r.reason, count(*)::int as count
  from enroll_in_drips($1, array_fill($2::uuid, array[cardinality($3::uuid[])]), $3, auth.uid()) r
 group by r.reason order by 2 desc, 1

-- name: unenrollContacts
update drip_enrollments set status = 'dropped', exit_reason = 'unenrolled'
 where campaign_id = $2 and organization_id = $1 and contact_id = any ($3::uuid[]) and ended_at is null

-- name: freeDispatching
-- $1 organization, $2 drip or null; so in the others. A claim holds what it dispatches in a window: without one nobody will tell.
update drip_message_logs l
   set status = 'unknown', unknown_since = coalesce(l.dispatched_at, adsapp_now()), lane_token = null,
       error_code = 'crash', error = 'no process holds it (drip free)'
 where l.organization_id = $1 and ($2::uuid is null or l.campaign_id = $2) and l.status = 'dispatching'
   and not exists (select from lane_windows w where w.organization_id = l.organization_id and w.lane_token = l.lane_token and l.id = any (w.job_ids))

-- name: freePending
-- What waits, and nobody looks at.
with stuck as materialized (
  select l.id, e.id as enrollment_id, l.scheduled_for
    from drip_enrollments e
    join drip_message_logs l on l.enrollment_id = e.id and l.organization_id = e.organization_id and l.status = 'pending' and l.next_attempt_at is null
   where e.organization_id = $1 and ($2::uuid is null or e.campaign_id = $2) and e.status = 'active'
   order by e.id for no key update of e
), planned as (
  update drip_enrollments e set next_message_at = s.scheduled_for
    from stuck s where e.id = s.enrollment_id and e.organization_id = $1 and e.next_message_at is distinct from s.scheduled_for
)
update drip_message_logs l set next_attempt_at = s.scheduled_for
  from stuck s where l.id = s.id and l.organization_id = $1 and l.status = 'pending'

-- name: freeUnplanned
-- Whoever has no step open, though a step or the end is to come.
select plan_drip_steps(array(
  select e.id from drip_enrollments e
    join drip_campaigns c on c.id = e.campaign_id and c.organization_id = e.organization_id and c.status in ('active', 'paused')
   where e.organization_id = $1 and ($2::uuid is null or e.campaign_id = $2) and e.status = 'active'
     and not exists (select from drip_message_logs l
                      where l.enrollment_id = e.id and l.organization_id = e.organization_id
                        and (l.status in ('pending', 'dispatching')
                             or (l.status = 'unknown' and not adsapp_is_held(c.settings ->> 'onUnknown', l.attempts, l.max_attempts, l.dispatched_at)))))) as freed
