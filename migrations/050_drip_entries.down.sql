drop trigger _210_entries_update on drip_enrollments;
drop trigger _210_entries_insert on drip_enrollments;
drop function tg_drip_enrollments__count_entries();
drop table drip_entry_analytics;
drop trigger _110_entered on drip_enrollments;
drop function tg_drip_enrollments__entered();
alter table drip_enrollments drop column entered_on;
create index drip_enrollments_entered_idx on drip_enrollments (campaign_id, enrolled_at);
