-- Drips: the sequence, its steps by version, who is in it, and one row per message.

create function adsapp_drip_statistics(enrolled integer, active integer, completed integer, dropped integer, opted_out integer,
                                       sent integer, delivered integer, read integer, failed integer, skipped integer, replies integer, opt_outs integer)
returns jsonb language plpgsql immutable parallel safe set search_path = '' as $$
begin -- plpgsql, not SQL: a generated column wants IMMUTABLE, and jsonb_build_object is only STABLE
  return jsonb_build_object(
    'totalEnrolled', enrolled, 'active', active, 'completed', completed, 'dropped', dropped, 'optedOut', opted_out,
    'messagesSent', sent, 'messagesDelivered', delivered, 'messagesRead', read, 'messagesFailed', failed, 'messagesSkipped', skipped,
    'repliesReceived', replies, 'optOuts', opt_outs,
    'completionRate', case when enrolled > 0 then round(100.0 * completed / enrolled, 2) else 0 end,
    'deliveryRate', case when sent > 0 then round(100.0 * delivered / sent, 2) else 0 end,
    'openRate', case when sent > 0 then round(100.0 * read / sent, 2) else 0 end,
    'replyRate', case when sent > 0 then round(100.0 * replies / sent, 2) else 0 end);
end $$;

create table drip_campaigns (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  name text not null constraint name_is_given check (btrim(name) <> ''),
  trigger_type text not null default 'manual' constraint trigger_type_is_known check (trigger_type in ('manual', 'contact_created', 'tag_added', 'custom_event', 'api')),
  trigger_config jsonb not null default '{}' constraint trigger_config_is_object check (jsonb_typeof(trigger_config) = 'object'),
  status text not null default 'draft' constraint status_is_known check (status in ('draft', 'active', 'paused', 'archived')),
  settings jsonb not null default '{}' constraint settings_is_object check (jsonb_typeof(settings) = 'object')
    constraint max_contacts_per_day_is_positive check ((settings ->> 'maxContactsPerDay')::integer > 0),
  exit_when jsonb not null default '[]' constraint exit_when_is_array check (jsonb_typeof(exit_when) = 'array'),
  sender_id uuid,
  current_version integer not null default 1 constraint version_is_positive check (current_version > 0),
  created_by uuid default auth.uid(),
  created_at timestamptz not null default adsapp_now(),
  activated_at timestamptz,
  paused_at timestamptz,
  pause_reason text,
  archived_at timestamptz,
  total_enrolled integer not null default 0,
  enrollments_active integer not null default 0,
  enrollments_completed integer not null default 0,
  enrollments_dropped integer not null default 0,
  enrollments_opted_out integer not null default 0,
  messages_sent integer not null default 0,
  messages_delivered integer not null default 0,
  messages_read integer not null default 0,
  messages_failed integer not null default 0,
  messages_skipped integer not null default 0,
  replies_received integer not null default 0,
  opt_outs integer not null default 0,
  statistics jsonb not null generated always as (adsapp_drip_statistics(total_enrolled, enrollments_active, enrollments_completed, enrollments_dropped,
    enrollments_opted_out, messages_sent, messages_delivered, messages_read, messages_failed, messages_skipped, replies_received, opt_outs)) stored,
  primary key (id, organization_id),
  constraint drip_campaigns_name_key unique (organization_id, name),
  constraint drip_campaigns_sender_fkey foreign key (organization_id, sender_id) references senders (organization_id, id) on delete restrict,
  constraint drip_campaigns_created_by_fkey foreign key (organization_id, created_by) references profiles (organization_id, id) on delete set null (created_by),
  constraint paused_has_time check ((status = 'paused') = (paused_at is not null))
) with (fillfactor = 70); -- the counters move with every batch
create index drip_campaigns_sender_idx on drip_campaigns (sender_id);
create index drip_campaigns_created_by_idx on drip_campaigns (created_by);
create index drip_campaigns_active_idx on drip_campaigns (organization_id, trigger_type) where status = 'active';
comment on column drip_campaigns.sender_id is 'null: the organization''s default one, at the time of sending';
comment on column drip_campaigns.exit_when is 'conditions; whoever meets one of them leaves the drip';
comment on column drip_campaigns.paused_at is 'resume adds the time since then to every step that waits';

