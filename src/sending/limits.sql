-- name: lockLimits
-- What binds the lane: the organization's frequency cap, and the messaging limit of the portfolio. What is counted against them is counted
-- under the lock of their rows, in later statements, so that lanes that share them go one after the other. Organization, then portfolio,
-- then runs. $1 sender. Also whether logs of drips are due: asked here, their claim costs nothing where none are.
with lane as materialized (
  select s.organization_id, p.id as portfolio_id, p.reached is null as is_uncounted, o.settings ? 'frequencyCap' as is_capped,
         exists (select from drip_campaigns d
                  cross join lateral (select from drip_message_logs j where j.campaign_id = d.id and j.next_attempt_at <= adsapp_now() limit 1) j
                  where d.organization_id = s.organization_id and d.status = 'active' and (d.sender_id = s.id or (d.sender_id is null and s.is_default))) as has_logs,
         exists (select from direct_queue q where q.sender_id = s.id and q.next_attempt_at <= adsapp_now()) as has_direct
    from senders s
    join organizations o on o.id = s.organization_id
    left join portfolios p on p.id = s.portfolio_id and p.organization_id = s.organization_id
                          and p.messaging_limit is not null and s.provider = 'whatsapp-cloud'
   where s.id = $1
), organization as materialized (
  select o.id from organizations o where o.id in (select l.organization_id from lane l where l.is_capped) for no key update
), portfolio as materialized (
  select p.id from portfolios p, (select count(*) from organization) first -- the organization's lock comes first
   where p.id in (select l.portfolio_id from lane l) for no key update of p
)
select l.is_capped, l.portfolio_id, l.is_uncounted, l.has_logs, l.has_direct, (select count(*) from portfolio) as locked from lane l

