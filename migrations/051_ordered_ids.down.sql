alter table drip_message_logs alter column id set default gen_random_uuid();
alter table messages alter column id set default gen_random_uuid();
alter table bulk_message_jobs alter column id set default gen_random_uuid();
drop function adsapp_ordered_id();
