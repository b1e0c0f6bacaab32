drop function adsapp_first_zone(uuid);

alter table bulk_campaigns drop column local_time;
