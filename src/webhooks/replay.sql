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
