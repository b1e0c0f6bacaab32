-- name: server
-- The server and this login's session on it. As owner.
select current_setting('server_version') as version, current_setting('server_version_num')::int as number, current_setting('fsync') = 'on' as fsync,
       current_setting('full_page_writes') = 'on' as full_page_writes, current_setting('synchronous_commit') as synchronous_commit,
       current_setting('autovacuum') = 'on' as autovacuum, current_setting('default_transaction_read_only') = 'on' or pg_is_in_recovery() as is_read_only,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most_connections,
       (select count(*)::int from pg_stat_activity a where a.backend_type = 'client backend') as connections,
       pg_size_pretty(pg_database_size(current_database())) as size, current_user as login, clock_timestamp() as now

-- name: transactions
-- Transactions that hold up what is cleaned away, and locks, for longer than $1.
select a.pid, coalesce(nullif(a.application_name, ''), a.usename, 'somebody') as who, a.state, extract(epoch from clock_timestamp() - a.xact_start)::int as seconds
  from pg_stat_activity a
 where a.datname = current_database() and a.pid <> pg_backend_pid() and a.xact_start < clock_timestamp() - $1::interval
 order by a.xact_start limit 5

-- name: roles
-- The roles of the first migration.
select r.name, p.oid is not null as is_there, coalesce(p.rolsuper or p.rolbypassrls, false) as sees_all
  from (values ('adsapp_worker'), ('adsapp_operator')) r(name) left join pg_roles p on p.rolname = r.name

-- name: senders
-- $1 organization or null: what others have entered is told to who looks at all of them. As worker.
select o.slug || '/' || s.name as subject, s.name, s.provider, s.state, s.halt_reason, s.api_url, s.phone_number_id, s.waba_id, s.token_env, s.token_file, s.app_secret_env,
       s.quality, s.display_phone, $1::uuid is null and exists (select from senders o where o.phone_number_id = s.phone_number_id and o.organization_id <> s.organization_id) as is_shared,
       s.templates_synced_at, s.templates_synced_at < clock_timestamp() - interval '7 days' as is_stale,
       exists (select from message_templates t where t.organization_id = s.organization_id and t.waba_id is not null and t.stale_at is not null) as has_stale_templates,
       x.last_sent_at, x.last_status_at, coalesce(x.last_sent_at > coalesce(x.last_status_at, '-infinity') + interval '1 hour', false) as is_silent
  from senders s join organizations o on o.id = s.organization_id
 cross join lateral (select max(m.sent_at) as last_sent_at, max(m.webhook_at) as last_status_at
                       from (select n.sent_at, n.webhook_at from messages n
                              where n.sender_id = s.id and n.organization_id = s.organization_id and n.direction = 'outbound' and n.sent_at < adsapp_now() - interval '1 hour'
                              order by n.sent_at desc limit 200) m) x
 where $1::uuid is null or s.organization_id = $1
 order by o.slug, s.is_default desc, s.name

-- name: machinery
-- Ticks of the last day by the minute (as many as there were since the first one), webhook bodies, organizations. As worker. $1 organization or null.
with day as (
  select date_trunc('minute', adsapp_now()) as ends, greatest(date_trunc('minute', adsapp_now()) - interval '1 day', date_trunc('minute', min(t.started_at))) as begins, max(t.started_at) as last_at
    from tick_runs t
)
select (select count(*)::int from organizations o where $1::uuid is null or o.id = $1) as organizations,
       d.last_at as last_tick_at, d.last_at < adsapp_now() - interval '5 minutes' as is_silent,
       greatest(0, (extract(epoch from d.ends - d.begins) / 60)::int
                   - (select count(distinct date_trunc('minute', t.started_at))::int from tick_runs t where t.started_at >= d.begins and t.started_at < d.ends)) as missed_minutes,
       (select t.error from tick_runs t order by t.started_at desc limit 1) as error,
       (select i.received_at from webhook_inbox i order by i.id desc limit 1) as last_body_at,
       w.waiting, w.oldest_at < adsapp_now() - interval '5 minutes' as is_late, f.failed, f.failure
  from day d
 cross join (select count(*)::int as waiting, min(i.received_at) as oldest_at from webhook_inbox i where i.processed_at is null and i.error is null) w
 cross join (select count(*)::int as failed, min(i.error) as failure from webhook_inbox i where i.processed_at is null and i.error is not null) f
