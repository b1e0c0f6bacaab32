-- name: choicesOf
-- What answers can be chosen from. $1 organization.
select (select coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'isDefault', s.is_default) order by s.is_default desc, s.name), '[]')
          from senders s where s.organization_id = $1) as senders,
       (select coalesce(jsonb_agg(jsonb_build_object('name', t.tag, 'people', t.people) order by t.people desc, t.tag), '[]')
          from (select g.tag, count(*)::int as people from contact_tags g where g.organization_id = $1 group by g.tag order by 2 desc, 1 limit 200) t) as tags,
       (select coalesce(jsonb_agg(jsonb_build_object('name', l.name, 'people', case when l.filter is null then
                 (select count(*)::int from contact_list_members m where m.list_id = l.id and m.organization_id = l.organization_id) end) order by l.name), '[]')
          from contact_lists l where l.organization_id = $1) as lists