-- name: lane
-- The lane of a claim, with what binds it. $6 the portfolio whose messaging limit does, or null.
select s.id, s.organization_id, s.provider, s.is_default, o.timezone, o.business_hours, adsapp_now() as now,
         case when $5::boolean then (o.settings #>> '{frequencyCap,messages}')::int end as cap,
         adsapp_now() - (o.settings #>> '{frequencyCap,days}')::int * interval '24 hours' as cap_since,
         p.id as portfolio_id, p.messaging_limit - REACHED as room
    from senders s join organizations o on o.id = s.organization_id
    left join portfolios p on p.id = $6::uuid and p.organization_id = s.organization_id

-- name: forgetReached
-- Who was reached last a day ago or longer, some thousand at a time: nobody's room comes too early, and no claim waits for long. $1 portfolio.
with gone as (
  delete from portfolio_reach r
   using (select g.contact_id from portfolio_reach g where g.portfolio_id = $1 and g.at <= adsapp_now() - interval '24 hours' order by g.at limit 5000) g
   where r.portfolio_id = $1 and r.contact_id = g.contact_id
  returning r.contact_id
), n as (
  select count(*)::int as gone from gone
)
update portfolios p set reached = p.reached - n.gone from n where p.id = $1 and n.gone > 0

-- name: clearReached
delete from portfolio_reach where portfolio_id = $1

-- name: countReached
-- A portfolio whose limit, or whose senders, are new: what its senders sent in the last day, or may have. $1 portfolio.
with unknown_jobs as materialized ( -- by their own index: few, however many jobs and logs there are
  select j.campaign_id, j.occurrence, j.organization_id, j.contact_id, j.dispatched_at
    from bulk_message_jobs j where j.unknown_since > adsapp_now() - interval '24 hours'
), unknown_logs as materialized (
  select l.campaign_id, l.organization_id, l.contact_id, l.dispatched_at
    from drip_message_logs l where l.unknown_since > adsapp_now() - interval '24 hours'
), attempts as (
  select m.contact_id, m.sent_at as at
    from senders s
    join messages m on m.sender_id = s.id and m.organization_id = s.organization_id and m.direction = 'outbound' and m.sent_at > adsapp_now() - interval '24 hours'
   where s.portfolio_id = $1 and s.provider = 'whatsapp-cloud'
  union all
  select j.contact_id, j.dispatched_at
    from senders s
    join lane_windows w on w.sender_id = s.id cross join lateral unnest(w.job_ids) as u(id)
    join bulk_message_jobs j on j.id = u.id and j.organization_id = s.organization_id
   where s.portfolio_id = $1 and s.provider = 'whatsapp-cloud' and j.status = 'dispatching'
  union all
  select l.contact_id, l.dispatched_at
    from senders s
    join lane_windows w on w.sender_id = s.id cross join lateral unnest(w.job_ids) as u(id)
    join drip_message_logs l on l.id = u.id and l.organization_id = s.organization_id
   where s.portfolio_id = $1 and s.provider = 'whatsapp-cloud' and l.status = 'dispatching'
  union all
  select j.contact_id, j.dispatched_at
    from unknown_jobs j
    join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
    join senders s on s.id = r.sender_id and s.portfolio_id = $1
  union all
  select l.contact_id, l.dispatched_at
    from unknown_logs l
    join drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
    join senders s on s.organization_id = d.organization_id and s.portfolio_id = $1 and (s.id = d.sender_id or (d.sender_id is null and s.is_default))
), added as (
  insert into portfolio_reach (organization_id, portfolio_id, contact_id, at)
  select p.organization_id, p.id, a.contact_id, max(a.at)
    from portfolios p cross join attempts a
   where p.id = $1 and a.at > adsapp_now() - interval '24 hours'
   group by p.organization_id, p.id, a.contact_id
  returning contact_id
)
update portfolios p set reached = (select count(*) from added) where p.id = $1

-- name: recentPairs
-- Who may still borrow from what the lane dispatched to them of late, newest first per person: of n messages, the last n intervals hold at least one.
-- $1 sender, $2 seconds for which a burst borrows, $3 of an interval.
with unknowns as materialized ( -- by their own index: few, however many jobs the lane's runs have
  select j.campaign_id, j.occurrence, j.organization_id, j.contact_id, j.dispatched_at
    from bulk_message_jobs j where j.unknown_since > adsapp_now() - make_interval(secs => $2)
), recent as materialized (
  select m.contact_id, m.sent_at as at from messages m
   where m.sender_id = $1 and m.direction = 'outbound' and m.sent_at > adsapp_now() - make_interval(secs => $2)
  union all
  select u.contact_id, u.dispatched_at
    from unknowns u join campaign_runs r on r.campaign_id = u.campaign_id and r.occurrence = u.occurrence and r.organization_id = u.organization_id
   where r.sender_id = $1
), borrowing as materialized (
  select x.contact_id from recent x group by x.contact_id
  having count(*) > 1 and max(x.at) > adsapp_now() - make_interval(secs => $3 * (count(*) - 1))
)
select x.contact_id, array_agg(extract(epoch from adsapp_now() - x.at)::float8 order by x.at) as seconds_ago
  from recent x where x.contact_id in (select b.contact_id from borrowing b) group by x.contact_id

-- name: judged
-- Stands in claims after `gated`: the limits, over who would get a message now. A person who is capped is skipped, one who got much from
-- this sender just now gets a later time (pair limit: one each 6 s, and a burst of 45), and of people whom the portfolio did not reach
-- within a day as many go as it has room for: the others' rows stay as they are. No CTE is joined to another: estimated at a row or two,
-- they would be joined row by row.
numbered as materialized (
  select g.*, row_number() over (partition by g.contact_id, g.verdict order by g.place) as nth,
         row_number() over (partition by g.contact_id, g.verdict, g.marketing order by g.place) as nth_marketing
    from (select x.*, case when x.reason is not null then 'skip' when x.later > x.now then 'later' else 'send' end as verdict from gated x) g
), capped as materialized ( -- counted is what may have reached the person: each row with its last attempt, whatever has become known of it
  select n.*, n.verdict = 'send' and n.marketing and l.cap is not null and n.nth_marketing + (
           select count(*) TOUCHES) > l.cap as is_capped,
         case when n.verdict = 'send' and l.provider = 'whatsapp-cloud' then coalesce(b.seconds, 6) + (n.nth - 1) * 6 - 44 * 6 end as wait,
         case when l.portfolio_id is not null and n.verdict = 'send' then
           n.in_window or exists (select from portfolio_reach r where r.portfolio_id = l.portfolio_id and r.contact_id = n.contact_id and STILL) end as is_free
    from numbered n cross join lane l left join unnest($7::uuid[], $8::float8[]) as b(contact_id, seconds) on b.contact_id = n.contact_id
), weighed as materialized (
  select c.*, case when c.is_capped then 'skip' when c.wait > 0 then 'later' else c.verdict end as becomes,
         case when c.is_capped then 'frequency_cap' else c.reason end as skip_reason,
         case when c.wait > 0 then c.now + make_interval(secs => c.wait) else c.later end as next_at
    from capped c
), judged as materialized (
  select w.*, coalesce(not w.is_free and w.becomes = 'send'
                       and sum((w.becomes = 'send' and not w.is_free)::int) over (order by w.place) > l.room, false) as is_over
    from weighed w cross join lane l
)

-- name: touches
-- What may have reached person n: each row with its last attempt.
from contact_touches t cross join lateral unnest(t.ats, t.row_ids) as e(at, row_id)
 where t.contact_id = n.contact_id and t.organization_id = l.organization_id and e.at > l.cap_since and e.row_id <> n.id
   and (exists (select from bulk_message_jobs j where j.id = e.row_id and j.organization_id = l.organization_id
                   and j.status in ('dispatching', 'unknown', 'sent', 'delivered', 'read'))
        or exists (select from drip_message_logs d where d.id = e.row_id and d.organization_id = l.organization_id
                      and d.status in ('dispatching', 'unknown', 'sent', 'delivered', 'read')))

-- name: counted
-- Stands in claims after `taken`: what goes out is counted.
going as materialized (
  select j.contact_id, j.id, j.now, j.marketing, j.in_window, j.is_free
    from judged j
   where j.becomes = 'send' and not j.is_over and exists (select from lane l where l.cap is not null or l.portfolio_id is not null)
), touched as (
  insert into contact_touches as t (organization_id, contact_id, ats, row_ids)
  select l.organization_id, g.contact_id, array_agg(g.now), array_agg(g.id)
    from going g join lane l on l.cap is not null
   where g.marketing group by l.organization_id, g.contact_id
  on conflict (contact_id, organization_id) do update
     set (ats, row_ids) = (select array_agg(e.at order by e.at), array_agg(e.row_id order by e.at)
                             from (select o.at, o.row_id from unnest(t.ats, t.row_ids) as o(at, row_id)
                                    where o.at > (select l.cap_since from lane l) and o.row_id <> all (excluded.row_ids)
                                   union all
                                   select n.at, n.row_id from unnest(excluded.ats, excluded.row_ids) as n(at, row_id)) e)
), reached as (
  insert into portfolio_reach as r (organization_id, portfolio_id, contact_id, at)
  select l.organization_id, l.portfolio_id, g.contact_id, max(g.now)
    from going g join lane l on l.portfolio_id is not null
   where not g.in_window group by l.organization_id, l.portfolio_id, g.contact_id
  on conflict (portfolio_id, contact_id, organization_id) do update set at = excluded.at
), filled as (
  update portfolios p set reached = p.reached + n.people
    from (select count(distinct g.contact_id)::int as people from going g where not g.is_free) n, lane l
   where p.id = l.portfolio_id and n.people > 0
), idled as ( -- looked at again in half a minute: somebody who is reached already may come
  update senders s set limited_until = l.now + interval '30 seconds'
    from lane l
   where s.id = l.id and not exists (select from taken) and exists (select from judged j where j.is_over)
)
