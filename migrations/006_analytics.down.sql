drop trigger _500_count_insert on bulk_message_jobs;
drop trigger _500_count_update on bulk_message_jobs;
drop function tg_bulk_message_jobs__count();
drop function adsapp_count(campaign_delta[]);
drop type campaign_delta;
drop table campaign_analytics;
