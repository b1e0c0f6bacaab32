-- WhatsApp numbers. A sender is a lane: one worker at a time holds its lane_token (design: sending).

create table portfolios (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  name text not null,
  messaging_limit integer constraint messaging_limit_is_positive check (messaging_limit > 0), -- null: unlimited
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint portfolios_name_key unique (organization_id, name)
);
comment on column portfolios.messaging_limit is 'unique people in a rolling 24 h, shared by the portfolio''s senders';
call adsapp_wall('portfolios', 'Users can access portfolios in their org');
grant select, delete on portfolios to adsapp_operator;
grant insert (organization_id, name, messaging_limit), update (name, messaging_limit) on portfolios to adsapp_operator;
grant select, insert, update on portfolios to adsapp_worker;

create table senders (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  portfolio_id uuid,
  name text not null constraint name_is_given check (btrim(name) <> ''),
  provider text not null default 'whatsapp-cloud' constraint provider_is_known check (provider in ('whatsapp-cloud', 'log')),
  api_url text,
  phone_number_id text constraint phone_number_id_is_digits check (phone_number_id ~ '^[0-9]{1,32}$'),
  waba_id text constraint waba_id_is_digits check (waba_id ~ '^[0-9]{1,32}$'),
  token_env text constraint token_env_is_a_name check (token_env ~ '^[A-Za-z_][A-Za-z0-9_]*$'),
  token_file text,
  app_secret_env text constraint app_secret_env_is_a_name check (app_secret_env ~ '^[A-Za-z_][A-Za-z0-9_]*$'),
  throughput_per_second integer not null default 80 constraint throughput_is_sane check (throughput_per_second between 1 and 1000),
  is_default boolean not null default false,
  state text not null default 'active' constraint state_is_known check (state in ('active', 'slowed', 'halted')),
  halt_reason text,
  halted_at timestamptz,
  lane_token uuid,
  lane_holder text,
  lane_expires_at timestamptz,
  created_at timestamptz not null default adsapp_now(),
  primary key (id, organization_id),
  constraint senders_name_key unique (organization_id, name),
  constraint senders_phone_number_id_key unique (organization_id, phone_number_id),
  constraint senders_portfolio_fkey foreign key (organization_id, portfolio_id) references portfolios (organization_id, id) on delete restrict,
  constraint cloud_sender_is_whole check (provider = 'log' or (api_url is not null and phone_number_id is not null
                                          and num_nonnulls(token_env, token_file) = 1)),
  constraint halted_has_reason check ((state = 'halted') = (halt_reason is not null)),
  constraint lane_is_whole check ((lane_token is null) = (lane_expires_at is null))
);
create index senders_portfolio_idx on senders (portfolio_id);
create index senders_phone_number_id_idx on senders (phone_number_id); -- webhooks name the number, not the tenant
create unique index senders_one_default on senders (organization_id) where is_default;
comment on column senders.lane_expires_at is 'clock_timestamp(), not adsapp_now(): a lease is about processes';
call adsapp_wall('senders', 'Users can access senders in their org');
grant select, delete on senders to adsapp_operator;
grant insert (organization_id, portfolio_id, name, provider, api_url, phone_number_id, waba_id, token_env, token_file, app_secret_env, throughput_per_second, is_default),
      update (portfolio_id, name, api_url, phone_number_id, waba_id, token_env, token_file, app_secret_env, throughput_per_second, is_default, state, halt_reason, halted_at)
   on senders to adsapp_operator;
grant select, insert, update on senders to adsapp_worker;
