revoke update (templates_synced_at) on senders from adsapp_operator;
alter table senders drop column templates_synced_at;
