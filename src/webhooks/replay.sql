-- name: reopenBodies
-- Bodies that were put aside wait again, or those of these ids, whatever became of them. $1 ids or null.
update webhook_inbox set processed_at = null, error = null
 where case when $1::bigint[] is null then processed_at is null and error is not null else id = any ($1::bigint[]) end
returning id

-- name: replayed
-- What became of them. $1 ids.
select i.id, i.received_at, i.source, o.slug as organization, i.error
  from webhook_inbox i left join organizations o on o.id = i.organization_id
 where i.id = any ($1::bigint[])
 order by i.id

-- name: dismissBodies
-- They keep their error, and are done with. $1 ids.
with asked as materialized (
  select i.id, i.received_at, i.source, i.organization_id, i.error, i.processed_at is null and i.error is not null as waits
    from webhook_inbox i where i.id = any ($1::bigint[]) order by i.id for update
), dismissed as (
  update webhook_inbox i set processed_at = adsapp_now() from asked a
   where i.id = a.id and a.waits and not exists (select from asked b where not b.waits)
)
select a.id, a.received_at, a.source, o.slug as organization, a.error, a.waits from asked a left join organizations o on o.id = a.organization_id
 order by a.id
