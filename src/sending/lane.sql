-- name: takeLanes
-- Every free sender with due work, in no order that favours anyone. $1 holder, $2 lease, $3 organization or null,
-- $4 how many at most, $5 one sender for its direct queue alone, or null.
-- Under a rehearsal's clock no lane of Meta's host is taken.
with due as materialized (
  select s.id, s.organization_id
    from senders s join organizations o on o.id = s.organization_id
   where s.state <> 'halted' and o.paused_at is null
     and (s.state <> 'slowed' or s.rests_until is null or s.rests_until <= adsapp_now())
     and (s.lane_expires_at is null or s.lane_expires_at <= clock_timestamp())
     and ($3::uuid is null or s.organization_id = $3)
     and (coalesce(current_setting('adsapp.now_offset', true), '') = '' or s.provider = 'log'
          or s.api_url !~* '^[a-z]+://([^/]*\.)?facebook\.com(:[0-9]+)?(/|$)')
     and ($5::uuid is null or s.id = $5)
     and (exists (select from direct_queue q where q.sender_id = s.id and q.next_attempt_at <= adsapp_now())
       or $5::uuid is null and (s.limited_until is null or s.limited_until <= adsapp_now()) and (exists (select from drip_campaigns d
                    cross join lateral (select from drip_message_logs j where j.campaign_id = d.id and j.next_attempt_at <= adsapp_now() limit 1) j
                   where d.organization_id = s.organization_id and d.status = 'active' and (d.sender_id = s.id or (d.sender_id is null and s.is_default)))
       or exists (select from bulk_campaigns c join campaign_runs r on r.campaign_id = c.id and r.organization_id = c.organization_id
                  where c.sender_id = s.id and c.status = 'running'
                    and ((r.next_seq < r.expanded_seq and (r.canary is null or r.canary_claimed < r.canary))
                         or exists (select from bulk_message_jobs j where j.campaign_id = r.campaign_id and j.next_attempt_at <= adsapp_now()
                                       and (r.canary is null or r.canary_claimed < r.canary or j.dispatched_at is not null)))
                    and (r.per_hour is null or r.tat is null -- at its hourly quota it is not due
                         or r.tat <= adsapp_now() + (greatest(1, ceil(r.per_hour / 30.0)) - 1)
                                     * make_interval(secs => 3660.0 / (r.per_hour - greatest(1, ceil(r.per_hour / 30.0)) + 1))))))
   order by random() limit $4
     for no key update of s skip locked
)
update senders s
   set lane_token = gen_random_uuid(), lane_holder = $1, lane_expires_at = clock_timestamp() + $2::interval,
       state = case when s.state = 'slowed' and s.full_rate_at <= adsapp_now() then 'active' else s.state end
  from due d
 where s.id = d.id and s.organization_id = d.organization_id
returning s.id, s.organization_id, s.name, s.provider, s.api_url, s.phone_number_id, s.token_env, s.token_file, s.throughput_per_second, s.lane_token,
          adsapp_rate_factor(s) as rate_factor, coalesce(extract(epoch from s.full_rate_at - adsapp_now()), 0)::float8 as full_rate_in_seconds

-- name: renewLane
-- In time only: once a lease ran out, rescue may have given up what it held, even where nobody took the lane since.
-- A paused organization has no lanes: what was claimed for it and waits is handed back.
update senders set lane_expires_at = clock_timestamp() + $3::interval
 where id = $1 and lane_token = $2 and state <> 'halted' and lane_expires_at > clock_timestamp()
   and not exists (select from organizations o where o.id = organization_id and o.paused_at is not null)
returning adsapp_rate_factor(senders) as rate_factor, coalesce(extract(epoch from full_rate_at - adsapp_now()), 0)::float8 as full_rate_in_seconds

-- name: releaseLane
update senders set lane_token = null, lane_holder = null, lane_expires_at = null
 where id = $1 and lane_token = $2

-- name: haltSenders
-- $1 sender, $2 reason, $3 whether all senders of the account halt with it.
update senders s
   set state = 'halted', halt_reason = $2, halted_at = adsapp_now()
  from senders o
 where o.id = $1 and s.organization_id = o.organization_id and s.state <> 'halted'
   and (s.id = o.id or ($3 and s.provider = o.provider and s.waba_id is not distinct from o.waba_id
                        and s.token_env is not distinct from o.token_env and s.token_file is not distinct from o.token_file))

