drop trigger _400_forget on contacts;
drop function tg_contacts__forget();
drop function adsapp_without_person(jsonb, text[], uuid);
