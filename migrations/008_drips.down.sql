drop policy "Steps with messages stay" on drip_campaign_steps;
drop table drip_first_steps;
drop table drip_message_logs;
drop table drip_enrollments;
drop table drip_campaign_steps;
drop table drip_campaigns;
drop function tg_drip_campaign_steps__fill();
drop function tg_drip_enrollments__fill();
drop function adsapp_drip_statistics(integer, integer, integer, integer, integer, integer, integer, integer, integer, integer, integer, integer);
