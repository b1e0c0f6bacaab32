drop trigger _220_next_occurrence on bulk_campaigns;
drop function tg_bulk_campaigns__next_occurrence();
revoke update (next_occurrence_at) on bulk_campaigns from adsapp_operator;
alter table bulk_campaigns drop column last_completed_at;
alter table bulk_campaigns drop column next_occurrence_at;
drop function adsapp_frozen_template(message_templates);
drop function adsapp_share(uuid, uuid, text);
revoke insert (variants), update (variants) on bulk_campaigns from adsapp_operator;
alter table bulk_campaigns drop column variants;
