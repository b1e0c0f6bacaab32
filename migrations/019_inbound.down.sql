drop table account_notices;

revoke update (status_reason, status_at, stale_at) on message_templates from adsapp_operator;
alter table message_templates
  drop column stale_at,
  drop column category_at,
  drop column quality_at,
  drop column status_at,
  drop column status_reason;

alter table senders
  drop column quality_at,
  drop column quality,
  drop column verified_name,
  drop column display_phone_number;

revoke update (contact_id) on contact_list_members from adsapp_worker;
revoke update (contact_id) on contact_tags from adsapp_worker;
drop index contacts_merged_into_idx;
alter table contacts
  drop constraint contacts_merged_into_fkey,
  drop column merged_into;

create or replace function adsapp_is_reply(p_type text) returns boolean language sql immutable parallel safe as $$
  select p_type not in ('reaction', 'system', 'unsupported')
$$;

drop index messages_review_idx;
revoke update (reviewed_at) on messages from adsapp_operator;
alter table messages no force row level security;
update messages set consent = null where consent = 'review';
alter table messages force row level security;
alter table messages
  drop column reviewed_at,
  drop constraint consent_is_known,
  add constraint consent_is_known check (consent in ('opt_out', 'opt_in'));
comment on column messages.consent is 'inbound: what it says about marketing. An opt-out is no reply';
