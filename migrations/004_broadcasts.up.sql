-- Broadcasts: the campaign, its run (where expansion and claiming stand), and one row per message.

create function adsapp_campaign_statistics(total integer, sent integer, delivered integer, read integer, failed integer,
                                           skipped integer, replies integer, opt_outs integer)
returns jsonb language plpgsql immutable parallel safe set search_path = '' as $$
begin -- plpgsql, not SQL: a generated column wants IMMUTABLE, and jsonb_build_object is only STABLE
  return jsonb_build_object(
    'totalTargets', total, 'messagesSent', sent, 'messagesDelivered', delivered, 'messagesRead', read,
    'messagesFailed', failed, 'messagesSkipped', skipped, 'repliesReceived', replies, 'optOuts', opt_outs,
    'deliveryRate', case when sent > 0 then round(100.0 * delivered / sent, 2) else 0 end,
    'openRate', case when sent > 0 then round(100.0 * read / sent, 2) else 0 end,
    'replyRate', case when sent > 0 then round(100.0 * replies / sent, 2) else 0 end);
end $$;

-- Who may not be messaged at all, or not with marketing: one rule for the preview, the expansion and the claim.
create function adsapp_contact_gate(c contacts, p_marketing boolean, p_require_opt_in boolean) returns text
language sql stable parallel safe as $$
  select case
    when c.erased_at is not null then 'erased'
    when c.blocked_at is not null then 'blocked'
    when c.phone is null and c.bsuid is null then 'no_address'
    when p_marketing and c.opted_out_at is not null then 'opted_out'
    when p_marketing and p_require_opt_in and c.opted_in_at is null then 'no_opt_in'
  end
$$;
comment on function adsapp_contact_gate(contacts, boolean, boolean) is 'the reason why a contact is skipped; null: may be messaged';

-- A time as people write it: with an offset it is an instant, without one it is local to the zone.
create function adsapp_local_instant(p_time text, p_timezone text) returns timestamptz language sql stable parallel safe as $$
  select case when p_time ~ '[T ][0-9:.]+ ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$' then p_time::timestamptz else p_time::timestamp at time zone p_timezone end
$$;

create table bulk_campaigns (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  name text not null constraint name_is_given check (btrim(name) <> ''),
  type text not null default 'promotional' constraint type_is_known check (type in ('promotional', 'transactional', 'notification', 'survey')),
  status text not null default 'draft' constraint status_is_known check (status in ('draft', 'scheduled', 'running', 'paused', 'completed', 'cancelled')),
  target_audience jsonb not null default '{"type": "all"}' constraint target_audience_is_object check (jsonb_typeof(target_audience) = 'object'),
  message jsonb not null constraint message_is_object check (jsonb_typeof(message) = 'object'),
  scheduling jsonb not null default '{"type": "immediate"}' constraint scheduling_is_object check (jsonb_typeof(scheduling) = 'object'),
  rate_limiting jsonb not null default '{"enabled": false}' constraint rate_limiting_is_object check (jsonb_typeof(rate_limiting) = 'object'),
  settings jsonb not null default '{}' constraint settings_is_object check (jsonb_typeof(settings) = 'object'),
  sender_id uuid,
  created_by uuid default auth.uid(),
  created_at timestamptz not null default adsapp_now(),
  scheduled_at timestamptz,
  started_at timestamptz,
  paused_at timestamptz,
  pause_reason text,
  resume_as text constraint resume_as_is_known check (resume_as in ('scheduled', 'running')),
  completed_at timestamptz,
  cancelled_at timestamptz,
  total_targets integer not null default 0,
  messages_sent integer not null default 0,
  messages_delivered integer not null default 0,
  messages_read integer not null default 0,
  messages_failed integer not null default 0,
  messages_skipped integer not null default 0,
  replies_received integer not null default 0,
  opt_outs integer not null default 0,
  statistics jsonb not null generated always as (adsapp_campaign_statistics(total_targets, messages_sent, messages_delivered,
    messages_read, messages_failed, messages_skipped, replies_received, opt_outs)) stored,
  primary key (id, organization_id),
  constraint bulk_campaigns_name_key unique (organization_id, name),
  constraint bulk_campaigns_sender_fkey foreign key (organization_id, sender_id) references senders (organization_id, id) on delete restrict,
  constraint bulk_campaigns_created_by_fkey foreign key (organization_id, created_by) references profiles (organization_id, id) on delete set null (created_by),
  constraint scheduled_has_time check (status <> 'scheduled' or scheduled_at is not null),
  constraint paused_has_reason check ((status = 'paused') = (pause_reason is not null)),
  constraint running_has_sender check (status not in ('scheduled', 'running') or sender_id is not null)
) with (fillfactor = 70); -- the counters move with every batch
create index bulk_campaigns_sender_idx on bulk_campaigns (sender_id);
create index bulk_campaigns_created_by_idx on bulk_campaigns (created_by);
create index bulk_campaigns_open_idx on bulk_campaigns (sender_id, id) where status in ('scheduled', 'running');
call adsapp_wall('bulk_campaigns', 'Users can access bulk campaigns in their org');
grant select, delete on bulk_campaigns to adsapp_operator;
grant insert (organization_id, name, type, target_audience, message, scheduling, rate_limiting, settings, sender_id),
      update (name, type, status, target_audience, message, scheduling, rate_limiting, settings, sender_id, scheduled_at, started_at,
              paused_at, pause_reason, resume_as, cancelled_at) on bulk_campaigns to adsapp_operator;
