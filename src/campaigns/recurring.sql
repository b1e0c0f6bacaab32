-- name: runOccurrences
-- $1 campaigns that are due, locked, $2 their planned instants, $3 the ones after, $4 why one cannot go on, $5 the zone in which a local time began
-- (null: it is an instant for everyone). What held an occurrence up while the one before was under way, or until a person resumed it, is not its
-- lateness; nor is a zone that nobody lived in when it was planned. A local time that has begun before only waits for the next one.
update bulk_campaigns c
   set status = case when p.is_over then case when w.next is null then 'completed' else 'scheduled' end when p.reason is null then 'running' else 'paused' end,
       scheduled_at = case when p.is_over then coalesce(w.next, b.scheduled_at) else w.occurrence end,
       next_occurrence_at = case when not p.is_over then w.next end,
       local_time = case when not p.is_over and p.reason is null then p.local_time else b.local_time end,
       started_at = case when not p.is_over and p.reason is null then adsapp_now() else c.started_at end,
       completed_at = case when p.is_over and w.next is null then adsapp_now() end,
       paused_at = case when not p.is_over and p.reason is not null then adsapp_now() end, pause_reason = case when not p.is_over then p.reason end,
       resume_as = case when not p.is_over and p.reason is not null then 'scheduled' end
  from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[]) as w(id, occurrence, next, fault, zone)
  join bulk_campaigns b on b.id = w.id
 cross join lateral (
   select w.occurrence at time zone w.zone as local_time, coalesce(w.occurrence at time zone w.zone <= b.local_time and w.fault is null, false) as is_over,
          coalesce(w.fault, adsapp_template_fault(b),
                   case when greatest(w.occurrence, case when w.zone is not null then b.scheduled_at end, b.last_completed_at, b.resumed_at)
                             < adsapp_now() - coalesce(b.settings ->> 'maxLateness', '12h')::interval
                        then 'later than maxLateness: it was due at ' || to_char(w.occurrence at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end) as reason) p
 where c.id = w.id and c.organization_id = b.organization_id
returning c.status
