drop trigger _560_leave_queue on messages;
drop function tg_messages__leave_queue();
drop trigger _550_queue on messages;
drop function tg_messages__queue();
drop trigger _150_direct_sender on messages;
drop function tg_messages__direct_sender();
drop table direct_queue;
drop function adsapp_direct_attempts();