grant select, insert, update on bulk_campaigns to adsapp_worker;

-- Where one occurrence of a campaign stands. Off the campaign's row, where the counters contend.
create table campaign_runs (
  organization_id uuid not null,
  campaign_id uuid not null,
  occurrence timestamptz not null,
  sender_id uuid not null,
  class smallint not null constraint class_is_known check (class in (1, 2)),
  definition jsonb not null,
  marketing boolean not null,
  per_hour integer constraint per_hour_is_positive check (per_hour > 0),
  tat timestamptz,
  audience_at timestamptz not null,
  expanded_through uuid,
  expanded_seq integer not null default 0,
  expanded_at timestamptz,
  next_seq integer not null default 0,
  primary key (campaign_id, occurrence, organization_id),
  constraint campaign_runs_campaign_fkey foreign key (organization_id, campaign_id) references bulk_campaigns (organization_id, id) on delete cascade,
  constraint campaign_runs_sender_fkey foreign key (organization_id, sender_id) references senders (organization_id, id) on delete restrict,
  constraint claimed_is_expanded check (next_seq <= expanded_seq)
) with (fillfactor = 50);
create index campaign_runs_sender_idx on campaign_runs (sender_id, campaign_id);
create index campaign_runs_expanding_idx on campaign_runs (campaign_id) where expanded_at is null;
comment on table campaign_runs is 'one occurrence of a campaign: how far it is expanded and claimed, and its hourly quota';
comment on column campaign_runs.class is 'the queue of the lane: 1 transactional, 2 other';
comment on column campaign_runs.definition is 'message, template and settings, frozen at start';
comment on column campaign_runs.tat is 'GCRA: the theoretical arrival time of the next attempt (messagesPerHour)';
comment on column campaign_runs.expanded_through is 'expansion goes through the contacts by id; the last one that is in';
comment on column campaign_runs.next_seq is 'first attempts up to this seq were claimed, passed over, or have a next_attempt_at';
call adsapp_wall('campaign_runs', 'Users can access campaign runs in their org');
grant select on campaign_runs to adsapp_operator;
grant select, insert, update on campaign_runs to adsapp_worker;

