-- Brings everyone who is in a drip to its current version, by the order of steps: what waits says from now on what that version says at
-- its place, and is planned again where that version has another time for it; whoever is past its last step is done.
create function move_drip_enrollments(p_campaign_id uuid, p_organization_id uuid, out moved integer, out replanned integer, out completed integer)
language plpgsql security definer set search_path = '' as $$
declare
  people uuid[];
  again uuid[];
  gaps interval[];
begin
  people := array(select e.id from public.drip_enrollments e
                    join public.drip_campaigns c on c.id = e.campaign_id and c.organization_id = e.organization_id
                   where e.campaign_id = p_campaign_id and e.organization_id = p_organization_id and e.ended_at is null and e.version <> c.current_version
                   order by e.id for no key update of e);
  update public.drip_enrollments e set version = c.current_version
    from public.drip_campaigns c
   where c.id = e.campaign_id and c.organization_id = e.organization_id and e.id = any (people) and e.organization_id = p_organization_id;
  with waiting as materialized (
    select l.id, e.id as enrollment_id, e.status, e.next_message_at, n.id as step_id,
           case when n.id is not null and l.attempts = 0 and (n.delay_type, n.delay_value, n.send_at) is distinct from (o.delay_type, o.delay_value, o.send_at)
                then greatest(t.due, coalesce(e.paused_at, c.paused_at, public.adsapp_now())) end as due -- a pause stopped the clock
      from public.drip_message_logs l
      join public.drip_enrollments e on e.id = l.enrollment_id and e.organization_id = l.organization_id
      join public.drip_campaigns c on c.id = l.campaign_id and c.organization_id = l.organization_id
      join public.organizations g on g.id = l.organization_id
      join public.contacts k on k.id = l.contact_id and k.organization_id = l.organization_id
      join public.drip_campaign_steps o on o.id = l.step_id and o.organization_id = l.organization_id
      left join public.drip_campaign_steps n on n.campaign_id = l.campaign_id and n.organization_id = l.organization_id
                                            and n.version = e.version and n.step_order = l.step_order
      left join lateral (select b.* from public.drip_message_logs b
                          where b.enrollment_id = l.enrollment_id and b.organization_id = l.organization_id and b.step_order < l.step_order
                          order by b.step_order desc limit 1) b on true
      left join lateral public.next_step_time(coalesce(b.sent_at, case when b.status = 'unknown' then b.dispatched_at end, l.created_at),
                                              coalesce(b.gap_shift, '0'), n.delay_type, n.delay_value, n.send_at, coalesce(k.timezone, g.timezone)) t on n.id is not null
     where l.enrollment_id = any (people) and l.organization_id = p_organization_id and l.status = 'pending'
  ), changed as (
    update public.drip_message_logs l
       set step_id = coalesce(w.step_id, l.step_id), status = case when w.step_id is null then 'skipped' else l.status end,
           skip_reason = case when w.step_id is null then 'step_removed' end, next_attempt_at = case when w.step_id is not null then l.next_attempt_at end
      from waiting w where l.id = w.id and l.organization_id = p_organization_id and l.status = 'pending' -- not claimed meanwhile
  ), paused as ( -- their resume adds the gap, the hours and the days with room
    update public.drip_enrollments e set next_message_at = w.due
      from waiting w where e.id = w.enrollment_id and e.organization_id = p_organization_id and w.status = 'paused' and w.due is not null
  )
  select array_agg(w.enrollment_id) filter (where w.status = 'active'), array_agg(w.due - w.next_message_at) filter (where w.status = 'active'), count(*)
    into again, gaps, replanned
    from waiting w where w.due is not null and w.next_message_at is not null;
  if again is not null then
    perform public.shift_drip_steps(again, gaps);
  end if;
  perform public.plan_drip_steps(people);
  moved := cardinality(people);
  completed := (select count(*) from public.drip_enrollments e where e.id = any (people) and e.organization_id = p_organization_id and e.status = 'completed');
end $$;
revoke execute on function move_drip_enrollments(uuid, uuid) from public;
grant execute on function move_drip_enrollments(uuid, uuid) to adsapp_worker;
comment on function move_drip_enrollments(uuid, uuid) is 'drip update --migrate-active';
