-- name: listCampaigns
-- $1 organization, $2 status or null, $3 name or id, or null, $4 names or null.
select c.id, c.name, c.type, c.status, c.target_audience, c.message, c.scheduling, c.rate_limiting, c.settings, c.variants, s.name as sender, c.statistics,
       c.scheduled_at, c.started_at, c.paused_at, c.pause_reason, c.completed_at, c.cancelled_at, c.created_at, coalesce(u.held, 0)::int as held
  from bulk_campaigns c left join senders s on s.id = c.sender_id and s.organization_id = c.organization_id
  left join (select j.campaign_id, count(*) as held -- unknown outcomes that only a person may settle: by their own small index
               from bulk_message_jobs j
               join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
               join bulk_campaigns b on b.id = j.campaign_id and b.organization_id = j.organization_id
              where j.organization_id = $1 and j.unknown_since is not null
                and (b.status in ('completed', 'cancelled') or adsapp_is_held(r.definition #>> '{settings,onUnknown}', j.attempts, j.max_attempts, j.dispatched_at))
              group by j.campaign_id) u on u.campaign_id = c.id
 where c.organization_id = $1 and ($2::text is null or c.status = $2) and ($3::text is null or c.name = $3 or c.id::text = $3)
   and ($4::text[] is null or c.name = any ($4))
 order by c.name = $3 desc, c.created_at desc, c.name

-- name: saveCampaign
insert into bulk_campaigns (organization_id, name, type, target_audience, message, scheduling, rate_limiting, settings, variants, sender_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (organization_id, name) do nothing
returning id

-- name: updateDraft
update bulk_campaigns
   set type = $3, target_audience = $4, message = $5, scheduling = $6, rate_limiting = $7, settings = $8, variants = $9, sender_id = $10
 where id = $2 and organization_id = $1 and status = 'draft'

-- name: countByStatus
select j.status, count(*)::int as count
  from bulk_message_jobs j
 where j.campaign_id = $2 and j.organization_id = $1
 group by j.status

-- name: countSkips
select j.skip_reason as reason, count(*)::int as count
  from bulk_message_jobs j where j.campaign_id = $2 and j.organization_id = $1 and j.status = 'skipped'
 group by j.skip_reason order by 2 desc, 1

-- name: countFailures
select j.error_code as code, min(j.error) as example, count(*)::int as count
  from bulk_message_jobs j where j.campaign_id = $2 and j.organization_id = $1 and j.status in ('failed', 'unknown')
 group by j.error_code order by 3 desc, 1

-- name: countByVariant
select j.variant as name, count(*)::int as targets, count(j.sent_at)::int as sent, count(j.delivered_at)::int as delivered, count(j.read_at)::int as read,
       count(j.replied_at)::int as replied, count(j.opted_out_at)::int as opted_out
  from bulk_message_jobs j
 where j.campaign_id = $2 and j.organization_id = $1 and j.variant is not null
 group by j.variant order by j.variant

-- name: sendingPace
-- What the forecast of a campaign stands on.
select adsapp_now() as now, c.scheduled_at, s.throughput_per_second,
       (select coalesce(bool_and(r.expanded_at is not null), false) from campaign_runs r where r.campaign_id = c.id and r.organization_id = c.organization_id) as is_expanded,
       (select jsonb_build_object('messages', r.canary, 'dispatched', r.canary_claimed,
                 'judgedAt', case when r.canary_claimed >= r.canary then r.canary_at + coalesce(c.settings #>> '{canary,wait}', '10m')::interval end)
          from campaign_runs r where r.campaign_id = c.id and r.organization_id = c.organization_id and r.canary is not null) as canary
  from bulk_campaigns c left join senders s on s.id = c.sender_id and s.organization_id = c.organization_id
 where c.id = $2 and c.organization_id = $1

-- name: pauseCampaign
update bulk_campaigns set status = 'paused', paused_at = adsapp_now(), pause_reason = $3, resume_as = status
 where id = $2 and organization_id = $1 and status in ('scheduled', 'running')

-- name: resumeCampaign
-- A scheduled one whose time has gone by runs: a person's word counts like a start's, which ignores maxLateness.
-- Of a recurring one the next tick finds the occurrence.
update bulk_campaigns c
   set status = n.status, paused_at = null, pause_reason = null, resume_as = null, resumed_at = adsapp_now(),
       started_at = case when n.status = 'running' then coalesce(c.started_at, adsapp_now()) end
  from (select p.id, case when p.resume_as = 'scheduled' and (p.scheduled_at > adsapp_now() or p.scheduling ->> 'type' = 'recurring') then 'scheduled' else 'running' end as status
          from bulk_campaigns p where p.id = $2 and p.organization_id = $1) n
 where c.id = n.id and c.organization_id = $1 and c.status = 'paused'

-- name: cancelCampaign
update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now(), paused_at = null, pause_reason = null, resume_as = null
 where id = $2 and organization_id = $1 and status in ('draft', 'scheduled', 'running', 'paused')

-- name: lockCancelled
-- Runs of cancelled campaigns that still have rows to close: $1 organization or null, $2 one campaign, or null for those of the last
-- day whose cancel was cut off, or to which a worker handed rows back. Locked, so that no chunk of an expansion comes in between.
select r.campaign_id
  from campaign_runs r join bulk_campaigns c on c.id = r.campaign_id and c.organization_id = r.organization_id
 where c.status = 'cancelled' and ($1::uuid is null or c.organization_id = $1)
   and (c.id = $2::uuid or ($2::uuid is null and c.cancelled_at > adsapp_now() - interval '1 day'
                            and (r.next_seq < r.expanded_seq
                                 or exists (select from bulk_message_jobs j where j.campaign_id = c.id and j.next_attempt_at is not null))))
 order by r.campaign_id, r.occurrence for no key update of r

-- name: cancelOpenJobs
-- What was dispatched already ends as it ends. $1 campaigns.
update bulk_message_jobs set status = 'cancelled', next_attempt_at = null
 where campaign_id = any ($1::uuid[]) and status = 'pending'

-- name: closeRuns
update campaign_runs set next_seq = expanded_seq where campaign_id = any ($1::uuid[]) and next_seq < expanded_seq

-- name: moveScheduled
update bulk_campaigns set scheduled_at = $3
 where id = $2 and organization_id = $1 and status = 'scheduled' and scheduling ->> 'type' is distinct from 'recurring'

-- name: deleteDraft
delete from bulk_campaigns where id = $2 and organization_id = $1 and status = 'draft'
