drop function undo_contact_import(uuid);
drop table contact_import_changes;
drop function adsapp_merge_attributes(jsonb, jsonb);
revoke insert (import_id) on contact_tags, contact_list_members from adsapp_operator;
revoke insert (suppressed), update (suppressed) on contact_imports from adsapp_operator;
alter table contact_list_members drop column import_id;
alter table contact_tags drop column import_id;
alter table contact_imports drop column undone_at, drop column suppressed;
