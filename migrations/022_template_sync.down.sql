revoke insert (waba_id, rejected_reason), update (waba_id, rejected_reason) on message_templates from adsapp_operator;
comment on column message_templates.status is null;
alter table message_templates drop column rejected_reason;
alter table message_templates drop column waba_id;
