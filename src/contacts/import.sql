-- name: createStaging
-- `address`: what tells one person from another. `cells`: the row as it was, where its phone and user id may turn out torn.
create temporary table staged_contacts (
  line integer not null, address text not null, phone text, bsuid text, first_name text, last_name text, email text, language text, timezone text,
  tags text[] not null, list text, opt_in boolean not null, opt_in_source text, opt_out boolean not null, attributes jsonb not null, cells text[]
) on commit drop

-- name: copyStaging
copy staged_contacts from stdin

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

-- name: createPeople
-- One row a person: what the file says of one in several rows is merged; the last word wins, a blank keeps the earlier
-- one, and an opt-out anywhere sticks. Matched by phone first, else by business-scoped user id.
create temporary table imported_people on commit drop as
with merged_attributes as (
  select s.address, jsonb_object_agg(a.key, a.value order by s.line) as attributes
    from staged_contacts s cross join lateral jsonb_each(s.attributes) a
   where s.address in (select d.address from staged_contacts d group by d.address having count(*) > 1)
   group by s.address
), people as (
  select s.address, max(s.line) as line, count(*)::int as rows,
         (array_agg(s.phone order by s.line desc) filter (where s.phone is not null))[1] as phone,
         (array_agg(s.bsuid order by s.line desc) filter (where s.bsuid is not null))[1] as bsuid,
         (array_agg(s.first_name order by s.line desc) filter (where s.first_name is not null))[1] as first_name,
         (array_agg(s.last_name order by s.line desc) filter (where s.last_name is not null))[1] as last_name,
         (array_agg(s.email order by s.line desc) filter (where s.email is not null))[1] as email,
         (array_agg(s.language order by s.line desc) filter (where s.language is not null))[1] as language,
         (array_agg(s.timezone order by s.line desc) filter (where s.timezone is not null))[1] as timezone,
         (array_agg(s.opt_in_source order by s.line desc) filter (where s.opt_in_source is not null))[1] as opt_in_source,
         bool_or(s.opt_in) as opt_in, bool_or(s.opt_out) as opt_out, (array_agg(s.attributes))[1] as attributes
    from staged_contacts s group by s.address
)
select p.address, p.line, p.rows, p.phone, p.bsuid, p.first_name, p.last_name, p.email, p.language, p.timezone, p.opt_in_source,
       p.opt_in, p.opt_out, coalesce(m.attributes, p.attributes) as attributes,
       coalesce(c.id, b.id) as contact_id, coalesce(c.id, b.id) is not null as existed
  from people p
  left join merged_attributes m on m.address = p.address
  left join contacts c on c.organization_id = $1 and c.phone = p.phone
  left join contacts b on b.organization_id = $1 and b.bsuid = p.bsuid

-- name: refuseExisting
select count(*)::int as existing, min(line) as line from imported_people where existed

-- name: updateContacts
-- $1 organization, $2 where opt-outs come from. Never lifts an opt-out; a blank keeps what is known.
update contacts c
   set first_name = coalesce(p.first_name, c.first_name), last_name = coalesce(p.last_name, c.last_name), email = coalesce(p.email, c.email),
       language = coalesce(p.language, c.language), timezone = coalesce(p.timezone, c.timezone),
       phone = coalesce(c.phone, p.phone), bsuid = coalesce(c.bsuid, p.bsuid), attributes = c.attributes || p.attributes,
       opted_in_at = case when p.opt_in then coalesce(c.opted_in_at, adsapp_now()) else c.opted_in_at end,
       opt_in_source = case when p.opt_in then coalesce(c.opt_in_source, p.opt_in_source, $2) else c.opt_in_source end,
       opted_out_at = case when p.opt_out then coalesce(c.opted_out_at, adsapp_now()) else c.opted_out_at end,
       opt_out_source = case when p.opt_out then coalesce(c.opt_out_source, $2) else c.opt_out_source end,
       updated_at = adsapp_now()
  from imported_people p
 where c.id = p.contact_id and c.organization_id = $1 and p.existed
   and ((coalesce(p.first_name, c.first_name), coalesce(p.last_name, c.last_name), coalesce(p.email, c.email),
         coalesce(p.language, c.language), coalesce(p.timezone, c.timezone), coalesce(c.phone, p.phone), coalesce(c.bsuid, p.bsuid), c.attributes || p.attributes)
        is distinct from (c.first_name, c.last_name, c.email, c.language, c.timezone, c.phone, c.bsuid, c.attributes)
        or (p.opt_in and c.opted_in_at is null) or (p.opt_out and c.opted_out_at is null))

