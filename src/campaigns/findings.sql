-- name: findingsOf
-- What a definition meets in the database. $1 organization, $2 sender or null (the default one), $3 template, $4 language,
-- $5 tags, $6 lists, $7 phones, $8 ids of contacts, $9 scheduledAt, $10 sendBefore, $11 their time zone or null,
-- $12 campaigns and drips that a segment asks for, $13 and $14 templates and languages of the variants, $15 endsAt, $16 whether it begins where the
-- day begins first.
select s.name as sender, s.provider, s.throughput_per_second, s.state as sender_state,
       (select coalesce(array_agg(x.name order by x.name), '{}') from senders x where x.organization_id = $1) as sender_names,
       case when t.id is not null then adsapp_frozen_template(t) || jsonb_build_object('status', t.status) end as template,
       (select jsonb_agg(jsonb_build_object('template', adsapp_frozen_template(vt) || jsonb_build_object('status', vt.status), 'templateLanguages',
                 (select coalesce(jsonb_agg(m.language order by m.language), '[]') from message_templates m where m.organization_id = $1 and m.name = v.template)) order by v.n)
          from unnest($13::text[], $14::text[]) with ordinality as v(template, language, n)
          left join message_templates vt on vt.organization_id = $1 and vt.name = v.template and vt.language = v.language) as variants,
       (select coalesce(array_agg(m.language order by m.language), '{}') from message_templates m where m.organization_id = $1 and m.name = $3) as template_languages,
       (select coalesce(array_agg(distinct m.name), '{}') from message_templates m where m.organization_id = $1) as template_names,
       (select coalesce(array_agg(w.tag), '{}') from unnest($5::text[]) as w(tag)
         where not exists (select from contact_tags ct where ct.organization_id = $1 and ct.tag = w.tag)) as unused_tags,
       (select coalesce(array_agg(w.name), '{}') from unnest($6::text[]) as w(name)
         where not exists (select from contact_lists l where l.organization_id = $1 and l.name = w.name)) as missing_lists,
       (select coalesce(array_agg(l.name), '{}') from contact_lists l where l.organization_id = $1) as list_names,
       (select coalesce(array_agg(w.phone), '{}') from unnest($7::text[]) as w(phone)
         where not exists (select from contacts c where c.organization_id = $1 and c.phone = w.phone))
       || (select coalesce(array_agg(w.id::text), '{}') from unnest($8::uuid[]) as w(id)
         where not exists (select from contacts c where c.organization_id = $1 and c.id = w.id)) as unknown_contacts,
       (select coalesce(array_agg(w.name), '{}') from unnest($12::text[]) as w(name)
         where not exists (select from bulk_campaigns c where c.organization_id = $1 and c.name = w.name)
           and not exists (select from drip_campaigns d where d.organization_id = $1 and d.name = w.name)) as unknown_campaigns,
       adsapp_now() as now, z.zone as timezone, case when z.knows_timezone then adsapp_local_instant($15, z.zone) end as ends_at, z.knows_timezone, i.starts_at, i.send_before,
       to_char(i.starts_at at time zone z.zone, 'YYYY-MM-DD HH24:MI:SS') as starts_at_local,
       coalesce(i.starts_at at time zone z.zone <> l.local, false) as is_skipped_time,
       coalesce((i.starts_at - interval '1 hour') at time zone z.zone = l.local, false) as is_repeated_time
  from organizations o
  cross join lateral (select f.zone, adsapp_is_timezone(f.zone) as knows_timezone
                        from (select coalesce(case when $16 then adsapp_first_zone($1) end, $11, o.timezone) as zone) f) z
  cross join lateral (select case when z.knows_timezone then adsapp_local_instant($9, z.zone) end as starts_at,
                             case when z.knows_timezone then adsapp_local_instant($10, z.zone) end as send_before) i
  cross join lateral (select case when $9 !~ '([Zz]|[+-][0-9]{2}:?[0-9]{2})$' then $9::timestamp end as local) l
  left join senders s on s.organization_id = $1 and (s.name = $2 or ($2 is null and s.is_default))
  left join message_templates t on t.organization_id = $1 and t.name = $3 and t.language = $4
 where o.id = $1
