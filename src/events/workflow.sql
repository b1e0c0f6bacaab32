-- The workflow node enroll_in_drip. As whoever calls it.

-- name: strangers
-- Text: what is no id at all is a stranger too.
select distinct w.id
  from unnest($2::text[]) w(id)
  left join contacts c on c.organization_id = $1
                      and c.id = case when w.id ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then w.id::uuid end
 where c.id is null

-- name: enrollPeople
select r.contact_id, r.enrollment_id, r.reason, coalesce(nullif(concat_ws(' ', c.first_name, c.last_name), ''), c.phone, c.bsuid, 'contact') as name
  from enroll_in_drips($1, array_fill($2::uuid, array[cardinality($3::uuid[])]), $3::uuid[], $4::uuid) r
  join contacts c on c.id = r.contact_id and c.organization_id = $1
 order by r.contact_id
