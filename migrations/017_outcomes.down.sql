alter table drip_message_logs drop column resolved_as, drop column withheld_at;
alter table bulk_message_jobs drop column resolved_as, drop column withheld_at;
alter table bulk_campaigns drop column resumed_at;
drop function adsapp_rate_factor(senders);
alter table senders drop constraint slowed_is_whole, drop column rests_until, drop column full_rate_at, drop column slowed_at, drop column rate_factor;