-- name: updateOptOuts
-- Of people who are otherwise left alone: a word of no is never lost.
update contacts c set opted_out_at = adsapp_now(), opt_out_source = $2, updated_at = adsapp_now()
  from imported_people p
 where c.id = p.contact_id and c.organization_id = $1 and p.existed and p.opt_out and c.opted_out_at is null

-- name: insertContacts
-- A webhook may make a contact of the same phone just now: its row stays, and matchLate finds it.
with made as (
  insert into contacts (organization_id, phone, bsuid, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source,
                        opted_out_at, opt_out_source, import_id)
  select $1, p.phone, p.bsuid, p.first_name, p.last_name, p.email, p.language, p.timezone, p.attributes,
         case when p.opt_in then adsapp_now() end, case when p.opt_in then coalesce(p.opt_in_source, $2) end,
         case when p.opt_out then adsapp_now() end, case when p.opt_out then $2 end, $3
    from imported_people p
   where not p.existed
   order by p.address
  on conflict do nothing
  returning id, coalesce(phone, bsuid) as address
)
update imported_people p set contact_id = m.id from made m where p.address = m.address

-- name: matchLate
update imported_people p set contact_id = c.id, existed = true
  from contacts c
 where p.contact_id is null and c.organization_id = $1 and (c.phone = p.phone or c.bsuid = p.bsuid)

-- name: tagContacts
-- $2: tags that everyone gets. $3: also those who were contacts already.
insert into contact_tags (organization_id, contact_id, tag)
select distinct $1::uuid, p.contact_id, t.tag
  from staged_contacts s
  join imported_people p on p.address = s.address and ($3::boolean or not p.existed)
  cross join lateral unnest(s.tags || $2::text[]) as t(tag)
 order by 2, 3
on conflict do nothing

-- name: createLists
-- $2: a list that everyone joins. $3: also those who were contacts already.
insert into contact_lists (organization_id, name)
select $1, l.name
  from (select $2::text as name
         union select s.list from staged_contacts s join imported_people p on p.address = s.address and ($3::boolean or not p.existed)) l
 where l.name is not null
on conflict (organization_id, name) do nothing

-- name: joinLists
insert into contact_list_members (organization_id, list_id, contact_id)
select distinct $1::uuid, l.id, p.contact_id
  from staged_contacts s
  join imported_people p on p.address = s.address and ($3::boolean or not p.existed)
  join contact_lists l on l.organization_id = $1 and l.name in (s.list, $2)
 order by 2, 3
on conflict do nothing

-- name: countPeople
select coalesce(sum(p.rows), 0)::int as rows, count(*)::int as people, count(*) filter (where p.existed)::int as existing from imported_people p

-- name: earlierImport
select i.id, i.created_at, i.rows from contact_imports i
 where i.organization_id = $1 and i.file_hash = $2 and i.options = $3 order by i.created_at desc limit 1

-- name: openImport
insert into contact_imports (organization_id, file_name, file_hash, options) values ($1, $2, $3, $4) returning id

-- name: closeImport
update contact_imports set rows = $3, created = $4, updated = $5, unchanged = $6, skipped = $7, rejected = $8
 where id = $2 and organization_id = $1