create table drip_campaign_steps (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  campaign_id uuid not null,
  version integer not null,
  step_order integer not null constraint step_order_is_positive check (step_order > 0),
  delay_type text not null default 'minutes' constraint delay_type_is_known check (delay_type in ('minutes', 'hours', 'days', 'weeks')),
  delay_value integer not null default 0 constraint delay_is_sane check (delay_value between 0 and 5256000),
  send_at time,
  message_type text not null default 'text' constraint message_type_is_known check (message_type in ('template', 'text', 'image', 'document', 'video')),
  message_content text,
  message jsonb constraint message_is_object check (jsonb_typeof(message) = 'object'),
  template_id uuid,
  variables jsonb not null default '{}' constraint variables_is_object check (jsonb_typeof(variables) = 'object'),
  conditions jsonb constraint conditions_is_object check (jsonb_typeof(conditions) = 'object'),
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint drip_campaign_steps_order_key unique (campaign_id, version, step_order, organization_id),
  constraint drip_campaign_steps_campaign_fkey foreign key (organization_id, campaign_id) references drip_campaigns (organization_id, id) on delete cascade,
  constraint drip_campaign_steps_template_fkey foreign key (organization_id, template_id) references message_templates (organization_id, id) on delete set null (template_id)
);
create index drip_campaign_steps_template_idx on drip_campaign_steps (template_id) where template_id is not null;
comment on column drip_campaign_steps.delay_value is 'from the moment the step before was sent (or skipped, or failed); minutes and hours exact, days and weeks at the same local time';
comment on column drip_campaign_steps.send_at is 'local time: on the day on which the delay ends (days, weeks), or the first one after it (minutes, hours)';
comment on column drip_campaign_steps.message is 'the message as a definition has it; null: message_content, or the template of template_id with variables';
comment on column drip_campaign_steps.conditions is 'who does not meet them skips this step';

create table drip_enrollments (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  campaign_id uuid not null,
  contact_id uuid not null,
  version integer not null,
  entry_no integer not null constraint entry_no_is_positive check (entry_no > 0),
  status text not null default 'active' constraint status_is_known check (status in ('active', 'completed', 'paused', 'dropped', 'opted_out')),
  exit_reason text,
  current_step_order integer not null default 0,
  next_message_at timestamptz,
  paused_at timestamptz,
  messages_sent integer not null default 0,
  messages_delivered integer not null default 0,
  messages_read integer not null default 0,
  enrolled_by uuid,
  enrolled_at timestamptz not null default adsapp_now(),
  ended_at timestamptz,
  primary key (id, organization_id),
  constraint drip_enrollments_entry_key unique (campaign_id, contact_id, entry_no, organization_id),
  constraint drip_enrollments_campaign_fkey foreign key (organization_id, campaign_id) references drip_campaigns (organization_id, id) on delete cascade,
  constraint drip_enrollments_contact_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete restrict,
  constraint drip_enrollments_enrolled_by_fkey foreign key (organization_id, enrolled_by) references profiles (organization_id, id) on delete set null (enrolled_by),
  constraint ended_has_time check ((status in ('active', 'paused')) = (ended_at is null)),
  constraint paused_has_time check ((status = 'paused') = (paused_at is not null)),
  constraint only_active_waits check (next_message_at is null or status in ('active', 'paused'))
) with (fillfactor = 80);
create unique index drip_enrollments_one_open on drip_enrollments (campaign_id, contact_id) where ended_at is null;
create index idx_drip_enrollments_next_message on drip_enrollments (next_message_at) where status = 'active';
create index drip_enrollments_contact_idx on drip_enrollments (contact_id);
create index drip_enrollments_enrolled_by_idx on drip_enrollments (enrolled_by) where enrolled_by is not null;
comment on column drip_enrollments.next_message_at is 'the truth about when; the open log''s scheduled_for follows it. Null: no step is planned';
comment on column drip_enrollments.entry_no is 'the how-manieth time of this contact in this drip';

create table drip_message_logs (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  enrollment_id uuid not null,
  campaign_id uuid not null,
  contact_id uuid not null,
  step_id uuid not null,
  step_order integer not null,
  scheduled_for timestamptz not null,
  gap_shift interval not null default '0',
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
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  replied_at timestamptz,
  opted_out_at timestamptz,
  counted_on date,
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint drip_message_logs_once unique (enrollment_id, step_order, organization_id),
  constraint drip_message_logs_enrollment_fkey foreign key (organization_id, enrollment_id) references drip_enrollments (organization_id, id) on delete cascade,
  constraint drip_message_logs_campaign_fkey foreign key (organization_id, campaign_id) references drip_campaigns (organization_id, id) on delete cascade,
  constraint drip_message_logs_contact_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete restrict,
  constraint drip_message_logs_step_fkey foreign key (organization_id, step_id) references drip_campaign_steps (organization_id, id) on delete cascade,
  constraint dispatching_has_lane check ((status = 'dispatching') = (lane_token is not null)),
  constraint unknown_has_time check ((status = 'unknown') = (unknown_since is not null)),
  constraint skipped_has_reason check ((status = 'skipped') = (skip_reason is not null)),
  constraint only_pending_waits check (next_attempt_at is null or status = 'pending'),
  constraint sent_has_time check (status not in ('sent', 'delivered', 'read') or sent_at is not null),
  constraint failed_has_time check (status <> 'failed' or failed_at is not null),
  constraint counted_has_day check (counted_on is not null or (sent_at is null and failed_at is null)),
  constraint attempts_within_bounds check (attempts between 0 and max_attempts)
) with (fillfactor = 45); -- no index holds status: from the claim on, every step of a row's life is a HOT update
create index drip_message_logs_due on drip_message_logs (campaign_id, next_attempt_at) where next_attempt_at is not null;
create index drip_message_logs_unknown on drip_message_logs (unknown_since) where unknown_since is not null;
create index drip_message_logs_campaign_idx on drip_message_logs (campaign_id, step_order);
create index drip_message_logs_contact_idx on drip_message_logs (contact_id);
create index drip_message_logs_step_idx on drip_message_logs (step_id);
comment on column drip_message_logs.next_attempt_at is 'when to look at a pending row: its time, a retry, the end of quiet hours. Null: nobody has to';
comment on column drip_message_logs.gap_shift is 'by how much the change of clocks moved it; the next step in days forgets it';

