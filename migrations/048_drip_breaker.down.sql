drop trigger _210_resumed on drip_campaigns;
drop function tg_drip_campaigns__resumed();
drop index drip_message_logs_failed;
alter table drip_campaigns drop column resumed_at;
