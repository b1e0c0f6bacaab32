-- name: ticks
-- The newest first, with how long the minutes before it had none; they belong to no organization. $1 how many.
select t.id, t.host, t.pid, t.started_at, t.finished_at, extract(epoch from t.finished_at - t.started_at)::float8 as seconds,
       case when t.before is not null then greatest(0, (extract(epoch from date_trunc('minute', t.started_at) - date_trunc('minute', t.before)) / 60)::int - 1) end as missed_minutes,
       coalesce((t.counts #>> '{sent,bulk}')::int, 0) + coalesce((t.counts #>> '{sent,drip}')::int, 0) + coalesce((t.counts #>> '{sent,direct}')::int, 0) as sent,
       coalesce((t.counts ->> 'failed')::int, 0) as failed, coalesce((t.counts ->> 'inbox')::int, 0) as inbox, t.error
  from (select r.*, lead(r.started_at) over (order by r.started_at desc) as before
          from (select * from tick_runs order by started_at desc limit $1 + 1) r) t
 order by t.started_at desc limit $1