create table bulk_message_jobs (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  campaign_id uuid not null,
  occurrence timestamptz not null default '-infinity',
  seq integer not null,
  contact_id uuid not null,
  status text not null default 'pending' constraint status_is_known check
    (status in ('pending', 'dispatching', 'unknown', 'sent', 'delivered', 'read', 'failed', 'skipped', 'cancelled')),
  attempts smallint not null default 0,
  max_attempts smallint not null default 3,
  waits smallint not null default 0,
  next_attempt_at timestamptz,
  dispatched_at timestamptz,
  unknown_since timestamptz,
  lane_token uuid,
  message_id uuid,
  error_code text,
  error text,
  skip_reason text,
  variant text,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  replied_at timestamptz,
  opted_out_at timestamptz,
  counted_on date,
  primary key (id, organization_id),
  constraint bulk_message_jobs_once unique (campaign_id, occurrence, contact_id, organization_id),
  constraint bulk_message_jobs_campaign_fkey foreign key (organization_id, campaign_id) references bulk_campaigns (organization_id, id) on delete cascade,
  constraint bulk_message_jobs_contact_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete restrict,
  constraint dispatching_has_lane check ((status = 'dispatching') = (lane_token is not null)),
  constraint unknown_has_time check ((status = 'unknown') = (unknown_since is not null)),
  constraint skipped_has_reason check ((status = 'skipped') = (skip_reason is not null)),
  constraint only_pending_waits check (next_attempt_at is null or status = 'pending'),
  constraint sent_has_time check (status not in ('sent', 'delivered', 'read') or sent_at is not null),
  constraint failed_has_time check (status <> 'failed' or failed_at is not null),
  constraint counted_has_day check (counted_on is not null or (sent_at is null and failed_at is null)),
  constraint attempts_within_bounds check (attempts between 0 and max_attempts)
) with (fillfactor = 45); -- no index holds status: every step of a row's life is a HOT update, and a claim takes whole pages of them
create unique index bulk_message_jobs_seq on bulk_message_jobs (campaign_id, occurrence, seq);
create index bulk_message_jobs_contact_idx on bulk_message_jobs (contact_id);
create index bulk_message_jobs_waiting on bulk_message_jobs (campaign_id, next_attempt_at, occurrence) where next_attempt_at is not null;
create index bulk_message_jobs_unknown on bulk_message_jobs (unknown_since) where unknown_since is not null;
comment on column bulk_message_jobs.seq is 'order of first attempts; immutable. It says where to look; the row''s own state decides';
comment on column bulk_message_jobs.next_attempt_at is 'set on a pending row that waits for a time of its own: a retry, quiet hours';
comment on column bulk_message_jobs.waits is 'deferrals that counted no attempt (pair limit, 24 h); they bound themselves by it';
comment on column bulk_message_jobs.message_id is 'the message of the last accepted attempt';
comment on column bulk_message_jobs.counted_on is 'the organization''s local day of the first acceptance, or of the failure without one';
call adsapp_wall('bulk_message_jobs', 'Users can access bulk message jobs in their org');
grant select on bulk_message_jobs to adsapp_operator;
grant select, insert, update on bulk_message_jobs to adsapp_worker;

create function tg_bulk_message_jobs__organization() returns trigger language plpgsql set search_path = '' as $$
begin
  select c.organization_id into new.organization_id from public.bulk_campaigns c where c.id = new.campaign_id;
  return new;
end $$;
create trigger _100_organization before insert on bulk_message_jobs for each row
  when (new.organization_id is null) execute function tg_bulk_message_jobs__organization();

-- What a claim holds: rescue finds a dead worker's rows here, so that no index on jobs has to know.
create table lane_windows (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  sender_id uuid not null,
  lane_token uuid not null,
  job_ids uuid[] not null,
  claimed_at timestamptz not null default clock_timestamp(),
  primary key (id, organization_id),
  constraint lane_windows_sender_fkey foreign key (organization_id, sender_id) references senders (organization_id, id) on delete restrict
);
create index lane_windows_sender_idx on lane_windows (sender_id);
call adsapp_wall('lane_windows', 'Users can access lane windows in their org');
grant select on lane_windows to adsapp_operator;
grant select, insert, delete on lane_windows to adsapp_worker;
