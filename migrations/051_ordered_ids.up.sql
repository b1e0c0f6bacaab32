-- Ids of what is written by the thousand begin with their time: rows that are made together stand together in every index that holds
-- them, and what is written is pages that are in memory (docs/decisions/016). 74 bits of each stay random.

create function adsapp_ordered_id() returns uuid language sql volatile parallel safe as $$
  select (lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, 16))::uuid
$$;
comment on function adsapp_ordered_id() is 'a UUID of version 7 (RFC 9562); nothing reads its time, so it is no clock''s that --now moves';
alter table bulk_message_jobs alter column id set default adsapp_ordered_id();
alter table messages alter column id set default adsapp_ordered_id();
alter table drip_message_logs alter column id set default adsapp_ordered_id();
