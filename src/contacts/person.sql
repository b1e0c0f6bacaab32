All that is stored about one person, a query a table, under Row Level Security. $1 organization, $2 the person's rows of contacts.

-- name: family
-- With those that were merged into this one, and keep what could not move.
with recursive f(id) as (
  select $2::uuid union select c.id from f join contacts c on c.merged_into = f.id and c.organization_id = $1
)
select array_agg(f.id) as ids from f

-- name: contact
select c.* from contacts c where c.organization_id = $1 and c.id = any ($2)

-- name: tags
select t.tag, t.created_at from contact_tags t where t.organization_id = $1 and t.contact_id = any ($2) order by t.tag

-- name: lists
select l.name, m.added_at from contact_list_members m join contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
 where m.organization_id = $1 and m.contact_id = any ($2) order by l.name

-- name: imports
select i.id, i.file_name, i.created_at, w.changed_at, to_jsonb(w) - 'organization_id' - 'import_id' - 'contact_id' - 'changed_at' as known_before
  from contact_imports i
  join contacts c on c.organization_id = i.organization_id and c.id = any ($2)
  left join contact_import_changes w on w.import_id = i.id and w.organization_id = i.organization_id and w.contact_id = c.id
 where i.organization_id = $1 and (i.id = c.import_id or w.contact_id is not null) order by i.created_at

-- name: consent
select l.at, p.email as by, l.details from audit_log l left join profiles p on p.id = l.actor and p.organization_id = l.organization_id
 where l.organization_id = $1 and l.subject_type = 'contacts' and l.subject_id = any ($2) order by l.at, l.id

-- name: messages
select m.* from messages m where m.organization_id = $1 and m.contact_id = any ($2) order by m.created_at, m.id

-- name: campaigns
select c.name as campaign, c.type as campaign_type, j.* from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id
 where j.organization_id = $1 and j.contact_id = any ($2) order by j.dispatched_at, j.id

-- name: drips
select d.name as drip, e.* from drip_enrollments e join drip_campaigns d on d.id = e.campaign_id and d.organization_id = e.organization_id
 where e.organization_id = $1 and e.contact_id = any ($2) order by e.enrolled_at, e.id

-- name: dripMessages
select d.name as drip, g.* from drip_message_logs g join drip_campaigns d on d.id = g.campaign_id and d.organization_id = g.organization_id
 where g.organization_id = $1 and g.contact_id = any ($2) order by g.scheduled_for, g.id

-- name: events
select e.* from contact_events e where e.organization_id = $1 and e.contact_id = any ($2) order by e.occurred_at, e.id

-- name: conversations
select v.*, r.score, r.comment, r.rated_at from conversations v left join satisfaction_ratings r on r.conversation_id = v.id and r.organization_id = v.organization_id
 where v.organization_id = $1 and v.contact_id = any ($2) order by v.opened_at, v.id

-- name: webhookBodies
-- Of a body that tells of several people, what tells of this one.
with needles as materialized (
  select array_agg(distinct regexp_replace(a.address, '([^A-Za-z0-9])', '\\\1', 'g')) as "all"
    from contacts c cross join unnest(array[ltrim(c.phone, '+'), c.bsuid, ltrim(c.wa_id, '+')]) as a(address)
   where c.organization_id = $1 and c.id = any ($2) and a.address <> ''
)
select w.id, w.received_at, w.processed_at, adsapp_body_of_person(w.body, n."all", false) as body
  from needles n join webhook_inbox w on w.body ~ ('(?<![0-9A-Za-z])(' || array_to_string(n."all", '|') || ')(?![0-9A-Za-z])')
 where w.organization_id = $1 order by w.id

-- name: erase
select erase_contact($1) as erased

-- name: role
select adsapp_profile_role() as role
