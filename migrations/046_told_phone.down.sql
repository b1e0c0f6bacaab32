-- Takes back 046_told_phone exactly.
comment on column senders.told_phone is 'as webhooks of messages tell it: webhooks about the number name it by nothing else';
alter table senders rename constraint told_phone_is_digits to display_phone_number_is_digits;
alter table senders rename column told_phone to display_phone_number;
