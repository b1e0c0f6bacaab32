-- A claim is two texts: what it finds and judges, and what it takes of that. The first alone, without its locks, is a look (look.ts): what
-- explain and a dry run tell is what a claim would do. Words in capitals stand for the parts that several statements share.

-- name: weighJobs
-- $1 sender, $2 lane token, $3 how many, $4 id of the window, $5 whether the frequency cap binds, $6 the portfolio whose messaging limit
-- does, or null (both locked: limits.sql), $7 contacts and $8 seconds that each has borrowed of its pair limit, $9 the last class that may
-- have room (1 transactional, 2 others).
-- Running campaigns share the window by water-filling within their class; one LATERAL each, so that a campaign at its
-- quota costs nothing. The gates are checked here, at the last moment before a byte leaves.
with lane as materialized (
  LANE
   where s.id = $1 and HELD
     and s.state <> 'halted' and o.paused_at is null
     and (s.state <> 'slowed' or s.rests_until is null or s.rests_until <= adsapp_now())
), runs as materialized (
  select RUN
    from lane l
    join bulk_campaigns c on c.sender_id = l.id and c.status = 'running'
    join campaign_runs r on r.campaign_id = c.id and r.organization_id = c.organization_id and r.class <= $9
    -- The lock shows r as it is now, but the jobs are read as they were when the statement began: so far, and no farther.
    join campaign_runs seen on seen.campaign_id = r.campaign_id and seen.occurrence = r.occurrence and seen.organization_id = r.organization_id
    PACE
   where (r.next_seq < r.expanded_seq and k.canary_left is distinct from 0)
      or exists (select from bulk_message_jobs j where j.campaign_id = r.campaign_id and j.next_attempt_at <= l.now
                    and (k.canary_left is distinct from 0 or j.dispatched_at is not null))
   order by r.campaign_id, r.occurrence
     for no key update of r skip locked
), quotas as (
  select r.*, l.now,
         least($3::int, case when r.canary_left > 0 then r.canary_left end, -- nulls do not count
               HOURLY) as quota
    from runs r cross join lane l
), shares as (
  select q.*, ($3 - coalesce(sum(q.quota) over (w rows between unbounded preceding and 1 preceding), 0))::numeric
              / (count(*) over (partition by q.class) - row_number() over w + 1) as share
    from quotas q where q.quota > 0
  window w as (partition by q.class order by q.quota, q.campaign_id, q.occurrence)
), takes as materialized (
  select s.*, least(s.quota, ceil(max(s.share) over (partition by s.class)))::int as take from shares s
), found as materialized (
  select t.campaign_id, t.occurrence, t.class, t.take, x.id, x.organization_id, x.contact_id, x.seq, x.first_attempt, x.is_new,
         row_number() over (partition by t.campaign_id, t.occurrence order by x.first_attempt, x.seq) as turn
    from takes t cross join lateral (
      select y.* from (
        select * from (
          select j.id, j.organization_id, j.contact_id, j.seq, false as first_attempt, j.dispatched_at is null as is_new
            from bulk_message_jobs j
           where j.campaign_id = t.campaign_id and j.occurrence = t.occurrence and j.next_attempt_at <= t.now
             and (not t.is_closed or j.dispatched_at is not null)
           order by j.next_attempt_at limit t.take for no key update skip locked) waiting
        union all
        select * from (
          select j.id, j.organization_id, j.contact_id, j.seq, true, true
            from bulk_message_jobs j
           where j.campaign_id = t.campaign_id and j.occurrence = t.occurrence and j.seq > t.next_seq and j.seq <= t.expanded_seq
             and j.status = 'pending' and j.next_attempt_at is null and not t.is_closed
           order by j.seq limit t.take for no key update) fresh
      ) y limit t.take) x
), picked as materialized (
  select f.*, row_number() over () as place
    from (select * from found order by class, turn, random() limit $3) f -- no campaign is first where there are more than fit
), GATED_JOBS, JUDGED

