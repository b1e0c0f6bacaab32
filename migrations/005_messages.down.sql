drop table webhook_inbox;
drop table messages;
drop function track_message_delivery();
drop function tg_messages__organization();
drop function tg_messages__times();
drop function tg_messages__only_rise();
drop function adsapp_status_rank(text);
