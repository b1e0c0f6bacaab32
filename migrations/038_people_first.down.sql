drop index webhook_inbox_waiting;
create index webhook_inbox_waiting on webhook_inbox (id) where processed_at is null and error is null;

drop function adsapp_is_of_people(text);
