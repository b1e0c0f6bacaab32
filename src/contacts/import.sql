-- name: createStaging
-- `address`: what tells one person from another. `opt_in_at` and its like: null: it was not said; infinity: it was, not when. `cells`: the
-- row as it was, where its phone and user id may turn out torn.
create temporary table staged_contacts (
  line integer not null, address text not null, phone text, bsuid text, first_name text, last_name text, email text, language text, timezone text,
  tags text[], lists text[], opt_in_at timestamptz, opt_in_source text, opt_out_at timestamptz, opt_out_source text, blocked_at timestamptz,
  attributes jsonb not null, cells text[]
) on commit drop

-- name: copyStaging
copy staged_contacts from stdin

-- name: moreMemory
-- Joins of a million rows in memory; sorts and hashes are few at a time.
set local work_mem = '64MB'

-- name: lockImports
-- One import of an organization merges at a time: two files that hold the same person must not miss each other's word.
select pg_advisory_xact_lock(hashtextextended('adsapp import ' || $1::text, 0))

-- name: removeTorn
-- A phone and a user id that do not belong together, by what is known or by the file itself: a person has to decide.
with pairs as (
  select s.line, s.phone, s.bsuid from staged_contacts s where s.phone is not null and s.bsuid is not null
), of_phone as (
  select p.phone from pairs p group by p.phone having count(distinct p.bsuid) > 1
), of_bsuid as (
  select p.bsuid from pairs p group by p.bsuid having count(distinct p.phone) > 1
), torn as (
  select p.line, case when c.id <> b.id then 'the phone belongs to one contact and the user id to another'
                      when b.phone <> p.phone then 'the user id belongs to a contact with another phone'
                      else 'the file has this phone or user id with another one too' end as reason
    from pairs p
    left join contacts c on c.organization_id = $1 and c.phone = p.phone
    left join contacts b on b.organization_id = $1 and b.bsuid = p.bsuid
   where c.id <> b.id or b.phone <> p.phone
      or p.phone in (select o.phone from of_phone o) or p.bsuid in (select o.bsuid from of_bsuid o)
), gone as (
  delete from staged_contacts s using torn t where s.line = t.line returning s.line, t.reason, s.cells
)
select g.line, g.reason, g.cells from gone g order by g.line

-- name: linkUserIds
-- A row with a user id alone is about the person whose phone stands beside that user id in the file, or in the contacts.
update staged_contacts s set address = coalesce(f.phone, c.phone)
  from (select distinct u.bsuid from staged_contacts u where u.phone is null) u
  left join (select p.bsuid, min(p.phone) as phone from staged_contacts p where p.phone is not null and p.bsuid is not null group by p.bsuid) f
         on f.bsuid = u.bsuid
  left join contacts c on c.organization_id = $1 and c.bsuid = u.bsuid
 where s.phone is null and s.bsuid = u.bsuid and coalesce(f.phone, c.phone) is not null

-- name: mergeDuplicates
-- One row a person: what the file says of one in several rows is merged; the last word wins, a blank keeps the earlier
-- one, and an opt-out anywhere sticks.
with doubles as materialized (
  select s.address from staged_contacts s group by s.address having count(*) > 1
), attributes as (
  select s.address, jsonb_object_agg(a.key, a.value order by s.line) as attributes
    from doubles d join staged_contacts s on s.address = d.address cross join lateral jsonb_each(s.attributes) a group by s.address
), tags as (
  select s.address, array_agg(distinct t.tag) as tags
    from doubles d join staged_contacts s on s.address = d.address cross join lateral unnest(s.tags) as t(tag) group by s.address
), lists as (
  select s.address, array_agg(distinct l.name) as lists
    from doubles d join staged_contacts s on s.address = d.address cross join lateral unnest(s.lists) as l(name) group by s.address
), merged as materialized (
  select s.address, max(s.line) as line,
         (array_agg(s.phone order by s.line desc) filter (where s.phone is not null))[1] as phone,
         (array_agg(s.bsuid order by s.line desc) filter (where s.bsuid is not null))[1] as bsuid,
         (array_agg(s.first_name order by s.line desc) filter (where s.first_name is not null))[1] as first_name,
         (array_agg(s.last_name order by s.line desc) filter (where s.last_name is not null))[1] as last_name,
         (array_agg(s.email order by s.line desc) filter (where s.email is not null))[1] as email,
         (array_agg(s.language order by s.line desc) filter (where s.language is not null))[1] as language,
         (array_agg(s.timezone order by s.line desc) filter (where s.timezone is not null))[1] as timezone,
         (array_agg(s.opt_in_source order by s.line desc) filter (where s.opt_in_source is not null))[1] as opt_in_source,
         (array_agg(s.opt_out_source order by s.line desc) filter (where s.opt_out_source is not null))[1] as opt_out_source,
         min(s.opt_in_at) as opt_in_at, min(s.opt_out_at) as opt_out_at, min(s.blocked_at) as blocked_at
    from doubles d join staged_contacts s on s.address = d.address group by s.address
), kept as (
  update staged_contacts s
     set phone = m.phone, bsuid = m.bsuid, first_name = m.first_name, last_name = m.last_name, email = m.email, language = m.language,
         timezone = m.timezone, opt_in_at = m.opt_in_at, opt_in_source = m.opt_in_source, opt_out_at = m.opt_out_at, opt_out_source = m.opt_out_source,
         blocked_at = m.blocked_at, attributes = coalesce(a.attributes, '{}'), tags = t.tags, lists = l.lists
    from merged m
    left join attributes a on a.address = m.address
    left join tags t on t.address = m.address
    left join lists l on l.address = m.address
   where s.line = m.line
)
delete from staged_contacts s using merged m where s.address = m.address and s.line <> m.line

