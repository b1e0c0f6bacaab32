-- name: createStaging
create temporary table staged_contacts (
  line integer not null, phone text, bsuid text, first_name text, last_name text, email text, language text, timezone text,
  tags text[] not null, list text, opt_in boolean not null, opt_in_source text, opt_out boolean not null, attributes jsonb not null
) on commit drop

-- name: copyStaging
copy staged_contacts from stdin

-- name: lockImports
-- One import of an organization merges at a time: two files that hold the same person must not miss each other's word.
select pg_advisory_xact_lock(hashtextextended('adsapp import ' || $1::text, 0))

-- name: createPeople
-- One row a person: what the file says of one in several rows is merged; the last word wins, a blank keeps the earlier
-- one, and an opt-out anywhere sticks. Matched by phone first, else by business-scoped user id.
create temporary table imported_people on commit drop as
with staged as materialized (
  select coalesce(s.phone, s.bsuid) as address, s.* from staged_contacts s
), merged_attributes as (
  select s.address, jsonb_object_agg(a.key, a.value order by s.line) as attributes
    from staged s cross join lateral jsonb_each(s.attributes) a
   where s.address in (select d.address from staged d group by d.address having count(*) > 1)
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
    from staged s group by s.address
)
select p.address, p.line, p.rows, p.phone, p.bsuid, p.first_name, p.last_name, p.email, p.language, p.timezone, p.opt_in_source,
       p.opt_in, p.opt_out, coalesce(m.attributes, p.attributes) as attributes,
       coalesce(c.id, b.id) as contact_id, c.id is not null and b.id is not null and c.id <> b.id as torn
  from people p
  left join merged_attributes m on m.address = p.address
  left join contacts c on c.organization_id = $1 and c.phone = p.phone
  left join contacts b on b.organization_id = $1 and b.bsuid = p.bsuid

-- name: removeTorn
-- The phone belongs to one contact and the user id to another: a person has to decide.
with torn as (
  delete from imported_people where torn returning line, address, phone, bsuid
), gone as (
  delete from staged_contacts s using torn t where coalesce(s.phone, s.bsuid) = t.address returning s.line
)
select g.line from gone g order by g.line

-- name: refuseExisting
select count(*)::int as existing, min(line) as line from imported_people where contact_id is not null

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
 where c.id = p.contact_id and c.organization_id = $1
   and ((coalesce(p.first_name, c.first_name), coalesce(p.last_name, c.last_name), coalesce(p.email, c.email),
         coalesce(p.language, c.language), coalesce(p.timezone, c.timezone), coalesce(c.phone, p.phone), coalesce(c.bsuid, p.bsuid), c.attributes || p.attributes)
        is distinct from (c.first_name, c.last_name, c.email, c.language, c.timezone, c.phone, c.bsuid, c.attributes)
        or (p.opt_in and c.opted_in_at is null) or (p.opt_out and c.opted_out_at is null))

-- name: insertContacts
-- Another import may insert the same phone just now: then its row stays and this one adds nothing to it.
insert into contacts (organization_id, phone, bsuid, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source,
                      opted_out_at, opt_out_source, import_id)
select $1, p.phone, p.bsuid, p.first_name, p.last_name, p.email, p.language, p.timezone, p.attributes,
       case when p.opt_in then adsapp_now() end, case when p.opt_in then coalesce(p.opt_in_source, $2) end,
       case when p.opt_out then adsapp_now() end, case when p.opt_out then $2 end, $3
  from imported_people p
 where p.contact_id is null
 order by p.address
on conflict do nothing

-- name: tagContacts
-- $2: tags that every row gets.
insert into contact_tags (organization_id, contact_id, tag)
select distinct $1::uuid, c.id, t.tag
  from staged_contacts s
  join contacts c on c.organization_id = $1 and (c.phone = s.phone or (s.phone is null and c.bsuid = s.bsuid))
  cross join lateral unnest(s.tags || $2::text[]) as t(tag)
 order by 2, 3
on conflict do nothing

-- name: createLists
insert into contact_lists (organization_id, name)
select $1, l.name from (select $2::text as name union select s.list from staged_contacts s) l where l.name is not null
on conflict (organization_id, name) do nothing

-- name: joinLists
-- $2: a list that every row joins.
insert into contact_list_members (organization_id, list_id, contact_id)
select distinct $1::uuid, l.id, c.id
  from staged_contacts s
  join contacts c on c.organization_id = $1 and (c.phone = s.phone or (s.phone is null and c.bsuid = s.bsuid))
  join contact_lists l on l.organization_id = $1 and l.name in (s.list, $2)
 order by 2, 3
on conflict do nothing

-- name: countPeople
select coalesce(sum(p.rows), 0)::int as rows, count(*)::int as people, count(p.contact_id)::int as existing from imported_people p

-- name: earlierImport
select i.id, i.created_at, i.rows from contact_imports i
 where i.organization_id = $1 and i.file_hash = $2 and i.options = $3 order by i.created_at desc limit 1

-- name: openImport
insert into contact_imports (organization_id, file_name, file_hash, options) values ($1, $2, $3, $4) returning id

-- name: closeImport
update contact_imports set rows = $3, created = $4, updated = $5, unchanged = $6, skipped = $7, rejected = $8
 where id = $2 and organization_id = $1
