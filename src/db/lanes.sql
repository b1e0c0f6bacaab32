-- name: knowsLanes
select to_regclass('public.senders') is not null as knows

-- name: holdFreeLanes
-- Every lane that no tick holds, so that none can begin. $1 holder, $2 lease.
update public.senders
   set lane_token = gen_random_uuid(), lane_holder = $1, lane_expires_at = clock_timestamp() + $2::interval
 where lane_expires_at is null or lane_expires_at <= clock_timestamp() or lane_holder = $1

-- name: heldByOthers
select coalesce(array_agg(distinct lane_holder), '{}') as holders
  from public.senders where lane_expires_at > clock_timestamp() and lane_holder is distinct from $1

-- name: giveBack
update public.senders set lane_token = null, lane_holder = null, lane_expires_at = null where lane_holder = $1
