-- name: findMoves
-- Whom each change of number or user id is about, and who else has the new address. One array a column: n, phone number id, old phone, old
-- user id, new phone, new user id.
with said as materialized (
  select s.*, x.organization_id
    from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as s(n, phone_number_id, phone, bsuid, new_phone, new_bsuid)
   cross join lateral (select min(o.organization_id::text)::uuid as organization_id from senders o
                        where o.phone_number_id = s.phone_number_id having count(*) = 1) x
)
select s.n, c.organization_id, c.id as contact_id,
       array(select k.id from contacts k
              where k.organization_id = c.organization_id and (k.id = c.id or k.phone = s.new_phone or k.bsuid = s.new_bsuid)
              order by k.created_at, k.id) as people, -- the oldest stays
       s.new_phone as phone, s.new_bsuid as bsuid
  from said s
 cross join lateral (select k.* from contacts k where k.organization_id = s.organization_id and (k.phone = s.phone or k.bsuid = s.bsuid)
                      order by k.phone is distinct from s.phone, k.created_at, k.id limit 1) c
 where c.phone is distinct from s.new_phone or c.bsuid is distinct from s.new_bsuid
 order by s.n

-- name: findDoubles
-- Two contacts that a message shows to be one: one has the phone alone, the other the user id alone. One array a column: phone number id, phone, bsuid.
select distinct on (p.id) p.organization_id, p.id as contact_id,
       case when (p.created_at, p.id) < (b.created_at, b.id) then array[p.id, b.id] else array[b.id, p.id] end as people, p.phone, b.bsuid
  from unnest($1::text[], $2::text[], $3::text[]) as s(phone_number_id, phone, bsuid)
 cross join lateral (select min(o.organization_id::text)::uuid as organization_id from senders o
                      where o.phone_number_id = s.phone_number_id having count(*) = 1) x
  join contacts p on p.organization_id = x.organization_id and p.phone = s.phone and p.bsuid is null
  join contacts b on b.organization_id = x.organization_id and b.bsuid = s.bsuid and b.phone is null
 order by p.id, b.created_at, b.id

-- name: lockPeople
select from contacts c where c.id = any ($1::uuid[]) order by c.id for update

-- name: lockTheirDrips
select from drip_campaigns d
 where d.id in (select e.campaign_id from drip_enrollments e where e.contact_id = any ($1::uuid[])) order by d.id for no key update

-- name: lockTheirEnrollments
select from drip_enrollments e where e.contact_id = any ($1::uuid[]) order by e.id for no key update

-- name: lockTheirJobs
select from bulk_message_jobs j where j.contact_id = any ($1::uuid[]) order by j.id for no key update

-- name: leaveDoubleDrips
-- In one drip twice at the same time: the one that stays goes on. $1 who stays, $2 who goes.
update drip_enrollments e set status = 'dropped', exit_reason = 'merged'
  from unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
 where e.contact_id = p.goes and e.ended_at is null
   and exists (select from drip_enrollments k where k.campaign_id = e.campaign_id and k.contact_id = p.stays and k.ended_at is null)

-- name: moveEnrollments
update drip_enrollments e
   set contact_id = p.stays,
       entry_no = e.entry_no + coalesce((select max(k.entry_no) from drip_enrollments k where k.campaign_id = e.campaign_id and k.contact_id = p.stays), 0)
  from unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
 where e.contact_id = p.goes

-- name: moveLogs
update drip_message_logs l set contact_id = p.stays from unnest($1::uuid[], $2::uuid[]) as p(stays, goes) where l.contact_id = p.goes

-- name: spareDoubles
-- In one broadcast twice: whoever got it gets it once, and of two that wait one goes out. The rows stay where they are.
with pairs as (
  select p.stays, p.goes from unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
), doubles as materialized (
  select s.id as staying, s.status as stays_as, g.id as going, g.status as goes_as
    from pairs p
    join bulk_message_jobs g on g.contact_id = p.goes
    join bulk_message_jobs s on s.contact_id = p.stays and s.campaign_id = g.campaign_id and s.occurrence = g.occurrence
)
update bulk_message_jobs j set status = 'skipped', skip_reason = 'merged', next_attempt_at = null
  from doubles d
 where j.status = 'pending'
   and (j.id = d.going or (j.id = d.staying and d.goes_as in ('dispatching', 'unknown', 'sent', 'delivered', 'read')))