-- name: hasErased
select exists (select from suppressions s where s.organization_id = $1) as erased

-- name: removeErased
-- People whom the organization has erased: no import brings them back.
with erased as materialized (
  select e.address from adsapp_suppressed_here(array(select s.phone from staged_contacts s where s.phone is not null
                                                     union all select s.bsuid from staged_contacts s where s.bsuid is not null)) as e(address)
)
delete from staged_contacts s where s.phone in (select e.address from erased e) or s.bsuid in (select e.address from erased e)

-- name: matchPeople
-- Who is a contact already: by phone, else by business-scoped user id.
create temporary table matched_people on commit drop as
select s.address, c.id as contact_id
  from staged_contacts s join contacts c on c.organization_id = $1 and c.phone = s.phone
union all
select s.address, c.id
  from staged_contacts s join contacts c on c.organization_id = $1 and c.bsuid = s.bsuid
 where s.bsuid is not null and (s.phone is null or not exists (select from contacts k where k.organization_id = $1 and k.phone = s.phone))

-- name: countPeople
select (select count(*)::int from staged_contacts) as people, (select count(*)::int from matched_people) as existing

-- name: firstExisting
select min(s.line) as line from staged_contacts s join matched_people m on m.address = s.address

-- name: insertContacts
-- A webhook may make a contact of the same phone just now: its row stays, and matchLate finds it.
insert into contacts (organization_id, phone, bsuid, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source,
                      opted_out_at, opt_out_source, blocked_at, import_id)
select $1, s.phone, s.bsuid, s.first_name, s.last_name, s.email, s.language, s.timezone, s.attributes,
       case when s.opt_in_at is not null then least(s.opt_in_at, adsapp_now()) end, case when s.opt_in_at is not null then coalesce(s.opt_in_source, $2) end,
       case when s.opt_out_at is not null then least(s.opt_out_at, adsapp_now()) end, case when s.opt_out_at is not null then coalesce(s.opt_out_source, $2) end,
       case when s.blocked_at is not null then least(s.blocked_at, adsapp_now()) end, $3
  from staged_contacts s
 where not exists (select from matched_people m where m.address = s.address)
 order by s.address collate "C"
on conflict do nothing

-- name: matchLate
insert into matched_people (address, contact_id)
select s.address, min(c.id::text)::uuid
  from staged_contacts s
  join contacts c on c.organization_id = $1 and (c.phone = s.phone or c.bsuid = s.bsuid) and c.import_id is distinct from $2
 where not exists (select from matched_people m where m.address = s.address)
 group by s.address

