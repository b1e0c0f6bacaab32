-- name: runOccurrences
-- $1 campaigns that are due, locked, $2 their planned instants, $3 the ones after, $4 why one cannot go on. What held an occurrence up while the one
-- before was under way, or until a person resumed it, is not its lateness.
update bulk_campaigns c
   set status = case when p.reason is null then 'running' else 'paused' end,
       scheduled_at = w.occurrence, next_occurrence_at = w.next,
       started_at = case when p.reason is null then adsapp_now() else c.started_at end,
       paused_at = case when p.reason is not null then adsapp_now() end, pause_reason = p.reason,
       resume_as = case when p.reason is not null then 'scheduled' end
  from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[]) as w(id, occurrence, next, fault)
  join bulk_campaigns b on b.id = w.id
 cross join lateral (
   select coalesce(w.fault, adsapp_template_fault(b), case when greatest(w.occurrence, b.last_completed_at, b.resumed_at) < adsapp_now() - coalesce(b.settings ->> 'maxLateness', '12h')::interval
                                 then 'later than maxLateness: it was due at ' || to_char(w.occurrence at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end) as reason) p
 where c.id = w.id and c.organization_id = b.organization_id
returning c.status
