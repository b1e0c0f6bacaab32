What must hold of conversations; as in audit.sql. $1: one organization, or null for all.

-- name: sources_equal_rows
select format('source "%s" on %s: counted %s, conversations %s', s.name, d.day, sum(d.counted), sum(d.conversations)) as example
  from channel_sources s
  cross join lateral (select k.key as day, k.value::int as counted, 0 as conversations from jsonb_each_text(s.daily_counts) k
                      union all
                      select c.opened_on::text, 0, 1 from conversations c where c.channel_source_id = s.id and c.organization_id = s.organization_id) d
 where $1::uuid is null or s.organization_id = $1
 group by s.id, s.name, d.day having sum(d.counted) <> sum(d.conversations)

-- name: answers_in_their_conversation
-- What a conversation holds is of its person, and whatever a person wrote in it is there.
select format('message %s: contact %s, its conversation %s: contact %s', m.id, m.contact_id, c.id, c.contact_id) as example
  from conversations c join messages m on m.conversation_id = c.id and m.organization_id = c.organization_id
 where ($1::uuid is null or c.organization_id = $1) and m.contact_id <> c.contact_id