-- name: moveJobs
-- Not where a broadcast has both; where it has yet to come to the one that stays, what was sent or will be: an expansion passes over who has a job.
update bulk_message_jobs j set contact_id = p.stays
  from unnest($1::uuid[], $2::uuid[]) as p(stays, goes), campaign_runs r
 where j.contact_id = p.goes and r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
   and (r.expanded_at is not null or p.stays <= r.expanded_through or j.status not in ('failed', 'skipped', 'cancelled'))
   and not exists (select from bulk_message_jobs k where k.campaign_id = j.campaign_id and k.occurrence = j.occurrence and k.contact_id = p.stays)

-- name: moveMessages
-- A message of a broadcast belongs to its job's contact, wherever that is.
update messages m set contact_id = p.stays
  from unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
 where m.contact_id = p.goes
   and (m.bulk_message_job_id is null
        or exists (select from bulk_message_jobs j where j.id = m.bulk_message_job_id and j.organization_id = m.organization_id and j.contact_id = p.stays))

-- name: closeDoubleConversations
-- Who waits for an answer in the one that is closed waits for it in the other.
with doubles as materialized (
  select c.id, c.organization_id, c.waiting_since, k.id as other_id
    from unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
    join conversations c on c.contact_id = p.goes and c.resolved_at is null
    join conversations k on k.contact_id = p.stays and k.organization_id = c.organization_id and k.resolved_at is null
), waiting as (
  update conversations k set waiting_since = least(k.waiting_since, d.waiting_since)
    from doubles d where k.id = d.other_id and k.organization_id = d.organization_id and d.waiting_since is not null
)
update conversations c set status = 'closed', resolved_at = adsapp_now()
  from doubles d where c.id = d.id and c.organization_id = d.organization_id

-- name: moveConversations
update conversations c set contact_id = p.stays from unnest($1::uuid[], $2::uuid[]) as p(stays, goes) where c.contact_id = p.goes

-- name: moveEvents
update contact_events e set contact_id = p.stays from unnest($1::uuid[], $2::uuid[]) as p(stays, goes) where e.contact_id = p.goes

-- name: dropDoubleTags
delete from contact_tags t using unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
 where t.contact_id = p.goes and exists (select from contact_tags k where k.contact_id = p.stays and k.tag = t.tag)

-- name: moveTags
update contact_tags t set contact_id = p.stays from unnest($1::uuid[], $2::uuid[]) as p(stays, goes) where t.contact_id = p.goes

-- name: dropDoubleMemberships
delete from contact_list_members m using unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
 where m.contact_id = p.goes and exists (select from contact_list_members k where k.contact_id = p.stays and k.list_id = m.list_id)

-- name: moveMemberships
update contact_list_members m set contact_id = p.stays from unnest($1::uuid[], $2::uuid[]) as p(stays, goes) where m.contact_id = p.goes

-- name: addTouches
insert into contact_touches as t (organization_id, contact_id, ats, row_ids)
select g.organization_id, p.stays, g.ats, g.row_ids
  from unnest($1::uuid[], $2::uuid[]) as p(stays, goes) join contact_touches g on g.contact_id = p.goes and cardinality(g.ats) > 0
on conflict (contact_id, organization_id) do update
   set (ats, row_ids) = (select array_agg(u.at order by u.at, u.id), array_agg(u.id order by u.at, u.id)
                           from unnest(t.ats || excluded.ats, t.row_ids || excluded.row_ids) as u(at, id))

-- name: forgetTouches
update contact_touches t set ats = '{}', row_ids = '{}' where t.contact_id = any ($1::uuid[])

-- name: lockTheirPortfolios
select from portfolios f
 where f.id in (select r.portfolio_id from portfolio_reach r where r.contact_id = any ($1::uuid[])) order by f.id for no key update

