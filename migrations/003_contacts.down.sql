drop table message_templates;
drop table contact_list_members;
drop table contact_lists;
drop table contact_tags;
drop table contacts;
drop table contact_imports;
drop function tg_contact_tags__organization();
