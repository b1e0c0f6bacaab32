-- name: takeLanes
-- Every free sender with due work, in no order that favours anyone. $1 holder, $2 lease, $3 organization or null,
-- $4 how many at most.
-- Under a rehearsal's clock no lane of Meta's host is taken.
with due as materialized (
  select s.id, s.organization_id
    from senders s join organizations o on o.id = s.organization_id
   where s.state <> 'halted' and o.paused_at is null
     and (s.lane_expires_at is null or s.lane_expires_at <= clock_timestamp())
     and ($3::uuid is null or s.organization_id = $3)
     and (coalesce(current_setting('adsapp.now_offset', true), '') = '' or s.provider = 'log'
          or s.api_url !~* '^[a-z]+://([^/]*\.)?facebook\.com(:[0-9]+)?(/|$)')
     and (exists (select from drip_campaigns d
                    cross join lateral (select from drip_message_logs j where j.campaign_id = d.id and j.next_attempt_at <= adsapp_now() limit 1) j
                   where d.organization_id = s.organization_id and d.status = 'active' and (d.sender_id = s.id or (d.sender_id is null and s.is_default)))
       or exists (select from bulk_campaigns c join campaign_runs r on r.campaign_id = c.id and r.organization_id = c.organization_id
                  where c.sender_id = s.id and c.status = 'running'
                    and (r.next_seq < r.expanded_seq
                         or exists (select from bulk_message_jobs j where j.campaign_id = r.campaign_id and j.next_attempt_at <= adsapp_now()))
                    and (r.per_hour is null or r.tat is null -- at its hourly quota it is not due
                         or r.tat <= adsapp_now() + (greatest(1, ceil(r.per_hour / 30.0)) - 1)
                                     * make_interval(secs => 3660.0 / (r.per_hour - greatest(1, ceil(r.per_hour / 30.0)) + 1)))))
   order by random() limit $4
     for update of s skip locked
)
update senders s
   set lane_token = gen_random_uuid(), lane_holder = $1, lane_expires_at = clock_timestamp() + $2::interval
  from due d
 where s.id = d.id and s.organization_id = d.organization_id
returning s.id, s.organization_id, s.name, s.provider, s.api_url, s.phone_number_id, s.token_env, s.token_file, s.throughput_per_second, s.lane_token

-- name: renewLane
-- In time only: once a lease ran out, rescue may have given up what it held, even where nobody took the lane since.
-- A paused organization has no lanes: what was claimed for it and waits is handed back.
update senders set lane_expires_at = clock_timestamp() + $3::interval
 where id = $1 and lane_token = $2 and state <> 'halted' and lane_expires_at > clock_timestamp()
   and not exists (select from organizations o where o.id = organization_id and o.paused_at is not null)

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

-- name: pauseCampaign
update bulk_campaigns set status = 'paused', paused_at = adsapp_now(), pause_reason = $2, resume_as = 'running'
 where id = $1 and status = 'running'

-- name: pauseDrip
update drip_campaigns set status = 'paused', pause_reason = $2 where id = $1 and status = 'active'

-- name: runDefinitions
select r.campaign_id, r.occurrence, r.definition, o.name as organization_name
  from campaign_runs r join organizations o on o.id = r.organization_id
 where r.campaign_id = any ($1::uuid[])