-- name: slowSenders
-- $1 sender, $2 whether all lanes of its token go slower too, $3 seconds from nothing back to the full rate, $4 seconds of rest.
-- Half the rate that each has at this moment, but once in a second: what was in the air is answered alike.
update senders s
   set state = 'slowed', slowed_at = adsapp_now(), rate_factor = f.factor,
       full_rate_at = greatest(case when s.state = 'slowed' then s.full_rate_at end, adsapp_now() + make_interval(secs => $3::float8 * (1 - f.factor))),
       rests_until = greatest(case when s.state = 'slowed' then s.rests_until end, case when $4::float8 > 0 then adsapp_now() + make_interval(secs => $4::float8) end)
  from senders o
  cross join lateral (select x.id, greatest(least(0.999, adsapp_rate_factor(x) / case when x.state = 'slowed' and x.slowed_at > adsapp_now() - interval '1 second' then 1 else 2 end),
                                            1.0 / greatest(2, x.throughput_per_second))::real as factor
                        from senders x where x.organization_id = o.organization_id) f
 where o.id = $1 and s.organization_id = o.organization_id and s.id = f.id and s.state <> 'halted'
   and (s.id = o.id or ($2 and s.provider = o.provider
                        and s.token_env is not distinct from o.token_env and s.token_file is not distinct from o.token_file))

-- name: closeCountry
-- The rest of a country's rows of a campaign, once Meta has said that it may not be messaged. $1 campaign, $2 prefixes of its phones.
-- The runs are locked first, as a cancel does: no claim comes in between.
with runs as materialized (
  select r.campaign_id, r.occurrence, r.organization_id, r.next_seq
    from campaign_runs r where r.campaign_id = $1 order by r.occurrence for no key update
), rest as materialized (
  select j.id, j.organization_id
    from runs r
    join bulk_message_jobs j on j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.organization_id = r.organization_id
    join contacts c on c.id = j.contact_id and c.organization_id = j.organization_id
   where j.status = 'pending' and (j.seq > r.next_seq or j.next_attempt_at is not null) and c.phone like any ($2::text[])
   order by j.id for no key update of j
)
update bulk_message_jobs j set status = 'skipped', skip_reason = 'country_not_allowed', next_attempt_at = null
  from rest where j.id = rest.id and j.organization_id = rest.organization_id and j.status = 'pending'

-- name: lastOutcomes
-- The last hundred of a campaign's messages that were answered, oldest first, by the order of first attempts (so by the index of seq); since
-- a person last looked at it. Those of this lane come from memory: $2 is when it was taken. $1 campaign.
select y.error_code from (
  select x.* from (
    select j.seq, j.status, j.error_code, coalesce(j.sent_at, j.failed_at) as at
      from campaign_runs r
      join bulk_campaigns c on c.id = r.campaign_id and c.organization_id = r.organization_id
      cross join lateral (
        select j.seq, j.status, case when j.status = 'failed' then j.error_code end as error_code, j.sent_at, j.failed_at
          from bulk_message_jobs j
         where j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.seq <= r.next_seq
           and j.dispatched_at >= coalesce(c.resumed_at, '-infinity')
         order by j.seq desc limit 200) j
     where r.campaign_id = $1) x
   where x.status in ('sent', 'delivered', 'read', 'failed') and x.at < $2
   order by x.at desc limit 100) y
 order by y.at

-- name: lastDripOutcomes
-- As lastOutcomes, of a drip, whose messages have no order of their own: what failed, and what went well among the last that its sender sent.
-- Farther back than those nothing is counted, or what a broadcast sent meanwhile would hide what went well. $1 drip, $2 before.
with drip as materialized (
  select d.id, coalesce(d.resumed_at, '-infinity') as since,
         coalesce(d.sender_id, (select s.id from senders s where s.organization_id = d.organization_id and s.is_default)) as sender_id
    from drip_campaigns d where d.id = $1
), sent as materialized (
  select m.drip_message_log_id as log_id, m.sent_at
    from drip d cross join lateral (
      select m.drip_message_log_id, m.sent_at from messages m
       where m.sender_id = d.sender_id and m.sent_at >= d.since and m.sent_at < $2 order by m.sent_at desc limit 5000) m
), seen as materialized (
  select case when count(*) = 5000 then min(sent_at) else '-infinity' end as since from sent
)
select y.error_code from (
  select x.* from (
    select l.error_code, l.failed_at as at
      from drip d cross join seen s
     cross join lateral (
       select l.error_code, l.failed_at from drip_message_logs l
        where l.campaign_id = d.id and l.failed_at >= greatest(d.since, s.since) and l.failed_at < $2 and l.status = 'failed'
        order by l.failed_at desc limit 100) l
     union all
    select null, s.sent_at
      from sent s join drip_message_logs l on l.id = s.log_id and l.campaign_id = $1 and l.status <> 'failed') x
   order by x.at desc limit 100) y
 order by y.at

-- name: pauseCampaign
update bulk_campaigns set status = 'paused', paused_at = adsapp_now(), pause_reason = $2, resume_as = 'running'
 where id = $1 and status = 'running'

-- name: pauseDrip
update drip_campaigns set status = 'paused', pause_reason = $2 where id = $1 and status = 'active'

-- name: runDefinitions
select r.campaign_id, r.occurrence, r.definition, o.name as organization_name
  from campaign_runs r join organizations o on o.id = r.organization_id
 where r.campaign_id = any ($1::uuid[])
