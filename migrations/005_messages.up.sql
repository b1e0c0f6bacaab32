-- Messages as the provider knows them, the webhook inbox, and the way of a status to its job.

create function adsapp_status_rank(status text) returns integer language sql immutable parallel safe as $$
  select case status when 'pending' then 0 when 'dispatching' then 1 when 'unknown' then 2 when 'sent' then 3
                     when 'failed' then 4 when 'delivered' then 5 when 'read' then 6 else 0 end
$$;
comment on function adsapp_status_rank(text) is 'a status only rises; failed after sent counts, failed after delivered does not, delivered after failed does';

create table messages (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id(),
  direction text not null constraint direction_is_known check (direction in ('outbound', 'inbound')),
  contact_id uuid not null,
  sender_id uuid,
  agent_id uuid,
  bulk_message_job_id uuid,
  drip_message_log_id uuid, -- its key comes with the drips' messages
  direct_contact_id uuid generated always as (case when bulk_message_job_id is null and drip_message_log_id is null then contact_id end) stored,
  direct_sender_id uuid generated always as (case when bulk_message_job_id is null and drip_message_log_id is null then sender_id end) stored,
  attempt smallint,
  type text not null,
  body text,
  payload jsonb,
  provider_message_id text,
  status text not null constraint status_is_known check
    (status in ('pending', 'dispatching', 'unknown', 'sent', 'delivered', 'read', 'failed', 'received')),
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  webhook_at timestamptz,
  error_code text,
  error text,
  pricing jsonb,
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint messages_provider_message_id_key unique (provider_message_id, organization_id),
  constraint messages_contact_fkey foreign key (organization_id, direct_contact_id) references contacts (organization_id, id) on delete restrict,
  constraint messages_sender_fkey foreign key (organization_id, direct_sender_id) references senders (organization_id, id) on delete restrict,
  constraint messages_agent_fkey foreign key (organization_id, agent_id) references profiles (organization_id, id) on delete set null (agent_id),
  constraint messages_job_fkey foreign key (organization_id, bulk_message_job_id) references bulk_message_jobs (organization_id, id) on delete cascade
) with (fillfactor = 50); -- most rows change twice or three times soon: delivered, read, priced
create index messages_contact_idx on messages (contact_id, created_at);
create index messages_sender_idx on messages (sender_id, sent_at);
create index messages_direct_contact_idx on messages (direct_contact_id) where direct_contact_id is not null;
create index messages_direct_sender_idx on messages (direct_sender_id) where direct_sender_id is not null;
create index messages_agent_idx on messages (agent_id) where agent_id is not null;
create index messages_job_idx on messages (bulk_message_job_id) where bulk_message_job_id is not null;
comment on column messages.direct_contact_id is 'contact_id as a key that is checked, where no job or log holds it: theirs is checked (docs/decisions/015)';
comment on column messages.direct_sender_id is 'likewise the sender: a campaign holds its own';
comment on column messages.webhook_at is 'when the first status of Meta''s came in: the proof that webhooks arrive';
call adsapp_wall('messages', 'Users can access messages in their org');
grant select on messages to adsapp_operator;
grant select, insert, update on messages to adsapp_worker;

create function tg_messages__organization() returns trigger language plpgsql set search_path = '' as $$
begin
  select c.organization_id into new.organization_id from public.contacts c where c.id = new.contact_id;
  return new;
end $$;
create trigger _100_organization before insert on messages for each row
  when (new.organization_id is null) execute function tg_messages__organization();

create function tg_messages__only_rise() returns trigger language plpgsql set search_path = '' as $$
begin
  new.status := old.status;
  return new;
end $$;
create trigger _200_only_rise before update on messages for each row
  when (adsapp_status_rank(new.status) < adsapp_status_rank(old.status)) execute function tg_messages__only_rise();

-- Whoever writes a status without its time means now; the counters count times.
create function tg_messages__times() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.status = 'failed' then
    new.failed_at := coalesce(new.failed_at, public.adsapp_now());
    return new;
  end if;
  if new.status = 'read' then
    new.read_at := coalesce(new.read_at, public.adsapp_now());
  end if;
  if new.status in ('delivered', 'read') then
    new.delivered_at := coalesce(new.delivered_at, new.read_at, public.adsapp_now());
  end if;
  new.sent_at := coalesce(new.sent_at, new.delivered_at, public.adsapp_now());
  return new;
end $$;
create trigger _300_times before insert or update on messages for each row
  when (new.direction = 'outbound'
        and case new.status when 'sent' then new.sent_at is null
                            when 'failed' then new.failed_at is null
                            when 'delivered' then new.sent_at is null or new.delivered_at is null
                            when 'read' then new.sent_at is null or new.delivered_at is null or new.read_at is null end)
  execute function tg_messages__times();

-- Carries a message's status on to its job: facts are never fenced, and evidence for an attempt settles it.
-- Both sides of its joins are some hundred rows that are found by key: hashed, whatever the planner makes of a table that is new.
create function track_message_delivery() returns trigger language plpgsql security definer set search_path = '' set enable_nestloop = off as $$
declare
  jobs uuid[];