-- name: updateContacts
-- $1 organization, $2 where opt-outs come from, $3 import. Never lifts an opt-out; a blank keeps what is known. Keeps what was, for undo.
-- An opt-out or block of who was known holds from now on, whenever the file says: until now messages went out to them.
with known as materialized (
  select c.id, c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.timezone, c.attributes, c.opted_in_at, c.opt_in_source,
         s.address, adsapp_merge_attributes(c.attributes, s.attributes) as merged
    from matched_people m
    join staged_contacts s on s.address = m.address
    join contacts c on c.id = m.contact_id and c.organization_id = $1
   where (coalesce(s.first_name, c.first_name), coalesce(s.last_name, c.last_name), coalesce(s.email, c.email), coalesce(s.language, c.language),
          coalesce(s.timezone, c.timezone), coalesce(c.phone, s.phone), coalesce(c.bsuid, s.bsuid), adsapp_merge_attributes(c.attributes, s.attributes))
         is distinct from (c.first_name, c.last_name, c.email, c.language, c.timezone, c.phone, c.bsuid, c.attributes)
      or (s.opt_in_at is not null and c.opted_in_at is null) or (s.opt_out_at is not null and c.opted_out_at is null)
      or (s.blocked_at is not null and c.blocked_at is null)
   for no key update of c
), changed as (
  update contacts c
     set first_name = coalesce(s.first_name, c.first_name), last_name = coalesce(s.last_name, c.last_name), email = coalesce(s.email, c.email),
         language = coalesce(s.language, c.language), timezone = coalesce(s.timezone, c.timezone),
         phone = coalesce(c.phone, s.phone), bsuid = coalesce(c.bsuid, s.bsuid), attributes = k.merged,
         opted_in_at = case when s.opt_in_at is not null then coalesce(c.opted_in_at, least(s.opt_in_at, adsapp_now())) else c.opted_in_at end,
         opt_in_source = case when s.opt_in_at is not null then coalesce(c.opt_in_source, s.opt_in_source, $2) else c.opt_in_source end,
         opted_out_at = case when s.opt_out_at is not null then coalesce(c.opted_out_at, adsapp_now()) else c.opted_out_at end,
         opt_out_source = case when s.opt_out_at is not null then coalesce(c.opt_out_source, s.opt_out_source, $2) else c.opt_out_source end,
         blocked_at = case when s.blocked_at is not null then coalesce(c.blocked_at, adsapp_now()) else c.blocked_at end,
         updated_at = adsapp_now()
    from known k join staged_contacts s on s.address = k.address
   where c.id = k.id and c.organization_id = $1
  returning k.*, c.updated_at
)
insert into contact_import_changes (organization_id, import_id, contact_id, changed_at, phone, bsuid, first_name, last_name, email, language, timezone,
                                    attributes, opted_in_at, opt_in_source)
select $1, $3, d.id, d.updated_at, d.phone, d.bsuid, d.first_name, d.last_name, d.email, d.language, d.timezone, d.attributes, d.opted_in_at, d.opt_in_source
  from changed d

-- name: updateOptOuts
-- Of people who are otherwise left alone: a word of no is never lost.
update contacts c
   set opted_out_at = case when s.opt_out_at is not null then coalesce(c.opted_out_at, adsapp_now()) else c.opted_out_at end,
       opt_out_source = case when s.opt_out_at is not null then coalesce(c.opt_out_source, s.opt_out_source, $2) else c.opt_out_source end,
       blocked_at = case when s.blocked_at is not null then coalesce(c.blocked_at, adsapp_now()) else c.blocked_at end, updated_at = adsapp_now()
  from matched_people m join staged_contacts s on s.address = m.address
 where c.id = m.contact_id and c.organization_id = $1 and ((s.opt_out_at is not null and c.opted_out_at is null) or (s.blocked_at is not null and c.blocked_at is null))

-- name: createImported
-- Whom tags and lists are for. $3: also those who were contacts already.
create temporary table imported_people on commit drop as
select s.address, c.id as contact_id, s.tags, s.lists
  from contacts c join staged_contacts s on s.address = coalesce(c.phone, c.bsuid)
 where c.organization_id = $1 and c.import_id = $2
union all
select s.address, m.contact_id, s.tags, s.lists from matched_people m join staged_contacts s on s.address = m.address where $3::boolean

-- name: tagContacts
-- $2: tags that everyone gets.
insert into contact_tags (organization_id, contact_id, tag, import_id)
select distinct $1::uuid, p.contact_id, t.tag, $3::uuid from imported_people p cross join lateral unnest(p.tags || $2::text[]) as t(tag)
 order by 2, 3
on conflict do nothing

-- name: createLists
-- $2: a list that everyone joins.
insert into contact_lists (organization_id, name)
select $1, l.name
  from (select $2::text as name union select n.name from imported_people p cross join lateral unnest(p.lists) as n(name)) l
 where l.name is not null
on conflict (organization_id, name) do nothing

-- name: joinLists
insert into contact_list_members (organization_id, list_id, contact_id, import_id)
select distinct $1::uuid, l.id, p.contact_id, $3::uuid
  from imported_people p
 cross join lateral unnest(p.lists || $2::text) as n(name)
  join contact_lists l on l.organization_id = $1 and l.name = n.name
 order by 2, 3
on conflict do nothing

-- name: earlierImport
select i.id, i.created_at, i.rows from contact_imports i
 where i.organization_id = $1 and i.file_hash = $2 and i.options = $3 and i.undone_at is null order by i.created_at desc limit 1

-- name: openImport
insert into contact_imports (organization_id, file_name, file_hash, options) values ($1, $2, $3, $4) returning id

-- name: closeImport
update contact_imports set rows = $3, created = $4, updated = $5, unchanged = $6, skipped = $7, rejected = $8, suppressed = $9
 where id = $2 and organization_id = $1
