-- Where a template came from, so that what is gone from one account can be told from what was never there.

alter table message_templates add column waba_id text constraint waba_id_is_digits check (waba_id ~ '^[0-9]{1,32}$');
alter table message_templates add column rejected_reason text;
comment on column message_templates.waba_id is 'the account that template sync found it in; null: added by hand';
comment on column message_templates.status is 'Meta''s word; DELETED: it was in the account once, and is no more';
grant insert (waba_id, rejected_reason), update (waba_id, rejected_reason) on message_templates to adsapp_operator;
