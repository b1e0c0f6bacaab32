-- name: listDrips
-- $1 organization, $2 status or null, $3 name or id, or null, $4 names or null. A step that was written by other means has its message in other columns.
select c.id, c.name, c.status, c.trigger_config || jsonb_build_object('type', c.trigger_type) as trigger, c.settings, c.exit_when, s.name as sender,
       c.current_version as version, c.statistics, c.created_at, c.activated_at, c.paused_at, c.pause_reason, c.archived_at,
       (select coalesce(jsonb_agg(jsonb_build_object('delay', jsonb_build_object('type', p.delay_type, 'value', p.delay_value), 'message', m.message)
                          || case when p.send_at is null then '{}' else jsonb_build_object('sendAt', to_char(p.send_at, 'HH24:MI')) end
                          || case when p.conditions is null then '{}' else jsonb_build_object('when', p.conditions) end order by p.step_order), '[]')
          from drip_campaign_steps p
          left join message_templates t on t.id = p.template_id and t.organization_id = p.organization_id
          cross join lateral (select coalesce(p.message, case when t.id is null then jsonb_build_object('type', 'text', 'text', coalesce(p.message_content, ''))
                                else jsonb_build_object('type', 'template', 'template', t.name, 'language', t.language, 'variables', p.variables) end) as message) m
         where p.campaign_id = c.id and p.organization_id = c.organization_id and p.version = c.current_version) as steps
  from drip_campaigns c left join senders s on s.id = c.sender_id and s.organization_id = c.organization_id
 where c.organization_id = $1 and ($2::text is null or c.status = $2) and ($3::text is null or c.name = $3 or c.id::text = $3)
   and ($4::text[] is null or c.name = any ($4))
 order by c.name = $3 desc, c.created_at desc, c.name

-- name: saveDrip
insert into drip_campaigns (organization_id, name, trigger_type, trigger_config, settings, exit_when, sender_id)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (organization_id, name) do nothing
returning id

-- name: addSteps
-- The steps ($4) of a version ($3).
insert into drip_campaign_steps (organization_id, campaign_id, version, step_order, delay_type, delay_value, send_at, conditions,
                                 message_type, message_content, message, variables)
select $1, $2, $3, s.n, s.step #>> '{delay,type}', (s.step #>> '{delay,value}')::integer, (s.step ->> 'sendAt')::time, s.step -> 'when',
       s.step #>> '{message,type}', s.step #>> '{message,text}', s.step -> 'message', coalesce(s.step #> '{message,variables}', '{}')
  from jsonb_array_elements($4::jsonb) with ordinality as s(step, n)

-- name: lockDrip
-- Who changes it, changes it alone; a viewer gets no row. `last_version`: raw SQL may have written steps that are not current yet.
select greatest(c.current_version, (select max(s.version) from drip_campaign_steps s where s.campaign_id = c.id and s.organization_id = c.organization_id)) as last_version
  from drip_campaigns c where c.id = $2 and c.organization_id = $1 for no key update

-- name: updateDrip
update drip_campaigns
   set trigger_type = $3, trigger_config = $4, settings = $5, exit_when = $6, sender_id = $7, current_version = $8
 where id = $2 and organization_id = $1

-- name: moveEnrollments
select moved, replanned, completed from move_drip_enrollments($2, $1)

-- name: activateDrip
update drip_campaigns set status = 'active', pause_reason = null where id = $2 and organization_id = $1 and status in ('draft', 'paused')

-- name: pauseDrip
update drip_campaigns set status = 'paused', pause_reason = $3 where id = $2 and organization_id = $1 and status = 'active'

-- name: archiveDrip
update drip_campaigns set status = 'archived' where id = $2 and organization_id = $1 and status <> 'archived'

-- name: archivedPeople
select count(*)::int as dropped from drip_enrollments e where e.campaign_id = $2 and e.organization_id = $1 and e.exit_reason = 'archived'

-- name: findingsOf
-- What a definition meets in the database. $1 organization, $2 sender or null (the default one), $3 template of each step (null: it has
-- none), $4 their languages, $5 lists.
select s.name as sender, s.provider, s.state as sender_state,
       (select coalesce(array_agg(x.name order by x.name), '{}') from senders x where x.organization_id = $1) as sender_names,
       (select coalesce(jsonb_agg(jsonb_build_object(
                 'template', case when t.id is not null then jsonb_build_object('name', t.name, 'language', t.language, 'category', t.category,
                   'status', t.status, 'parameterFormat', t.parameter_format, 'components', t.components) end,
                 'templateLanguages', (select coalesce(jsonb_agg(m.language order by m.language), '[]') from message_templates m
                                        where m.organization_id = $1 and m.name = w.name)) order by w.n), '[]')
          from unnest($3::text[], $4::text[]) with ordinality as w(name, language, n)
          left join message_templates t on t.organization_id = $1 and t.name = w.name and t.language = w.language) as steps,
       (select coalesce(array_agg(distinct m.name), '{}') from message_templates m where m.organization_id = $1) as template_names,
       (select coalesce(array_agg(w.name), '{}') from unnest($5::text[]) as w(name)
         where not exists (select from contact_lists l where l.organization_id = $1 and l.name = w.name)) as missing_lists,
       (select coalesce(array_agg(l.name), '{}') from contact_lists l where l.organization_id = $1) as list_names
  from organizations o
  left join senders s on s.organization_id = $1 and (s.name = $2 or ($2 is null and s.is_default))
 where o.id = $1
