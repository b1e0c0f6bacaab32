-- Conversations, those who hold them, where they come from; and the daily numbers of agents, sources and templates.

create table channel_sources (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  type text not null constraint type_is_known check (type in ('direct', 'qr_code', 'web_widget', 'api', 'campaign')),
  name text not null constraint name_is_given check (btrim(name) <> ''),
  code text constraint code_is_plain check (code ~ '^[A-Z0-9]{3,16}$'),
  config jsonb not null default '{}' constraint config_is_object check (jsonb_typeof(config) = 'object'),
  daily_counts jsonb not null default '{}' constraint daily_counts_is_object check (jsonb_typeof(daily_counts) = 'object'),
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint channel_sources_name_key unique (organization_id, name),
  constraint channel_sources_code_key unique (organization_id, code)
);
comment on column channel_sources.code is 'stands in the prefilled text of a link ("[ref: A7K2]"), which is all that tells where a person comes from';
comment on column channel_sources.daily_counts is 'conversations by local day: {"2026-11-27": 12}';
call adsapp_wall('channel_sources', 'Users can access channel sources in their org');
grant select, delete on channel_sources to adsapp_operator;
grant insert (organization_id, type, name, code, config), update (type, name, code, config) on channel_sources to adsapp_operator;
grant select, insert, update on channel_sources to adsapp_worker;

create table conversations (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  contact_id uuid not null,
  status text not null default 'open' constraint status_is_known check (status in ('open', 'assigned', 'closed')),
  assigned_agent_id uuid,
  channel_source_id uuid,
  opened_at timestamptz not null default adsapp_now(),
  first_response_at timestamptz,
  resolved_at timestamptz,
  primary key (id, organization_id),
  constraint conversations_contact_fkey foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete restrict,
  constraint conversations_agent_fkey foreign key (organization_id, assigned_agent_id) references profiles (organization_id, id) on delete set null (assigned_agent_id),
  constraint conversations_source_fkey foreign key (organization_id, channel_source_id) references channel_sources (organization_id, id) on delete set null (channel_source_id),
  constraint closed_has_time check ((status = 'closed') = (resolved_at is not null))
);
create unique index conversations_one_open on conversations (contact_id) where resolved_at is null;
create index conversations_contact_idx on conversations (contact_id, opened_at);
create index conversations_agent_idx on conversations (assigned_agent_id) where assigned_agent_id is not null;
create index conversations_source_idx on conversations (channel_source_id) where channel_source_id is not null;
call adsapp_wall('conversations', 'Users can access conversations in their org');
grant select on conversations to adsapp_operator;
grant insert (organization_id, contact_id, assigned_agent_id, channel_source_id), update (status, assigned_agent_id, channel_source_id, first_response_at, resolved_at) on conversations to adsapp_operator;
grant select, insert, update on conversations to adsapp_worker;

create function tg_conversations__organization() returns trigger language plpgsql set search_path = '' as $$
begin
  select c.organization_id into new.organization_id from public.contacts c where c.id = new.contact_id;
  return new;
end $$;
create trigger _100_organization before insert on conversations for each row
  when (new.organization_id is null) execute function tg_conversations__organization();

create table agent_sessions (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id(),
  agent_id uuid not null default auth.uid(),
  online_at timestamptz not null default adsapp_now(),
  offline_at timestamptz,
  primary key (id, organization_id),
  constraint agent_sessions_agent_fkey foreign key (organization_id, agent_id) references profiles (organization_id, id) on delete cascade,
  constraint goes_after_it_comes check (offline_at >= online_at)
);
create index agent_sessions_agent_idx on agent_sessions (agent_id, online_at);
create unique index agent_sessions_one_open on agent_sessions (agent_id) where offline_at is null;
call adsapp_wall('agent_sessions', 'Users can access agent sessions in their org');
grant select on agent_sessions to adsapp_operator;
grant insert (organization_id, agent_id, online_at), update (offline_at) on agent_sessions to adsapp_operator;
grant select, insert, update on agent_sessions to adsapp_worker;

create table satisfaction_ratings (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id(),
  conversation_id uuid not null,
  score smallint not null constraint score_is_one_to_five check (score between 1 and 5),
  comment text,
  rated_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint satisfaction_ratings_once unique (conversation_id, organization_id),
  constraint satisfaction_ratings_conversation_fkey foreign key (organization_id, conversation_id) references conversations (organization_id, id) on delete cascade
);
call adsapp_wall('satisfaction_ratings', 'Users can access satisfaction ratings in their org');
grant select on satisfaction_ratings to adsapp_operator;
grant insert (organization_id, conversation_id, score, comment), update (score, comment) on satisfaction_ratings to adsapp_operator;
grant select, insert, update on satisfaction_ratings to adsapp_worker;

create table agent_performance_metrics (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id(),
  agent_id uuid not null,
  date date not null,
  conversations_handled integer not null default 0,
  messages_sent integer not null default 0,
  avg_first_response_time numeric,
  avg_response_time numeric,
  avg_resolution_time numeric,
  online_time integer not null default 0,
  customer_satisfaction_score numeric,
  primary key (id, organization_id),
  constraint agent_performance_metrics_day_key unique (agent_id, date, organization_id),
  constraint agent_performance_metrics_agent_fkey foreign key (organization_id, agent_id) references profiles (organization_id, id) on delete cascade
);
create index idx_agent_performance_metrics_org_date on agent_performance_metrics (organization_id, date desc);
comment on column agent_performance_metrics.avg_first_response_time is 'seconds, as the other times';
call adsapp_wall('agent_performance_metrics', 'Users can access agent metrics in their org');
grant select on agent_performance_metrics to adsapp_operator;
grant select, insert, update on agent_performance_metrics to adsapp_worker;

create table template_usage_analytics (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id(),
  template_id uuid not null,
  date date not null,
  messages_sent integer not null default 0,
  messages_delivered integer not null default 0,
  messages_read integer not null default 0,
  messages_failed integer not null default 0,
  replies_received integer not null default 0,
  primary key (id, organization_id),
  constraint template_usage_analytics_day_key unique (template_id, date, organization_id),
  constraint template_usage_analytics_template_fkey foreign key (organization_id, template_id) references message_templates (organization_id, id) on delete cascade
) with (fillfactor = 70);
create index idx_template_usage_analytics_org_date on template_usage_analytics (organization_id, date desc);
comment on table template_usage_analytics is 'by the local day on which the message was sent';
call adsapp_wall('template_usage_analytics', 'Users can access template analytics in their org');
grant select on template_usage_analytics to adsapp_operator;
grant select, insert, update on template_usage_analytics to adsapp_worker;
