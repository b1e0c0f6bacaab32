-- Tokens with which an organization's own programs tell events (POST /events of the webhook server).

create table organization_tokens (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id() references organizations on delete cascade,
  name text not null constraint name_is_given check (btrim(name) <> ''),
  token_hash bytea not null constraint token_hash_is_sha256 check (octet_length(token_hash) = 32),
  created_by uuid default auth.uid(),
  created_at timestamptz not null default adsapp_now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (id, organization_id),
  constraint organization_tokens_hash_key unique (token_hash),
  constraint organization_tokens_created_by_fkey foreign key (organization_id, created_by) references profiles (organization_id, id) on delete set null (created_by)
);
create index organization_tokens_organization_idx on organization_tokens (organization_id);
create unique index organization_tokens_one_name on organization_tokens (organization_id, name) where revoked_at is null;
create index organization_tokens_created_by_idx on organization_tokens (created_by);
comment on column organization_tokens.token_hash is 'SHA-256; the token itself is shown once, when it is made';
comment on column organization_tokens.last_used_at is 'to the minute';
call adsapp_wall('organization_tokens', 'Users can access tokens in their org');
create policy "Admins make tokens" on organization_tokens as restrictive for insert to adsapp_operator
  with check (coalesce((select adsapp_profile_role()), 'admin') = 'admin');
create policy "Admins change tokens" on organization_tokens as restrictive for update to adsapp_operator
  using (coalesce((select adsapp_profile_role()), 'admin') = 'admin');
grant select (id, organization_id, name, created_by, created_at, last_used_at, revoked_at) on organization_tokens to adsapp_operator;
grant insert (organization_id, name, token_hash), update (revoked_at) on organization_tokens to adsapp_operator;
grant select, insert on organization_tokens to adsapp_worker;
grant update (last_used_at) on organization_tokens to adsapp_worker;
