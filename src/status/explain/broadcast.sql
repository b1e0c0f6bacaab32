-- name: broadcastFacts
-- Where a broadcast, its sender and one person's message stand. The last run; of a recurring one that waits for its next occurrence, none.
-- $1 organization, $2 campaign, $3 contact.
with CANARIES
select adsapp_now() as now, c.id as campaign_id, c.name as campaign, c.status as campaign_status, c.scheduled_at, c.pause_reason, c.completed_at, c.cancelled_at,
       c.scheduled_at < adsapp_now() - x.lateness and c.status = 'scheduled' and c.scheduling ->> 'type' is distinct from 'recurring'
         or exists (select from (LATE) l where l.id = c.id) as is_late, x.lateness::text as max_lateness,
       o.name as organization_name, o.paused_at as organization_paused_at,
       s.id as sender_id, s.name as sender, s.provider, s.state as sender_state, s.halt_reason, s.throughput_per_second, s.limited_until,
       case when s.state = 'slowed' then s.rests_until end as rests_until, case when s.state = 'slowed' then s.full_rate_at end as full_rate_at,
       r.occurrence::text as occurrence, r.expanded_at, r.audience_at, coalesce(r.definition -> 'audience', c.target_audience) as audience,
       case when r.canary_claimed >= r.canary then r.canary_at + coalesce(c.settings #>> '{canary,wait}', '10m')::interval end as judged_at,
       (select v.verdict from judged v where v.campaign_id = c.id) as canary_verdict,
       p.created_at as contact_created_at, j.id as message_id
  from bulk_campaigns c
  join organizations o on o.id = c.organization_id
  join contacts p on p.id = $3 and p.organization_id = c.organization_id
  left join senders s on s.organization_id = c.organization_id and case when c.sender_id is null then s.is_default else s.id = c.sender_id end
 cross join lateral (select coalesce(c.settings ->> 'maxLateness', '12h')::interval as lateness,
                            coalesce(c.resume_as, c.status) = 'scheduled' and c.scheduling ->> 'type' = 'recurring' as is_between) x
  left join lateral (select y.* from campaign_runs y where y.campaign_id = c.id and y.organization_id = c.organization_id and not x.is_between
                      order by y.occurrence desc limit 1) r on true
  left join bulk_message_jobs j on j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.contact_id = p.id and j.organization_id = r.organization_id
 where c.id = $2 and c.organization_id = $1

-- name: weighBroadcast
-- One person held against a claim's gates and limits, by the claim's own text. $1 sender, $2 campaign, $3 contact, $4 occurrence or null (what
-- the run will be), $5 to $8 as in a claim. Ahead: who is looked at before it, as far as that is settled.
with lane as materialized (
  LANE
   where s.id = $1
), run as materialized (
  select r.organization_id, r.campaign_id, r.occurrence, r.class, r.definition, r.marketing, r.per_hour, r.canary, r.canary_claimed, r.tat, r.next_seq, r.expanded_seq
    from campaign_runs r where r.campaign_id = $2 and r.occurrence = $4::timestamptz
  union all
  select r.organization_id, r.campaign_id, coalesce(r.occurrence, '-infinity'), r.class, r.definition, r.marketing, r.per_hour, r.canary, 0, r.tat, 0, 0
    from (RUN_TO_BE where c.id = $2) r where $4::timestamptz is null
), runs as materialized (
  select RUN from lane l cross join run r join run seen on true PACE
), takes as materialized (
  select r.*, l.now, HOURLY as hourly from runs r cross join lane l
), picked as materialized (
  select coalesce(j.id, '00000000-0000-0000-0000-000000000000') as id, c.organization_id, t.campaign_id, t.occurrence, c.id as contact_id, 1 as place,
         j.seq, j.dispatched_at is null and j.next_attempt_at is null as first_attempt, j.dispatched_at is null as is_new
    from takes t
    join contacts c on c.id = $3 and c.organization_id = t.organization_id
    left join bulk_message_jobs j on j.campaign_id = t.campaign_id and j.occurrence = t.occurrence and j.contact_id = c.id and j.organization_id = t.organization_id
), GATED_JOBS, JUDGED
select n.reason, n.becomes, n.later, n.is_capped, n.wait, n.in_window, n.marketing, n.is_new, n.now,
       t.needs_window, t.require_opt_in, t.business_hours_only, t.quiet_from::text, t.quiet_to::text, t.send_before, t.per_hour, t.hourly, t.canary_left, t.definition,
       coalesce(c.timezone, l.timezone) as zone, c.timezone is not null as is_own_zone, l.cap, l.portfolio_id is not null as is_limited, l.room,
       coalesce(n.is_free, false) as is_free, a.ahead, y.at as cap_free_at,
       case when t.per_hour is not null then greatest(l.now, greatest(t.tat, l.now) + (a.ahead - t.burst + 1) * t.every) end as turn_at,
       (select min(r.at) filter (where r.at > l.now - interval '24 hours') + interval '24 hours' from portfolio_reach r
         where r.portfolio_id = l.portfolio_id and r.organization_id = l.organization_id) as room_at,
       case when n.seq is null then coalesce((t.definition #>> '{settings,holdout}')::float8 / 100 > adsapp_share(t.campaign_id, c.id, 'holdout'), false) else false end as is_held_out,
       case when n.seq is null then adsapp_local_instant(t.definition ->> 'localTime', coalesce(c.timezone, l.timezone)) end as local_at,
       j.variant, c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.attributes,
       c.last_inbound_at, c.opted_in_at, c.opted_out_at, c.opt_out_source, c.blocked_at, c.erased_at, c.undeliverable_at
  from judged n cross join takes t cross join lane l
  join contacts c on c.id = n.contact_id and c.organization_id = l.organization_id
  left join bulk_message_jobs j on j.id = n.id and j.organization_id = l.organization_id
 cross join lateral (select count(*)::int as ahead from bulk_message_jobs w
                      where w.campaign_id = t.campaign_id and w.occurrence = t.occurrence and w.status = 'pending' and w.id <> n.id
                        and (w.next_attempt_at <= case when n.first_attempt then l.now else least(l.now, j.next_attempt_at) end
                             or n.first_attempt and w.next_attempt_at is null and w.seq > t.next_seq and w.seq < n.seq)) a
 cross join lateral (select (array_agg(e.at order by e.at desc))[l.cap] + (l.now - l.cap_since) as at TOUCHES) y

-- name: countryClosed
-- Whether Meta refused this country to the campaign. $1 organization, $2 campaign, $3 phone.
select exists (select from bulk_message_jobs j join contacts c on c.id = j.contact_id and c.organization_id = j.organization_id
                where j.campaign_id = $2 and j.organization_id = $1 and (j.skip_reason = 'country_not_allowed' or j.error_code = '130497')
                  and adsapp_country(c.phone) = adsapp_country($3)) as is_closed