-- How many first steps a day holds already (maxContactsPerDay), by the organization's local day.
create table drip_first_steps (
  organization_id uuid not null,
  campaign_id uuid not null,
  date date not null,
  planned integer not null default 0,
  primary key (campaign_id, date, organization_id),
  constraint drip_first_steps_campaign_fkey foreign key (organization_id, campaign_id) references drip_campaigns (organization_id, id) on delete cascade
);

call adsapp_wall('drip_campaigns', 'Users can access drip campaigns in their org');
call adsapp_wall('drip_campaign_steps', 'Users can access drip campaign steps in their org');
call adsapp_wall('drip_enrollments', 'Users can access drip enrollments in their org');
call adsapp_wall('drip_message_logs', 'Users can access drip message logs in their org');
call adsapp_wall('drip_first_steps', 'Users can access drip first steps in their org');
grant select, delete on drip_campaigns to adsapp_operator;
grant insert (organization_id, name, trigger_type, trigger_config, status, settings, exit_when, sender_id),
      update (name, trigger_type, trigger_config, status, settings, exit_when, sender_id, current_version, pause_reason) on drip_campaigns to adsapp_operator;
grant select, insert, update on drip_campaigns to adsapp_worker;
grant select, delete on drip_campaign_steps to adsapp_operator;
grant insert (organization_id, campaign_id, version, step_order, delay_type, delay_value, send_at, message_type, message_content, message, template_id, variables, conditions),
      update (delay_type, delay_value, send_at, message_type, message_content, message, template_id, variables, conditions) on drip_campaign_steps to adsapp_operator;
grant select, insert, update on drip_campaign_steps to adsapp_worker;
-- its messages would go with it; the drip as a whole may go
create policy "Steps with messages stay" on drip_campaign_steps as restrictive for delete to adsapp_operator
  using (not exists (select from drip_message_logs l where l.step_id = drip_campaign_steps.id));
grant select on drip_enrollments to adsapp_operator;
grant insert (organization_id, campaign_id, contact_id, version, entry_no, enrolled_by, enrolled_at), update (status, exit_reason, version, next_message_at) on drip_enrollments to adsapp_operator;
grant select, insert, update on drip_enrollments to adsapp_worker;
grant select on drip_message_logs to adsapp_operator;
grant select, insert, update on drip_message_logs to adsapp_worker;
grant select on drip_first_steps to adsapp_operator;
grant select, insert, update on drip_first_steps to adsapp_worker;

-- Where an insert leaves it out, the campaign knows the organization and the version that people enter now.
create function tg_drip_campaign_steps__fill() returns trigger language plpgsql set search_path = '' as $$
begin
  select coalesce(new.organization_id, c.organization_id), coalesce(new.version, c.current_version) into new.organization_id, new.version
    from public.drip_campaigns c where c.id = new.campaign_id;
  return new;
end $$;
create trigger _100_fill before insert on drip_campaign_steps for each row
  when (new.organization_id is null or new.version is null) execute function tg_drip_campaign_steps__fill();

create function tg_drip_enrollments__fill() returns trigger language plpgsql set search_path = '' as $$
begin
  select coalesce(new.organization_id, c.organization_id), coalesce(new.version, c.current_version),
         coalesce(new.entry_no, case when coalesce(c.settings ->> 'reentry', 'never') = 'never' then 1
                                     else 1 + coalesce((select max(e.entry_no) from public.drip_enrollments e
                                                         where e.campaign_id = c.id and e.contact_id = new.contact_id), 0) end)
    into new.organization_id, new.version, new.entry_no
    from public.drip_campaigns c where c.id = new.campaign_id;
  return new;
end $$;
create trigger _100_fill before insert on drip_enrollments for each row
  when (new.organization_id is null or new.version is null or new.entry_no is null) execute function tg_drip_enrollments__fill();
