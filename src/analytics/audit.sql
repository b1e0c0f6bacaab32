Each query gives one row a violation, with an `example` that a person can follow up. $1: one organization, or null for
all. Read beside running ticks: each is one statement, so it sees whole transactions only.

-- name: ledger_balances
-- Audience = rows in all states together; a run's rows are numbered 1, 2, 3 … without a gap (doubles: a unique index).
with counted as materialized (
  select j.organization_id, j.campaign_id, j.occurrence, count(*) as rows, min(j.seq) as first, max(j.seq) as last,
         count(*) filter (where j.status in ('pending', 'dispatching', 'unknown', 'sent', 'delivered', 'read', 'failed', 'skipped', 'cancelled')) as balanced
    from bulk_message_jobs j
   where $1::uuid is null or j.organization_id = $1
   group by j.organization_id, j.campaign_id, j.occurrence
), runs as (
  select r.organization_id, r.campaign_id, r.occurrence, r.expanded_seq from campaign_runs r where $1::uuid is null or r.organization_id = $1
), campaigns as (
  select n.campaign_id, n.organization_id, sum(n.rows) as rows from counted n group by n.campaign_id, n.organization_id
)
select format('campaign "%s": %s targets, %s rows', c.name, c.total_targets, coalesce(n.rows, 0)) as example
  from bulk_campaigns c left join campaigns n on n.campaign_id = c.id and n.organization_id = c.organization_id
 where ($1::uuid is null or c.organization_id = $1) and c.total_targets <> coalesce(n.rows, 0)
union all
select format('campaign %s: written out to seq %s; %s rows, %s of them in a known state, numbered %s to %s',
              coalesce(r.campaign_id, n.campaign_id), coalesce(r.expanded_seq::text, 'nowhere'), coalesce(n.rows, 0), coalesce(n.balanced, 0), n.first, n.last)
  from runs r full join counted n on n.campaign_id = r.campaign_id and n.occurrence = r.occurrence and n.organization_id = r.organization_id
 where r.campaign_id is null or n.first > 1
    or (coalesce(n.rows, 0), coalesce(n.balanced, 0), coalesce(n.last, 0)) <> (r.expanded_seq, r.expanded_seq, r.expanded_seq)

-- name: counters_equal_rows
with counted as (
  select j.campaign_id, j.organization_id,
         array[count(j.sent_at), count(j.delivered_at), count(j.read_at), count(*) filter (where j.status = 'failed'),
               count(*) filter (where j.status = 'skipped'), count(j.replied_at), count(j.opted_out_at)] as counts
    from bulk_message_jobs j
   where $1::uuid is null or j.organization_id = $1
   group by j.campaign_id, j.organization_id
), counters as (
  select c.id, c.organization_id, c.name,
         array[c.messages_sent, c.messages_delivered, c.messages_read, c.messages_failed, c.messages_skipped, c.replies_received, c.opt_outs]::bigint[] as counts
    from bulk_campaigns c
   where $1::uuid is null or c.organization_id = $1
)
select format('campaign "%s": counters %s, rows %s (sent, delivered, read, failed, skipped, replies, opt-outs)', c.name, c.counts, n.counts) as example
  from counters c left join counted n on n.campaign_id = c.id and n.organization_id = c.organization_id
 where c.counts <> coalesce(n.counts, array_fill(0::bigint, array[7]))

-- name: analytics_equal_rows
-- Both ways: a day that is missing, one too many, one that differs. A day of zeros is no day.
with counted as (
  select j.organization_id, j.campaign_id, j.counted_on as date,
         array[count(j.sent_at), count(j.delivered_at), count(j.read_at), count(*) filter (where j.status = 'failed'), count(j.replied_at), count(j.opted_out_at)] as counts
    from bulk_message_jobs j
   where j.counted_on is not null and ($1::uuid is null or j.organization_id = $1)
   group by j.organization_id, j.campaign_id, j.counted_on
), days as (
  select a.organization_id, a.campaign_id, a.date,
         array[a.messages_sent, a.messages_delivered, a.messages_read, a.messages_failed, a.replies_received, a.opt_outs]::bigint[] as counts
    from campaign_analytics a
   where a.campaign_type = 'bulk' and ($1::uuid is null or a.organization_id = $1)
), compared as (
  select coalesce(d.campaign_id, n.campaign_id) as campaign_id, coalesce(d.date, n.date) as date,
         coalesce(d.counts, array_fill(0::bigint, array[6])) as says, coalesce(n.counts, array_fill(0::bigint, array[6])) as counts
    from days d full join counted n on n.campaign_id = d.campaign_id and n.date = d.date and n.organization_id = d.organization_id
)
select format('campaign %s on %s: analytics %s, rows %s (sent, delivered, read, failed, replies, opt-outs)', x.campaign_id, x.date, x.says, x.counts) as example
  from compared x where x.says <> x.counts

