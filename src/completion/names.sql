-- name: campaigns
select name from bulk_campaigns where organization_id = $1 order by created_at desc limit 500

-- name: drips
select name from drip_campaigns where organization_id = $1 order by created_at desc limit 500

-- name: anyCampaigns
(select name from bulk_campaigns where organization_id = $1 order by created_at desc limit 500)
union all (select name from drip_campaigns where organization_id = $1 order by created_at desc limit 500)

-- name: lists
select name from contact_lists where organization_id = $1 order by name limit 500

-- name: senders
select name from senders where organization_id = $1 order by name limit 500

-- name: templates
select distinct name from message_templates where organization_id = $1 order by name limit 500

-- name: rules
select name from automation_rules where organization_id = $1 order by name limit 500

-- name: sources
select name from channel_sources where organization_id = $1 order by name limit 500

-- name: users
select email as name from profiles where organization_id = $1 order by email limit 500

-- name: tags
-- As tagsInUse (contacts.sql): from one tag to the next in the index.
with recursive used as (
  (select t.tag from contact_tags t where t.organization_id = $1 order by t.tag limit 1)
  union all
  select (select t.tag from contact_tags t where t.organization_id = $1 and t.tag > u.tag order by t.tag limit 1)
    from used u where u.tag is not null
)
select u.tag as name from used u where u.tag is not null limit 500

-- name: organizations
select slug as name from organizations order by slug limit 500