-- name: dropDoubleReach
-- Counted as two people until now.
with doubles as (
  delete from portfolio_reach r using unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
   where r.contact_id = p.goes and exists (select from portfolio_reach k where k.portfolio_id = r.portfolio_id and k.contact_id = p.stays)
  returning r.portfolio_id, r.organization_id, p.stays, r.at
), later as (
  update portfolio_reach k set at = greatest(k.at, d.at)
    from doubles d where k.portfolio_id = d.portfolio_id and k.contact_id = d.stays and k.organization_id = d.organization_id
)
update portfolios f set reached = f.reached - d.n
  from (select portfolio_id, organization_id, count(*)::int as n from doubles group by 1, 2) d
 where f.id = d.portfolio_id and f.organization_id = d.organization_id

-- name: moveReach
update portfolio_reach r set contact_id = p.stays from unnest($1::uuid[], $2::uuid[]) as p(stays, goes) where r.contact_id = p.goes

-- name: absorb
-- What is known of both, and the strictest consent: a no of either holds (from now on where the other got something after it, which was no
-- breach then), and what a person wrote down stays a person's to lift.
update contacts c
   set first_name = coalesce(c.first_name, g.first_name),
       last_name = case when c.first_name is null then coalesce(c.last_name, g.last_name) else c.last_name end,
       email = coalesce(c.email, g.email), language = coalesce(c.language, g.language), timezone = coalesce(c.timezone, g.timezone),
       attributes = g.attributes || c.attributes,
       opted_in_at = greatest(c.opted_in_at, g.opted_in_at),
       opt_in_source = case when g.opted_in_at > coalesce(c.opted_in_at, '-infinity') then g.opt_in_source else c.opt_in_source end,
       opted_out_at = case when num_nulls(c.opted_out_at, g.opted_out_at) = 1 and x.last_at > coalesce(c.opted_out_at, g.opted_out_at) then adsapp_now() else greatest(c.opted_out_at, g.opted_out_at) end,
       opt_out_source = case when c.opted_out_at is null or (g.opted_out_at is not null and c.opt_out_source ~ '^(reply|preferences|provider): ')
                             then coalesce(g.opt_out_source, c.opt_out_source) else c.opt_out_source end,
       blocked_at = case when num_nulls(c.blocked_at, g.blocked_at) = 1 and x.last_at > coalesce(c.blocked_at, g.blocked_at) then adsapp_now() else greatest(c.blocked_at, g.blocked_at) end,
       last_inbound_at = greatest(c.last_inbound_at, g.last_inbound_at),
       undeliverable_at = greatest(c.undeliverable_at, g.undeliverable_at),
       updated_at = adsapp_now()
  from unnest($1::uuid[], $2::uuid[]) as p(stays, goes) join contacts g on g.id = p.goes
 cross join lateral (select max(w.at) as last_at -- what was dispatched to either
                       from (select j.dispatched_at as at from bulk_message_jobs j where j.contact_id in (p.stays, p.goes)
                             union all select l.dispatched_at from drip_message_logs l where l.contact_id in (p.stays, p.goes)) w) x
 where c.id = p.stays and c.organization_id = g.organization_id

-- name: scrubMerged
update contacts c
   set phone = null, bsuid = null, wa_id = null, first_name = null, last_name = null, email = null, language = null, timezone = null, attributes = '{}',
       erased_at = coalesce(c.erased_at, adsapp_now()), merged_into = p.stays, updated_at = adsapp_now()
  from unnest($1::uuid[], $2::uuid[]) as p(stays, goes)
 where c.id = p.goes

-- name: readdress
-- $1 contacts, $2 phones (null: it stays), $3 user ids, $4 whether the user id becomes that, known or not (a new number has another one).
update contacts c
   set phone = coalesce(a.phone, c.phone), wa_id = coalesce(substr(a.phone, 2), c.wa_id),
       bsuid = case when a.moves and a.phone is distinct from c.phone then a.bsuid else coalesce(a.bsuid, c.bsuid) end,
       undeliverable_at = case when a.phone is distinct from c.phone and a.phone is not null then null else c.undeliverable_at end,
       updated_at = adsapp_now()
  from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[]) as a(id, phone, bsuid, moves)
 where c.id = a.id
