drop table lane_windows;
drop table bulk_message_jobs;
drop function tg_bulk_message_jobs__organization();
drop table campaign_runs;
drop table bulk_campaigns;
drop function adsapp_campaign_statistics(integer, integer, integer, integer, integer, integer, integer, integer);
drop function adsapp_contact_gate(contacts, boolean, boolean);
drop function adsapp_local_instant(text, text);
