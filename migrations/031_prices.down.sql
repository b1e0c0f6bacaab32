drop trigger _590_count_prices_update on messages;
drop trigger _590_count_prices_insert on messages;
drop function tg_messages__count_prices();
drop trigger _310_price on messages;
drop function tg_messages__price();
drop function adsapp_calling_code(text);
alter table messages drop column calling_code, drop column priced_on;
drop table message_pricing_analytics;
