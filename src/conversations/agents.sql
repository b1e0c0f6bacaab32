-- name: goOnline
insert into agent_sessions (organization_id) values ($1) on conflict (agent_id) where offline_at is null do nothing

-- name: goOffline
update agent_sessions set offline_at = adsapp_now() where organization_id = $1 and agent_id = $2 and offline_at is null

-- name: listAgents
-- $1 organization, $2 null for all, or one's id.
select p.id, p.email, p.full_name, p.role, o.online_at as online_since, coalesce(n.open, 0)::int as open_conversations, coalesce(n.waiting, 0)::int as waiting
  from profiles p
  left join agent_sessions o on o.agent_id = p.id and o.organization_id = p.organization_id and o.offline_at is null
  left join lateral (select count(*) as open, count(c.waiting_since) as waiting from conversations c
                      where c.assigned_agent_id = p.id and c.organization_id = p.organization_id and c.resolved_at is null) n on true
 where p.organization_id = $1 and ($2::uuid is null or p.id = $2) and p.role <> 'viewer'
 order by o.online_at is null, p.email
