-- name: contactColumns
select c.id, c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.timezone,
       (select coalesce(array_agg(t.tag order by t.tag), '{}') from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id) as tags,
       (select coalesce(array_agg(l.name order by l.name), '{}') from contact_list_members m
          join contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
         where m.contact_id = c.id and m.organization_id = c.organization_id) as lists,
       c.attributes, c.opted_in_at, c.opt_in_source, c.opted_out_at, c.opt_out_source, c.blocked_at, c.last_inbound_at, c.created_at

-- name: contactFilter
-- Every parameter but the organization may be null. $7 how phones of a country begin, $9 to $12 times (a local one is the organization's),
-- $13 and $14 attributes and their values. Erased people are nobody.
  from contacts c
 where c.organization_id = $1 and c.erased_at is null and c.merged_into is null
   and ($2::text is null or exists (select from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id and t.tag = $2))
   and ($3::uuid is null or exists (select from contact_list_members m
                                     where m.contact_id = c.id and m.organization_id = c.organization_id and m.list_id = $3))
   and ($4::boolean is null or (c.opted_out_at is not null) = $4)
   and ($5::uuid is null or (c.created_at, c.id) > (select a.created_at, a.id from contacts a where a.id = $5 and a.organization_id = $1))
   and ($6::boolean is null or (c.blocked_at is not null) = $6)
   and ($7::text[] is null or c.phone like any ($7))
   and ($8::text is null or c.language = $8 or c.language like $8 || '\_%')
   and ($9::text is null or c.created_at >= (select adsapp_local_instant($9, o.timezone) from organizations o where o.id = $1))
   and ($10::text is null or c.created_at < (select adsapp_local_instant($10, o.timezone) from organizations o where o.id = $1))
   and ($11::text is null or c.last_inbound_at >= (select adsapp_local_instant($11, o.timezone) from organizations o where o.id = $1))
   and ($12::text is null or coalesce(c.last_inbound_at, '-infinity') < (select adsapp_local_instant($12, o.timezone) from organizations o where o.id = $1))
   and ($13::text[] is null or not exists (select from unnest($13, $14::text[]) as w(name, value) where c.attributes ->> w.name is distinct from w.value))
   and ($15::text is null or position(lower($15) in lower(concat_ws(' ', c.first_name, c.last_name, c.email, c.phone, c.bsuid))) > 0)

-- name: findContacts
-- By id, phone (E.164) or business-scoped user id; `wanted` says by which word each was found.
select w.word as wanted, coalesce(c.merged_into, c.id) as id
  from unnest($2::text[], $3::text[]) as w(word, phone)
  join contacts c on c.organization_id = $1 and (c.phone = w.phone or c.bsuid = w.word or c.id::text = w.word)

-- name: showContact
select c.id, c.phone, c.bsuid, c.wa_id, c.first_name, c.last_name, c.email, c.language, c.timezone, c.attributes,
       c.opted_in_at, c.opt_in_source, c.opted_out_at, c.opt_out_source, c.blocked_at, c.undeliverable_at, c.erased_at, c.last_inbound_at, c.created_at, c.updated_at,
       (select coalesce(array_agg(t.tag order by t.tag), '{}') from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id) as tags,
       (select coalesce(array_agg(l.name order by l.name), '{}') from contact_list_members m
          join contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
         where m.contact_id = c.id and m.organization_id = c.organization_id) as lists,
       (select i.file_name from contact_imports i where i.id = c.import_id and i.organization_id = c.organization_id) as imported_from
  from contacts c where c.id = $2 and c.organization_id = $1

-- name: contactHistory
-- The last 200 things that happened, oldest first.
select r.at, r.what, r.details from (
select h.at, h.what, h.details
  from (select coalesce(j.sent_at, j.failed_at, j.dispatched_at, j.next_attempt_at) as at, 'campaign ' || c.name || ': ' || j.status as what,
               coalesce(j.skip_reason, case when j.status in ('failed', 'unknown') then concat_ws(' ', j.error_code, j.error) end,
                        case when j.status in ('delivered', 'read') then 'delivered ' || to_char(j.delivered_at, 'YYYY-MM-DD HH24:MI:SS') end) as details
          from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id
         where j.contact_id = $2 and j.organization_id = $1
        union all
        select e.enrolled_at, 'drip ' || d.name || ': entered', null
          from drip_enrollments e join drip_campaigns d on d.id = e.campaign_id and d.organization_id = e.organization_id
         where e.contact_id = $2 and e.organization_id = $1
        union all
        select e.ended_at, 'drip ' || d.name || ': ' || e.status, e.exit_reason
          from drip_enrollments e join drip_campaigns d on d.id = e.campaign_id and d.organization_id = e.organization_id
         where e.contact_id = $2 and e.organization_id = $1 and e.ended_at is not null
        union all
        select coalesce(g.sent_at, g.failed_at, g.dispatched_at, g.scheduled_for), 'drip ' || d.name || ', step ' || g.step_order || ': ' || g.status,
               coalesce(g.skip_reason, case when g.status in ('failed', 'unknown') then concat_ws(' ', g.error_code, g.error) end)
          from drip_message_logs g join drip_campaigns d on d.id = g.campaign_id and d.organization_id = g.organization_id
         where g.contact_id = $2 and g.organization_id = $1
        union all
        select coalesce(m.received_at, m.sent_at, m.created_at), case m.direction when 'inbound' then 'wrote' else 'was written: ' || m.status end, left(coalesce(m.body, m.type), 200)
          from messages m
         where m.contact_id = $2 and m.organization_id = $1 and m.bulk_message_job_id is null and m.drip_message_log_id is null
        union all
        select l.at, 'changed' || case when p.email is null then '' else ' by ' || p.email end,
               (select string_agg(d.key || ' ' || coalesce(d.value ->> 1, '(none)'), ', ' order by d.key) from jsonb_each(l.details) as d(key, value))
          from audit_log l left join profiles p on p.id = l.actor and p.organization_id = l.organization_id
         where l.subject_type = 'contacts' and l.subject_id = $2 and l.organization_id = $1
        union all
        select i.created_at, 'imported from ' || i.file_name, null
          from contacts c join contact_imports i on i.id = c.import_id and i.organization_id = c.organization_id where c.id = $2 and c.organization_id = $1
        union all
        select w.changed_at, 'updated from ' || i.file_name, null
          from contact_imports i join contact_import_changes w on w.import_id = i.id and w.organization_id = i.organization_id
         where i.organization_id = $1 and w.contact_id = $2
        union all
        select e.occurred_at, 'event ' || coalesce(e.name, e.type), nullif(e.data, '{}')::text
          from contact_events e where e.contact_id = $2 and e.organization_id = $1 and e.type in ('custom_event', 'api')
        union all
        select v.opened_at, 'conversation opened', null from conversations v where v.contact_id = $2 and v.organization_id = $1
        union all
        select v.resolved_at, 'conversation closed', null from conversations v where v.contact_id = $2 and v.organization_id = $1 and v.resolved_at is not null) h
 order by h.at desc nulls first limit 200) r
 order by r.at nulls last

-- name: consentEvidence
-- What the contact said of marketing in messages, and what Meta reported; oldest first. $1 organization, $2 contact.
select coalesce(m.received_at, m.failed_at) as at, case when m.direction = 'outbound' then 'opt_out' else m.consent end as says,
       case when m.direction = 'outbound' then 'provider' when m.type = 'system' then 'preferences' else 'reply' end as source,
       m.provider_message_id as message_id, case when m.direction = 'outbound' then concat_ws(' ', m.error_code, m.error) else m.body end as text
  from messages m
 where m.contact_id = $2 and m.organization_id = $1 and (m.consent is not null or m.error_code = '131050')
 order by 1, m.provider_message_id limit 200

-- name: tagContacts
insert into contact_tags (organization_id, contact_id, tag)
select $1, c.id, t.tag from unnest($2::uuid[]) as c(id) cross join unnest($3::text[]) as t(tag)
 order by 2, 3
on conflict do nothing

-- name: untagContacts
delete from contact_tags where organization_id = $1 and contact_id = any ($2::uuid[]) and tag = any ($3::text[])

-- name: optOut
-- Also where they said so themselves: what a person writes down, their START does not lift.
update contacts set opted_out_at = coalesce(opted_out_at, adsapp_now()), opt_out_source = $3, updated_at = adsapp_now()
 where organization_id = $1 and id = any ($2::uuid[]) and erased_at is null and (opted_out_at is null or opt_out_source ~ '^(reply|preferences|provider): ')

-- name: optIn
-- Opens marketing again; never lifts a block.
update contacts set opted_in_at = adsapp_now(), opt_in_source = $3, opted_out_at = null, opt_out_source = null, updated_at = adsapp_now()
 where organization_id = $1 and id = any ($2::uuid[]) and (opted_in_at is null or opted_out_at is not null)

-- name: block
update contacts set blocked_at = adsapp_now(), updated_at = adsapp_now()
 where organization_id = $1 and id = any ($2::uuid[]) and blocked_at is null

-- name: unblock
update contacts set blocked_at = null, updated_at = adsapp_now()
 where organization_id = $1 and id = any ($2::uuid[]) and blocked_at is not null

-- name: contactsOfTag
select t.contact_id as id from contact_tags t where t.organization_id = $1 and t.tag = $2

-- name: contactsOfList
select m.contact_id as id from contact_list_members m where m.organization_id = $1 and m.list_id = $2

-- name: tagsInUse
-- Each tag once, by jumping from one to the next in the index: many people have few tags.
with recursive used as (
  (select t.tag from contact_tags t where t.organization_id = $1 order by t.tag limit 1)
  union all
  select (select t.tag from contact_tags t where t.organization_id = $1 and t.tag > u.tag order by t.tag limit 1)
    from used u where u.tag is not null
)
select u.tag from used u where u.tag is not null limit 2000
