drop trigger _600_stop_on_reply on messages;
drop function tg_messages__stop_on_reply();
drop trigger _300_received on messages;
drop function tg_messages__received();
drop function adsapp_is_reply(text);
alter table messages
  drop constraint only_people_consent,
  drop column consent,
  drop column replied_at,
  drop column received_at;
