-- Two columns of one name in two spellings: display_phone is what a person has set, and this one what webhooks tell.
alter table senders rename column display_phone_number to told_phone;
alter table senders rename constraint display_phone_number_is_digits to told_phone_is_digits;
comment on column senders.told_phone is 'the number as webhooks of messages tell it (digits): webhooks about the number name it by nothing else';
