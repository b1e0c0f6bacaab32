-- name: listContacts
-- Keyset paging by (created_at, id). Every filter may be null.
select c.id, c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.timezone, c.attributes,
       (select coalesce(array_agg(t.tag order by t.tag), '{}') from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id) as tags,
       c.opted_in_at, c.opted_out_at, c.blocked_at, c.created_at
  from contacts c
 where c.organization_id = $1 and c.merged_into is null
   and ($2::text is null or exists (select from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id and t.tag = $2))
   and ($3::uuid is null or exists (select from contact_list_members m
                                     where m.contact_id = c.id and m.organization_id = c.organization_id and m.list_id = $3))
   and ($4::boolean is null or (c.opted_out_at is not null) = $4)
   and ($5::uuid is null or (c.created_at, c.id) > (select a.created_at, a.id from contacts a where a.id = $5 and a.organization_id = $1))
 order by c.created_at, c.id
 limit $6

-- name: findContacts
-- By id, phone (E.164) or business-scoped user id; `wanted` says by which word each was found.
select w.word as wanted, coalesce(c.merged_into, c.id) as id
  from unnest($2::text[], $3::text[]) as w(word, phone)
  join contacts c on c.organization_id = $1 and (c.phone = w.phone or c.bsuid = w.word or c.id::text = w.word)

-- name: showContact
select c.id, c.phone, c.bsuid, c.wa_id, c.first_name, c.last_name, c.email, c.language, c.timezone, c.attributes,
       c.opted_in_at, c.opt_in_source, c.opted_out_at, c.opt_out_source, c.blocked_at, c.undeliverable_at, c.last_inbound_at, c.created_at, c.updated_at,
       (select coalesce(array_agg(t.tag order by t.tag), '{}') from contact_tags t where t.contact_id = c.id and t.organization_id = c.organization_id) as tags,
       (select coalesce(array_agg(l.name order by l.name), '{}') from contact_list_members m
          join contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
         where m.contact_id = c.id and m.organization_id = c.organization_id) as lists,
       (select i.file_name from contact_imports i where i.id = c.import_id and i.organization_id = c.organization_id) as imported_from
  from contacts c where c.id = $2 and c.organization_id = $1

-- name: contactHistory
select h.at, h.what, h.details
  from (select coalesce(j.sent_at, j.failed_at, j.dispatched_at, j.next_attempt_at) as at, 'campaign ' || c.name || ': ' || j.status as what,
               coalesce(j.skip_reason, case when j.status in ('failed', 'unknown') then concat_ws(' ', j.error_code, j.error) end,
                        case when j.status in ('delivered', 'read') then 'delivered ' || to_char(j.delivered_at, 'YYYY-MM-DD HH24:MI:SS') end) as details
          from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id
         where j.contact_id = $2 and j.organization_id = $1
        union all
        select l.at, 'changed', (select string_agg(d.key, ', ') from jsonb_object_keys(l.details) as d(key))
          from audit_log l where l.subject_type = 'contacts' and l.subject_id = $2 and l.organization_id = $1) h
 order by h.at nulls last limit 200

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
 where organization_id = $1 and id = any ($2::uuid[]) and (opted_out_at is null or opt_out_source ~ '^(reply|preferences|provider): ')

-- name: optIn
-- Opens marketing again; never lifts a block.
update contacts set opted_in_at = adsapp_now(), opt_in_source = $3, opted_out_at = null, opt_out_source = null, updated_at = adsapp_now()
 where organization_id = $1 and id = any ($2::uuid[]) and (opted_in_at is null or opted_out_at is not null)

-- name: contactsOfTag
select t.contact_id as id from contact_tags t where t.organization_id = $1 and t.tag = $2

-- name: contactsOfList
select m.contact_id as id from contact_list_members m where m.organization_id = $1 and m.list_id = $2
