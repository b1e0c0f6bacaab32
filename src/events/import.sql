-- Events that people and programs tell. As operator.

-- name: storeEvents
-- $2 the lines' numbers; of the three words for a contact one is given a line. Says of each line what became of it. An event
-- id that is known already, from the file or from before, changes nothing.
with told as materialized (
  select w.line, w.name, w.data, w.event_id, coalesce(w.occurred_at, adsapp_now()) as occurred_at, coalesce(p.id, b.id, i.id) as contact_id
    from unnest($2::int[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[], $8::text[], $9::timestamptz[])
           as w(line, phone, bsuid, id, name, data, event_id, occurred_at)
    left join contacts p on p.organization_id = $1 and p.phone = w.phone
    left join contacts b on b.organization_id = $1 and b.bsuid = w.bsuid
    left join contacts i on i.organization_id = $1 and i.id = w.id
), stored as (
  insert into contact_events (organization_id, contact_id, type, name, data, event_id, occurred_at)
  select $1, t.contact_id, $10, t.name, t.data, t.event_id, t.occurred_at from told t where t.contact_id is not null order by t.line
  on conflict (organization_id, event_id) do nothing
  returning 1
)
select (select count(*) from stored)::int as stored, array(select t.line from told t where t.contact_id is null order by t.line) as unknown