-- name: takeJobs
taken as (
  update bulk_message_jobs j
     set status = case v.becomes when 'skip' then 'skipped' when 'later' then 'pending' else 'dispatching' end,
         skip_reason = case v.becomes when 'skip' then v.skip_reason end,
         next_attempt_at = case v.becomes when 'later' then v.next_at end,
         attempts = j.attempts + (v.becomes = 'send')::int,
         dispatched_at = case v.becomes when 'send' then v.now else j.dispatched_at end,
         lane_token = case v.becomes when 'send' then $2::uuid end
    from judged v
   where j.id = v.id and j.organization_id = v.organization_id and not v.is_over
  returning j.id, j.campaign_id, j.occurrence, j.contact_id, j.attempts, j.max_attempts, j.waits, j.variant, v.becomes as verdict,
            v.phone, v.bsuid, v.first_name, v.last_name, v.email, v.language, v.attributes
), moved as (
  update campaign_runs r
     set next_seq = case when t.is_closed then r.next_seq -- no first attempt was looked for
                         when m.first_over is not null then greatest(r.next_seq, m.first_over - 1)
                         when m.picked < t.take and m.picked = f.found then greatest(r.next_seq, t.expanded_seq) -- the scan saw the end of what there is
                         else greatest(r.next_seq, m.last_seq) end,
         looked_at = t.now,
         canary_claimed = r.canary_claimed + case when r.canary is not null then coalesce(m.new_ones, 0) else 0 end,
         canary_at = case when r.canary is not null and m.new_ones > 0 then t.now else r.canary_at end,
         tat = case when r.per_hour is null then r.tat else greatest(r.tat, t.now) + coalesce(m.sent, 0) * t.every end
    from takes t
    join (select f.campaign_id, f.occurrence, count(*) as found from found f group by f.campaign_id, f.occurrence) f
      on f.campaign_id = t.campaign_id and f.occurrence = t.occurrence
    left join (select j.campaign_id, j.occurrence, count(*) as picked,
                      coalesce(max(j.seq) filter (where j.first_attempt), 0) as last_seq,
                      min(j.seq) filter (where j.first_attempt and j.is_over) as first_over,
                      count(*) filter (where j.becomes = 'send' and not j.is_over) as sent,
                      count(*) filter (where j.becomes = 'send' and not j.is_over and j.is_new) as new_ones
                 from judged j group by j.campaign_id, j.occurrence) m
      on m.campaign_id = t.campaign_id and m.occurrence = t.occurrence
   where r.campaign_id = t.campaign_id and r.occurrence = t.occurrence and r.organization_id = t.organization_id
), finished as ( -- nothing pending was found behind the cursor: it moves to the end, so that the run costs nothing more
  update campaign_runs r set next_seq = t.expanded_seq, looked_at = t.now
    from takes t
   where r.campaign_id = t.campaign_id and r.occurrence = t.occurrence and r.organization_id = t.organization_id
     and r.next_seq < t.expanded_seq and not t.is_closed
     and not exists (select from found f where f.campaign_id = t.campaign_id and f.occurrence = t.occurrence)
), opened as (
  insert into lane_windows (id, organization_id, sender_id, lane_token, job_ids)
  select $4::uuid, l.organization_id, l.id, $2::uuid, array_agg(k.id) from taken k cross join lane l
   where k.verdict = 'send' group by l.organization_id, l.id
), COUNTED
select k.id, k.campaign_id as "campaignId", k.occurrence, k.contact_id as "contactId", k.attempts, k.max_attempts as "maxAttempts", k.waits, k.variant, k.verdict,
       k.phone, k.bsuid, k.first_name as "firstName", k.last_name as "lastName", k.email, k.language, k.attributes, 'b' as kind
  from taken k

-- name: run
-- A run r as claims see it, beside its sight as of the statement's beginning (seen), the lane l and its pace.
r.campaign_id, r.occurrence, r.organization_id, r.class, r.marketing, r.next_seq, seen.expanded_seq, r.tat, r.definition,
         coalesce((r.definition #>> '{settings,requireOptIn}')::boolean, false) as require_opt_in,
         coalesce((r.definition #>> '{settings,respectBusinessHours}')::boolean, false) as business_hours_only,
         (r.definition #>> '{settings,quietHours,0}')::time as quiet_from,
         (r.definition #>> '{settings,quietHours,1}')::time as quiet_to,
         (r.definition ->> 'sendBefore')::timestamptz as send_before,
         l.provider = 'whatsapp-cloud' and r.definition #>> '{message,type}' <> 'template' as needs_window,
         r.per_hour, g.every, g.burst, k.canary_left, coalesce(k.canary_left = 0, false) as is_closed

-- name: pace
cross join lateral ( -- GCRA: never more than per_hour in any 60 minutes, whatever happened before (sending-findings)
  select greatest(1, ceil(r.per_hour / 30.0))::int as burst,
         make_interval(secs => 3660.0 / (r.per_hour - greatest(1, ceil(r.per_hour / 30.0)) + 1)) as every) g
cross join lateral (select case when r.canary is not null then greatest(0, r.canary - r.canary_claimed) end as canary_left) k

-- name: hourly
-- How many attempts messagesPerHour allows at this moment; null: any number.
case when r.per_hour is not null then greatest(0, 1 + floor(extract(epoch from l.now + (r.burst - 1) * r.every - greatest(r.tat, l.now))
                                                                           / extract(epoch from r.every))::int) end

-- name: gatedJobs
-- Stands behind picked, takes and lane: whether each may have its message, and when.
gated as materialized (
  select p.id, p.organization_id, p.campaign_id, p.occurrence, p.contact_id, p.place, p.seq, p.first_attempt, p.is_new, t.now, t.marketing,
         coalesce(c.last_inbound_at > t.now - interval '24 hours', false) as in_window,
         c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.attributes,
         coalesce(adsapp_contact_gate(c, t.marketing, t.require_opt_in),
                  case when t.send_before <= t.now then 'expired'
                       when t.needs_window and coalesce(c.last_inbound_at, '-infinity') <= t.now - interval '24 hours'
                            then 'outside_service_window' end) as reason,
         case when t.business_hours_only or t.quiet_from is not null then
           (select coalesce(case when t.business_hours_only then next_business_time(h.loud, l.business_hours, h.zone) else h.loud end,
                            t.now + interval '1 day')
              from (select z.zone, next_loud_time(case when t.business_hours_only then next_business_time(t.now, l.business_hours, z.zone)
                                                       else t.now end, t.quiet_from, t.quiet_to, z.zone) as loud
                      from (select coalesce(c.timezone, l.timezone) as zone) z) h) end as later
    from picked p
    join takes t on t.campaign_id = p.campaign_id and t.occurrence = p.occurrence
    join contacts c on c.id = p.contact_id and c.organization_id = p.organization_id
   cross join lane l
)