begin
  select array_agg(a.bulk_message_job_id order by a.bulk_message_job_id) into jobs
    from added a
   where a.bulk_message_job_id is not null and a.direction = 'outbound';
  if jobs is null then
    return null;
  end if;
  select array_agg(a.bulk_message_job_id order by a.bulk_message_job_id) into jobs -- what the recorder has written on the job already is no news
    from added a
   where a.bulk_message_job_id is not null and a.direction = 'outbound'
     and (a.status <> 'sent' or a.delivered_at is not null or a.read_at is not null
          or (select j.message_id = a.id and j.sent_at = a.sent_at and j.status in ('sent', 'delivered', 'read') from public.bulk_message_jobs j
               where j.id = a.bulk_message_job_id and j.organization_id = a.organization_id) is not true);
  if jobs is null then
    return null;
  end if;
  perform from public.bulk_message_jobs j where j.id = any (jobs) order by j.id for no key update;
  with news as materialized (
    select distinct on (a.bulk_message_job_id) a.bulk_message_job_id as job_id, a.id, a.organization_id, a.attempt, a.status,
           a.sent_at, a.delivered_at, a.read_at, a.failed_at, a.error_code, a.error, o.timezone
      from added a join public.organizations o on o.id = a.organization_id
     where a.bulk_message_job_id is not null and a.direction = 'outbound' and a.status in ('sent', 'failed', 'delivered', 'read')
     order by a.bulk_message_job_id, greatest(public.adsapp_status_rank(a.status), 4) desc, -- delivered is, whichever attempt it was
              a.attempt desc, public.adsapp_status_rank(a.status) desc
  ), carried as (
    select j.id, n.organization_id, n.id as message_id, n.error_code, n.error,
           case when n.status in ('delivered', 'read') and (n.status = 'read' or j.status <> 'read') then n.status
                when j.status in ('delivered', 'read') then j.status
                when n.status = 'sent' and j.status in ('pending', 'unknown', 'cancelled', 'skipped') then 'sent' -- whichever attempt it was: the person has it
                when n.attempt < j.attempts then j.status                   -- news of an attempt that a later one has replaced
                when n.status = 'failed' and j.status = 'pending' and j.message_id = n.id then j.status -- no news: it waits to be tried again because of it
                when n.status = 'sent' and j.status in ('dispatching', 'unknown', 'pending', 'cancelled', 'skipped') then 'sent'
                when n.status = 'failed' and j.status in ('dispatching', 'unknown', 'pending', 'cancelled', 'skipped', 'sent') then 'failed'
                else j.status end as status,
           coalesce(case when j.message_id = n.id then n.sent_at end, j.sent_at, n.sent_at, n.delivered_at, n.read_at, n.failed_at) as sent_at, -- its POST's answer may have come later
           least(j.delivered_at, n.delivered_at) as delivered_at,
           least(j.read_at, n.read_at) as read_at,
           least(j.failed_at, n.failed_at) as failed_at,
           case when j.sent_at is null then (coalesce(n.sent_at, n.delivered_at, n.read_at, n.failed_at) at time zone n.timezone)::date
                else j.counted_on end as counted_on -- a failure without acceptance had its own day
      from public.bulk_message_jobs j join news n on n.job_id = j.id and n.organization_id = j.organization_id
     where j.id = any (jobs)
  )
  update public.bulk_message_jobs j
     set status = c.status, message_id = c.message_id, sent_at = c.sent_at, delivered_at = c.delivered_at, read_at = c.read_at,
         failed_at = case when c.status = 'failed' then c.failed_at when c.status not in ('delivered', 'read') then j.failed_at end,
         error_code = case when c.status = 'failed' then c.error_code when c.status not in ('delivered', 'read') then j.error_code end,
         error = case when c.status = 'failed' then c.error when c.status not in ('delivered', 'read') then j.error end,
         counted_on = c.counted_on,
         lane_token = case when c.status = 'dispatching' then j.lane_token end,
         unknown_since = case when c.status = 'unknown' then j.unknown_since end,
         next_attempt_at = case when c.status = 'pending' then j.next_attempt_at end,
         skip_reason = case when c.status = 'skipped' then j.skip_reason end
    from carried c
   where j.id = c.id and j.organization_id = c.organization_id and j.id = any (jobs)
     and ((j.status, j.sent_at, j.delivered_at, j.read_at) is distinct from (c.status, c.sent_at, c.delivered_at, c.read_at)
          or j.message_id is null); -- sent by the word of a person, and now there is proof
  return null;
end $$;
revoke execute on function track_message_delivery() from public;
create trigger _500_track_insert after insert on messages referencing new table as added
  for each statement execute function track_message_delivery();
create trigger _500_track_update after update on messages referencing new table as added
  for each statement execute function track_message_delivery();

create table webhook_inbox (
  id bigint generated always as identity primary key,
  organization_id uuid references organizations on delete cascade,
  body text not null,
  source text not null default 'external',
  received_at timestamptz not null default adsapp_now(),
  processed_at timestamptz,
  attempts smallint not null default 0,
  next_attempt_at timestamptz,
  error text
);
create index webhook_inbox_organization_idx on webhook_inbox (organization_id) where organization_id is not null;
create index webhook_inbox_waiting on webhook_inbox (id) where processed_at is null and error is null;
create index webhook_inbox_failed on webhook_inbox (id) where processed_at is null and error is not null;
comment on table webhook_inbox is 'raw bodies as they came; the tick''s inbox phase applies them. Anything may insert a body here';
comment on column webhook_inbox.error is 'why the body could not be applied; it waits and blocks nothing';
alter table webhook_inbox enable row level security;
alter table webhook_inbox force row level security;
create policy "Users can access webhook bodies in their org" on webhook_inbox for select to adsapp_operator
  using (organization_id = (select adsapp_organization_id()));
create policy "Workers serve all organizations" on webhook_inbox for all to adsapp_worker using (true) with check (true);
grant select on webhook_inbox to adsapp_operator;
grant select, update on webhook_inbox to adsapp_worker;
grant insert (body, source, received_at) on webhook_inbox to adsapp_worker;
