What retention lets go of. $1: one organization, or null for all; $2: rows at most in one statement. Each answers how many it took.

-- name: webhookBodies
-- Bodies that were applied. One that tells of no organization, or of several, goes when the last of all would let it go. What waits
-- for a person (an error) stays.
with rules as materialized (
  select o.id, (o.settings #>> '{retention,webhookBodies}')::interval as kept from organizations o
), shared as (
  select max(r.kept) as kept from rules r where $1::uuid is null having count(*) = count(r.kept)
), old as materialized (
  (select w.id from rules r join webhook_inbox w on w.organization_id = r.id
    where r.kept is not null and ($1::uuid is null or r.id = $1) and w.processed_at < adsapp_now() - r.kept limit $2)
  union
  (select w.id from shared s join webhook_inbox w on w.organization_id is null
    where s.kept is not null and w.processed_at < adsapp_now() - s.kept limit $2)
)
delete from webhook_inbox w using old o where w.id = o.id

-- name: countWebhookBodies
with rules as materialized (
  select o.id, (o.settings #>> '{retention,webhookBodies}')::interval as kept from organizations o
), shared as (
  select max(r.kept) as kept from rules r where $1::uuid is null having count(*) = count(r.kept)
)
select count(*)::int as n
  from webhook_inbox w left join rules r on r.id = w.organization_id left join shared s on w.organization_id is null
 where w.processed_at < adsapp_now() - coalesce(r.kept, s.kept) and ($1::uuid is null or w.organization_id = $1)

-- name: messages
-- Texts and payloads, a page of all messages at a time ($3: the last one of the page before); rows stay, and what is not over yet.
with page as materialized (
  select m.id, m.organization_id from messages m where $3::uuid is null or m.id > $3 order by m.id limit $2
), rules as materialized (
  select o.id, (o.settings #>> '{retention,messages}')::interval as kept from organizations o where $1::uuid is null or o.id = $1
), pruned as (
  update messages m set body = null, payload = null
    from page p join rules r on r.id = p.organization_id
   where m.id = p.id and m.organization_id = p.organization_id and m.created_at < adsapp_now() - r.kept
     and m.status not in ('pending', 'dispatching', 'unknown') and num_nonnulls(m.body, m.payload) > 0
  returning 1
)
select (select p.id from page p order by p.id desc limit 1) as last, (select count(*)::int from pruned) as n

-- name: countMessages
select count(*)::int as n
  from messages m join organizations o on o.id = m.organization_id
 where ($1::uuid is null or o.id = $1) and m.created_at < adsapp_now() - (o.settings #>> '{retention,messages}')::interval
   and m.status not in ('pending', 'dispatching', 'unknown') and num_nonnulls(m.body, m.payload) > 0

-- name: events
with old as materialized (
  select e.id, e.organization_id
    from organizations o join contact_events e on e.organization_id = o.id
   where ($1::uuid is null or o.id = $1) and e.processed_at is not null
     and e.occurred_at < adsapp_now() - (o.settings #>> '{retention,events}')::interval limit $2
)
delete from contact_events e using old o where e.id = o.id and e.organization_id = o.organization_id

-- name: countEvents
select count(*)::int as n
  from organizations o join contact_events e on e.organization_id = o.id
 where ($1::uuid is null or o.id = $1) and e.processed_at is not null
   and e.occurred_at < adsapp_now() - (o.settings #>> '{retention,events}')::interval

-- name: imports
with old as materialized (
  select w.import_id, w.contact_id, w.organization_id
    from organizations o join contact_imports i on i.organization_id = o.id
    join contact_import_changes w on w.import_id = i.id and w.organization_id = i.organization_id
   where ($1::uuid is null or o.id = $1) and i.created_at < adsapp_now() - (o.settings #>> '{retention,imports}')::interval limit $2
)
delete from contact_import_changes w using old o
 where w.import_id = o.import_id and w.contact_id = o.contact_id and w.organization_id = o.organization_id

-- name: countImports
select count(*)::int as n
  from organizations o join contact_imports i on i.organization_id = o.id
  join contact_import_changes w on w.import_id = i.id and w.organization_id = i.organization_id
 where ($1::uuid is null or o.id = $1) and i.created_at < adsapp_now() - (o.settings #>> '{retention,imports}')::interval

-- name: erased
-- What came in of erased people while they were erased, and ids of their messages that are old enough. (A row that was merged into a person who is there is not such a one.)
select coalesce(sum(adsapp_scrub_messages(x.organization_id, x.ids)), 0)::int as n
  from (select c.organization_id, array_agg(c.id) as ids from contacts c
         where c.erased_at is not null
           and (c.merged_into is null or exists (select from contacts r where r.id = c.merged_into and r.organization_id = c.organization_id and r.erased_at is not null and r.merged_into is null))
           and ($1::uuid is null or c.organization_id = $1) group by c.organization_id) x

-- name: writeDown
-- $1 organization, or null for all; $2 details.
insert into audit_log (organization_id, action, subject_type, subject_id, details)
select o.id, 'prune', 'organizations', o.id, $2::jsonb from organizations o where $1::uuid is null or o.id = $1