-- name: no_send_after_opt_out
-- 5 s: how long a stored STOP may take to stop its contact (design: sending). Opt-outs bind marketing, the others all.
select format('job %s: dispatched %s to contact %s, opted out %s, blocked %s, erased %s', j.id, j.dispatched_at, c.id, c.opted_out_at, c.blocked_at, c.erased_at) as example
  from contacts c
  join bulk_message_jobs j on j.contact_id = c.id and j.organization_id = c.organization_id
  join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
 where ($1::uuid is null or c.organization_id = $1)
   and (c.opted_out_at is not null or c.blocked_at is not null or c.erased_at is not null)
   and j.dispatched_at > least(case when r.marketing then c.opted_out_at end, c.blocked_at, c.erased_at) + interval '5 seconds'

-- name: opt_outs_are_kept
-- Only a person opts a contact in again, or the contact; and whoever Meta reports as opted out (131050) is so here too.
select format('contact %s: the opt-out of %s was lifted %s by no person', l.subject_id, l.details #>> '{opted_out_at,0}', l.at) as example
  from audit_log l
 where ($1::uuid is null or l.organization_id = $1) and l.subject_type = 'contacts' and l.action = 'update' and l.actor is null
   and l.details #> '{opted_out_at,0}' <> 'null' and l.details #> '{opted_out_at,1}' = 'null'
   and not exists (select from messages m where m.contact_id = l.subject_id and m.organization_id = l.organization_id
                      and m.consent = 'opt_in' and m.created_at = l.at) -- START, in the person's own words
union all
select format('contact %s: opted out at Meta (job %s), not here', c.id, j.id)
  from bulk_message_jobs j join contacts c on c.id = j.contact_id and c.organization_id = j.organization_id
 where ($1::uuid is null or j.organization_id = $1) and j.status = 'failed' and j.error_code = '131050'
   and c.opted_out_at is null and coalesce(c.opted_in_at, '-infinity') <= j.failed_at

-- name: hourly_limit
-- messagesPerHour: in any rolling 60 minutes (from t up to but not including t + 60 min) at most so many attempts. A job
-- keeps the time of its last attempt; of earlier ones only those are known that were accepted.
with limited as materialized (
  select r.campaign_id, r.occurrence, r.organization_id, r.per_hour from campaign_runs r
   where r.per_hour is not null and ($1::uuid is null or r.organization_id = $1)
), attempts as (
  select l.campaign_id, l.organization_id, l.per_hour, j.dispatched_at as at
    from limited l join bulk_message_jobs j on j.campaign_id = l.campaign_id and j.occurrence = l.occurrence and j.organization_id = l.organization_id
   where j.dispatched_at is not null
  union all
  select l.campaign_id, l.organization_id, l.per_hour, least(m.sent_at, j.dispatched_at)
    from limited l
    join bulk_message_jobs j on j.campaign_id = l.campaign_id and j.occurrence = l.occurrence and j.organization_id = l.organization_id and j.attempts > 1
    join messages m on m.bulk_message_job_id = j.id and m.organization_id = j.organization_id and m.attempt < j.attempts
), instants as (
  select a.campaign_id, a.organization_id, a.per_hour, a.at, count(*) as n from attempts a group by 1, 2, 3, 4
), rolling as (
  select i.*, sum(i.n) over (partition by i.campaign_id, i.organization_id order by i.at
                             range between interval '59 minutes 59.999999 seconds' preceding and current row) as within_the_hour
    from instants i
), worst as (
  select distinct on (r.campaign_id, r.organization_id) r.* from rolling r
   where r.within_the_hour > r.per_hour order by r.campaign_id, r.organization_id, r.within_the_hour desc
)
select format('campaign "%s": %s attempts in the 60 minutes up to %s, %s an hour allowed', c.name, w.within_the_hour, w.at, w.per_hour) as example
  from worst w join bulk_campaigns c on c.id = w.campaign_id and c.organization_id = w.organization_id

-- name: messaging_limit
-- In any rolling 24 hours a portfolio reaches at most so many people for the first time in as many; since the limit is what it is. A person
-- is there from an attempt until the next one, or for 24 hours. Within a service window nobody counts. And the count is what is counted.
with limited as materialized (
  select p.id, p.organization_id, p.name, p.messaging_limit, p.limit_since from portfolios p
   where p.messaging_limit is not null and ($1::uuid is null or p.organization_id = $1)
), attempts as (
  select l.id, l.organization_id, j.contact_id, j.dispatched_at as at
    from limited l
    join senders s on s.portfolio_id = l.id and s.organization_id = l.organization_id and s.provider = 'whatsapp-cloud'
    join campaign_runs r on r.sender_id = s.id and r.organization_id = s.organization_id
    join bulk_message_jobs j on j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.organization_id = r.organization_id
   where j.dispatched_at > l.limit_since - interval '24 hours'
     and j.status in ('dispatching', 'unknown', 'sent', 'delivered', 'read', 'failed') -- what was handed back may have gone by another sender since
  union -- a log's message says which sender it went by
  select l.id, l.organization_id, m.contact_id, g.dispatched_at
    from limited l
    join senders s on s.portfolio_id = l.id and s.organization_id = l.organization_id and s.provider = 'whatsapp-cloud'
    join messages m on m.sender_id = s.id and m.organization_id = s.organization_id and m.direction = 'outbound'
    join drip_message_logs g on g.id = m.drip_message_log_id and g.organization_id = m.organization_id
   where g.dispatched_at > l.limit_since - interval '24 hours'
), outside as (
  select a.*, lag(a.at) over w as before, lead(a.at) over w as after
    from attempts a join contacts c on c.id = a.contact_id and c.organization_id = a.organization_id
   where not coalesce(c.last_inbound_at > a.at - interval '24 hours' and c.last_inbound_at <= a.at, false)
     and not exists (select from messages m where m.contact_id = a.contact_id and m.organization_id = a.organization_id and m.direction = 'inbound'
                        and m.created_at > a.at - interval '24 hours' and m.created_at <= a.at)
  window w as (partition by a.id, a.organization_id, a.contact_id order by a.at)
), steps as (
  select o.id, o.organization_id, o.at, 1 as people, coalesce(o.before <= o.at - interval '24 hours', true) as is_new from outside o
  union all
  select o.id, o.organization_id, least(o.at + interval '24 hours', o.after), -1, false from outside o
), crowds as (
  select s.*, sum(s.people) over (partition by s.id, s.organization_id order by s.at, s.people) as there from steps s
), worst as (
  select distinct on (c.id, c.organization_id) l.name, l.messaging_limit, c.at, max(c.there) over (partition by c.id, c.organization_id, c.at) as there
    from crowds c join limited l on l.id = c.id and l.organization_id = c.organization_id
   where c.is_new and c.at >= l.limit_since and c.there > l.messaging_limit
   order by c.id, c.organization_id, there desc
)
select format('portfolio "%s": %s people in the 24 hours up to %s, %s allowed', w.name, w.there, w.at, w.messaging_limit) as example from worst w
union all
select format('portfolio "%s": %s people counted, %s rows', p.name, p.reached, n.rows)
  from portfolios p
  cross join lateral (select count(*) as rows from portfolio_reach r where r.portfolio_id = p.id and r.organization_id = p.organization_id) n
 where p.reached is not null and p.reached <> n.rows and ($1::uuid is null or p.organization_id = $1)

-- name: frequency_cap
-- No person got more marketing messages than the cap allows within its days, those counted that may have reached them; since it is what it is.
with capped as materialized (
  select o.id, o.slug, o.frequency_cap_since as since, (o.settings #>> '{frequencyCap,messages}')::int as messages,
         (o.settings #>> '{frequencyCap,days}')::int * interval '24 hours' as days
    from organizations o where o.settings ? 'frequencyCap' and ($1::uuid is null or o.id = $1)
), touches as (
  select c.id, j.contact_id, j.dispatched_at as at
    from capped c
    join campaign_runs r on r.organization_id = c.id and r.marketing
    join bulk_message_jobs j on j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.organization_id = r.organization_id
   where j.dispatched_at > c.since - c.days and j.status in ('dispatching', 'unknown', 'sent', 'delivered', 'read')
  union all
  select c.id, l.contact_id, l.dispatched_at
    from capped c
    join drip_campaigns d on d.organization_id = c.id and not coalesce((d.settings ->> 'transactional')::boolean, false)
    join drip_message_logs l on l.campaign_id = d.id and l.organization_id = d.organization_id
   where l.dispatched_at > c.since - c.days and l.status in ('dispatching', 'unknown', 'sent', 'delivered', 'read')
), counted as ( -- the messages-th before this one, if it is still within the days
  select t.*, c.slug, c.since, c.messages, c.days,
         lag(t.at, c.messages) over (partition by t.id, t.contact_id order by t.at) as earlier
    from touches t join capped c on c.id = t.id
)
select format('contact %s of %s: more than %s marketing messages in the %s up to %s', n.contact_id, n.slug, n.messages, n.days, n.at) as example
  from counted n where n.at >= n.since and n.earlier > n.at - n.days -- two contacts that turned out to be one person had a count each until then
   and n.at > coalesce((select max(d.erased_at) from contacts d where d.merged_into = n.contact_id), '-infinity')

-- name: attempts_within_bounds
select format('job %s: %s after %s of %s attempts, dispatched %s', j.id, j.status, j.attempts, j.max_attempts, coalesce(j.dispatched_at::text, 'never')) as example
  from bulk_message_jobs j
 where ($1::uuid is null or j.organization_id = $1)
   and (j.attempts not between 0 and j.max_attempts
        or (j.status = 'pending' and j.attempts >= j.max_attempts) -- a claim would take it beyond
        or (j.status in ('dispatching', 'unknown', 'sent', 'delivered', 'read', 'failed') and (j.attempts = 0 or j.dispatched_at is null)))
union all
select format('message %s: of attempt %s, but job %s is at attempt %s', m.id, m.attempt, j.id, j.attempts)
  from messages m join bulk_message_jobs j on j.id = m.bulk_message_job_id and j.organization_id = m.organization_id
 where ($1::uuid is null or m.organization_id = $1) and m.direction = 'outbound' and coalesce(m.attempt, 0) not between 1 and j.attempts

-- name: each_person_once
-- Two accepted messages of one job: only where the first one's outcome was unknown, and the policy is to send again then, or a person
-- said that it had not gone out. One of which Meta said that it failed does not count, delivered after all or not.
with twice as materialized (
  select m.bulk_message_job_id as job_id, m.organization_id, count(*) as messages, count(distinct m.attempt) as attempts
    from messages m
   where m.direction = 'outbound' and m.bulk_message_job_id is not null and m.status in ('sent', 'delivered', 'read') and m.failed_at is null
     and ($1::uuid is null or m.organization_id = $1)
   group by m.bulk_message_job_id, m.organization_id having count(*) > 1
)
select format('job %s: %s accepted messages to contact %s in %s attempts', j.id, t.messages, j.contact_id, t.attempts) as example
  from twice t
  join bulk_message_jobs j on j.id = t.job_id and j.organization_id = t.organization_id
  join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
 where t.attempts < t.messages
    or (coalesce(r.definition #>> '{settings,onUnknown}', 'retry') <> 'retry' and j.resolved_as is distinct from 'not-sent')

-- name: sentAgain
-- No violation but worth knowing: people who may have had a message twice, by the policy onUnknown: retry.
select count(*)::int as jobs
  from (select from messages m
         where m.direction = 'outbound' and m.bulk_message_job_id is not null and m.status in ('sent', 'delivered', 'read')
           and ($1::uuid is null or m.organization_id = $1)
         group by m.bulk_message_job_id, m.organization_id having count(*) > 1) twice

-- name: messages_match_jobs
-- A message goes to its job's contact from its run's sender, and its job says no less than it does, unless a later
-- attempt has replaced it.
select format('message %s (%s, attempt %s): contact %s, sender %s; job %s (%s, attempt %s): contact %s, sender %s, message %s',
              m.id, m.status, m.attempt, m.contact_id, m.sender_id, j.id, j.status, j.attempts, j.contact_id, r.sender_id, j.message_id) as example
  from messages m
  join bulk_message_jobs j on j.id = m.bulk_message_job_id and j.organization_id = m.organization_id
  join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
 where m.direction = 'outbound' and ($1::uuid is null or m.organization_id = $1)
   and (m.contact_id <> j.contact_id or m.sender_id is distinct from r.sender_id or j.message_id is null
        or (adsapp_status_rank(j.status) < adsapp_status_rank(m.status)
            and (m.status in ('delivered', 'read') or (m.attempt >= j.attempts and not (m.status = 'failed' and j.status in ('pending', 'skipped', 'cancelled')))))) -- tried again, or meant to be
union all
select format('job %s is %s, its message is %s', j.id, j.status, coalesce(m.id::text, 'missing'))
  from bulk_message_jobs j left join messages m on m.id = j.message_id and m.organization_id = j.organization_id
 where ($1::uuid is null or j.organization_id = $1)
   and (j.message_id is not null or (j.status in ('sent', 'delivered', 'read') and j.resolved_as is distinct from 'sent')) -- by a person's word
   and (m.id is null or m.bulk_message_job_id is distinct from j.id or m.provider_message_id is null or m.direction <> 'outbound')

-- name: no_pending_behind_cursor
-- A claim looks only ahead of next_seq: a first attempt behind it would never be made.
select format('job %s: pending at seq %s, the claim stands at %s', j.id, j.seq, r.next_seq) as example
  from campaign_runs r
  join bulk_message_jobs j on j.campaign_id = r.campaign_id and j.occurrence = r.occurrence and j.organization_id = r.organization_id and j.seq <= r.next_seq
 where ($1::uuid is null or r.organization_id = $1) and j.status = 'pending' and j.next_attempt_at is null

-- name: dispatching_rows_have_a_window
-- Rescue finds a dead worker's rows by its windows: a row in none would hang for ever.
with held as (
  select w.organization_id, w.lane_token, u.id from lane_windows w cross join lateral unnest(w.job_ids) as u(id)
)
select format('job %s: dispatching since %s under lane %s, in none of its windows', j.id, j.dispatched_at, j.lane_token) as example
  from bulk_message_jobs j
  left join held h on h.id = j.id and h.organization_id = j.organization_id and h.lane_token = j.lane_token
 where j.status = 'dispatching' and h.id is null and ($1::uuid is null or j.organization_id = $1)

-- name: pending_messages_are_queued
-- A pending outbound message waits in its sender's direct queue, and nothing else does.
select format('message %s is %s, and %s', coalesce(m.id, q.message_id), m.status, case when q.message_id is null then 'nothing will send it' else 'is to be sent again' end) as example
  from (select m.id, m.organization_id, m.status from messages m
         where m.direction = 'outbound' and m.status in ('pending', 'dispatching') and ($1::uuid is null or m.organization_id = $1)) m
  full join (select q.message_id, q.organization_id from direct_queue q where $1::uuid is null or q.organization_id = $1) q
    on q.message_id = m.id and q.organization_id = m.organization_id
 where m.id is null or q.message_id is null

-- name: finished_campaigns_have_no_open_rows
-- Unknown rows may be held. After a cancel, what was dispatched ends as it ends, and the next ticks close the rest.
select format('campaign "%s" is %s, job %s is %s', c.name, c.status, j.id, j.status) as example
  from bulk_campaigns c join bulk_message_jobs j on j.campaign_id = c.id and j.organization_id = c.organization_id
 where ($1::uuid is null or c.organization_id = $1)
   and ((c.status = 'completed' and j.status in ('pending', 'dispatching'))
        or (c.status = 'cancelled' and j.status = 'pending' and c.cancelled_at < adsapp_now() - interval '5 minutes'))

-- name: status_times_agree
select format('job %s: %s; sent %s, delivered %s, read %s, failed %s, unknown %s, next attempt %s, counted on %s', j.id, j.status, j.sent_at, j.delivered_at,
              j.read_at, j.failed_at, j.unknown_since, j.next_attempt_at, j.counted_on) as example
  from bulk_message_jobs j
 where ($1::uuid is null or j.organization_id = $1)
   and ((j.delivered_at is not null) <> (j.status in ('delivered', 'read')) or (j.read_at is not null) <> (j.status = 'read')
        or (j.unknown_since is not null) <> (j.status = 'unknown') or (j.next_attempt_at is not null and j.status <> 'pending')
        or (j.status in ('sent', 'delivered', 'read') and j.sent_at is null) or (j.status = 'failed' and j.failed_at is null)
        or (j.counted_on is null and num_nonnulls(j.sent_at, j.failed_at, j.replied_at, j.opted_out_at) > 0))
union all
select format('message %s: %s; sent %s, delivered %s, read %s, failed %s', m.id, m.status, m.sent_at, m.delivered_at, m.read_at, m.failed_at)
  from messages m
 where ($1::uuid is null or m.organization_id = $1) and m.direction = 'outbound'
   and ((m.delivered_at is not null) <> (m.status in ('delivered', 'read')) or (m.read_at is not null) <> (m.status = 'read')
        or (m.status in ('sent', 'delivered', 'read') and m.sent_at is null) or (m.status = 'failed' and m.failed_at is null))
