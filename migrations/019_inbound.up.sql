-- What Meta tells beside statuses and plain replies: words that only a person can judge, people whose number changes, news of templates,
-- numbers and accounts.

alter table messages
  drop constraint consent_is_known,
  add constraint consent_is_known check (consent in ('opt_out', 'opt_in', 'review')),
  add column reviewed_at timestamptz;
create index messages_review_idx on messages (organization_id, received_at) where consent = 'review' and reviewed_at is null; -- status asks
comment on column messages.consent is 'inbound: what it says about marketing; review: it holds a word of no, and a person has to judge. An opt-out is no reply';
comment on column messages.reviewed_at is 'when a person judged that it was no opt-out';
grant update (reviewed_at) on messages to adsapp_operator;

-- What a person wrote, or tapped: a reaction, a correction, news of the number and what Meta cannot show are no replies.
create or replace function adsapp_is_reply(p_type text) returns boolean language sql immutable parallel safe as $$
  select p_type not in ('reaction', 'system', 'unsupported', 'edit', 'revoke')
$$;

-- A new key is checked by its owner, who must see the rows for that.
alter table contacts no force row level security;
alter table contacts
  add column merged_into uuid,
  add constraint contacts_merged_into_fkey foreign key (organization_id, merged_into) references contacts (organization_id, id) on delete set null (merged_into);
alter table contacts force row level security;
create index contacts_merged_into_idx on contacts (merged_into) where merged_into is not null;
comment on column contacts.merged_into is 'the same person, who stays; this row keeps only what could not move, so that the ledger stands';

grant update (contact_id) on contact_tags to adsapp_worker;
grant update (contact_id) on contact_list_members to adsapp_worker;

alter table senders
  add column display_phone_number text constraint display_phone_number_is_digits check (display_phone_number ~ '^[0-9]{5,20}$'),
  add column verified_name text,
  add column quality text,
  add column quality_at timestamptz;
comment on column senders.display_phone_number is 'as webhooks of messages tell it: webhooks about the number name it by nothing else';
comment on column senders.quality is 'the last event of phone_number_quality_update: FLAGGED, UNFLAGGED, UPGRADE …';

alter table message_templates
  add column status_reason text,
  add column status_at timestamptz,
  add column quality_at timestamptz,
  add column category_at timestamptz,
  add column stale_at timestamptz;
comment on column message_templates.status_at is 'when Meta last told of it by webhook, by its own clock; older news changes nothing';
comment on column message_templates.stale_at is 'its text was changed at Meta then, and is not known here';
grant update (status_reason, status_at, stale_at) on message_templates to adsapp_operator;

create table account_notices (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  waba_id text not null constraint waba_id_is_digits check (waba_id ~ '^[0-9]{1,32}$'),
  sender_id uuid,
  field text not null,
  event text not null,
  message text not null,
  halts boolean not null default false,
  details jsonb not null default '{}' constraint details_is_object check (jsonb_typeof(details) = 'object'),
  digest text not null generated always as (md5(details::text)) stored,
  occurred_at timestamptz not null,
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint account_notices_once unique (organization_id, waba_id, field, event, occurred_at, digest),
  constraint account_notices_sender_fkey foreign key (organization_id, sender_id) references senders (organization_id, id) on delete set null (sender_id)
);
create index account_notices_at_idx on account_notices (organization_id, occurred_at desc); -- status shows the last ones
create index account_notices_sender_idx on account_notices (sender_id) where sender_id is not null;
comment on table account_notices is 'what Meta told about an account, a number or a template; each does its work once, when it is new';
comment on column account_notices.halts is 'the senders of the account were halted for it';
call adsapp_wall('account_notices', 'Users can access account notices in their org');
grant select on account_notices to adsapp_operator;
grant select, insert on account_notices to adsapp_worker;
