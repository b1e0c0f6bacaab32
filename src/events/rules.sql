-- Rules as people keep them. As operator.

-- name: listRules
-- $2 null: all; otherwise the one of this name or id.
select r.id, r.name, r.trigger_type, r.trigger_config, r.conditions, r.actions, r.enabled, r.created_at
  from automation_rules r
 where r.organization_id = $1 and ($2::text is null or r.name = $2 or r.id::text = $2)
 order by r.name

-- name: saveRule
insert into automation_rules (organization_id, name, trigger_type, trigger_config, conditions, actions, enabled)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (organization_id, name) do nothing
returning id

-- name: updateRule
update automation_rules set trigger_type = $3, trigger_config = $4, conditions = $5, actions = $6, enabled = coalesce($7, enabled)
 where organization_id = $1 and id = $2

-- name: switchRule
update automation_rules set enabled = $3 where organization_id = $1 and id = $2

-- name: namesInUse
-- Whom actions may name, to find those that they do not mean.
select array(select d.name from drip_campaigns d where d.organization_id = $1 order by d.created_at desc limit 1000) as drips,
       array(select d.id::text from drip_campaigns d where d.organization_id = $1 and d.id::text = any ($2::text[])) as drip_ids,
       array(select p.email from profiles p where p.organization_id = $1 and p.role <> 'viewer' order by p.email limit 1000) as agents
