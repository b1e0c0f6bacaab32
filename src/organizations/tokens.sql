-- name: createToken
insert into organization_tokens (organization_id, name, token_hash) values ($1, $2, $3) returning id, name, created_at

-- name: listTokens
select id, name, created_at, last_used_at, revoked_at from organization_tokens where organization_id = $1 order by created_at, id

-- name: revokeToken
-- Revoked ones keep their row: what came with them can be traced.
update organization_tokens set revoked_at = adsapp_now()
 where organization_id = $1 and (name = $2 or id::text = $2) and revoked_at is null
returning id, name, created_at, last_used_at, revoked_at

-- name: tokenOwner
-- Whose token it is; notes its use, at most once a minute. $1 its hash.
with found as materialized (
  select t.id, t.organization_id, t.last_used_at, o.default_country
    from organization_tokens t join organizations o on o.id = t.organization_id
   where t.token_hash = $1 and t.revoked_at is null
), used as (
  update organization_tokens t set last_used_at = adsapp_now()
    from found f
   where t.id = f.id and t.organization_id = f.organization_id and coalesce(f.last_used_at, '-infinity') < adsapp_now() - interval '1 minute'
)
select f.organization_id, f.default_country from found f
