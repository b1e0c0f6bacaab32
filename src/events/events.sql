-- The queue of contact_events: take, match, act, close. As worker; arrays of ids name the batch in every statement. Each row of it is
-- looked up by its key (offset keeps the planner from joining): without statistics every id counts for a 200th of the table, and a batch
-- out of a queue of a million would read all of it.

-- name: takeEvents
-- $1 organization or null, $2 how many. One depth, oldest first; what another worker holds is left to it.
with taken as materialized (
  select e.id, e.depth
    from contact_events e
   where e.processed_at is null and ($1::uuid is null or e.organization_id = $1)
   order by e.depth, e.id
   limit $2
     for update skip locked
)
select t.id, t.depth from taken t where t.depth = (select min(m.depth) from taken m) order by t.id

-- name: setDepth
select set_config('adsapp.event_depth', $1, true)

-- name: openEnrollments
-- Those of the events' contacts in drips that have exits. Notes go to the newest event.
with people as materialized (
  select e.organization_id, e.contact_id, max(e.id) as event_id
    from unnest($1::bigint[]) w(id)
   cross join lateral (select e.* from contact_events e where e.id = w.id offset 0) e
   group by e.organization_id, e.contact_id
)
select o.id as enrollment_id, o.campaign_id, o.campaign, p.event_id
  from people p
 cross join lateral (
   select m.id, m.campaign_id, d.name as campaign
     from drip_enrollments m
     join drip_campaigns d on d.id = m.campaign_id and d.organization_id = m.organization_id and d.exit_when <> '[]'
    where m.contact_id = p.contact_id and m.organization_id = p.organization_id and m.ended_at is null
   offset 0) o
 order by o.campaign_id, o.id

-- name: leaveDrips
with open as materialized (
  select m.*
    from (select w.id from unnest($1::uuid[]) w(id) order by w.id) w -- whoever locks people does it in this order
   cross join lateral (select e.* from drip_enrollments e where e.id = w.id for no key update) m
), held as materialized ( -- a condition is judged for its own contact only, whatever the planner thinks of the joins
  select o.id, o.organization_id, o.enrolled_at, d.exit_when, k.contact
    from open o
    join drip_campaigns d on d.id = o.campaign_id and d.organization_id = o.organization_id
   cross join lateral (select c as contact from contacts c where c.id = o.contact_id and c.organization_id = o.organization_id limit 1) k
   where o.ended_at is null
), leaving as materialized (
  select h.id, h.organization_id from held h where adsapp_meets_any(h.contact, h.exit_when, h.enrolled_at)
)
update drip_enrollments m set status = 'dropped', exit_reason = 'exited'
  from leaving l where m.id = l.id and m.organization_id = l.organization_id

-- name: matchRules
-- An event that has a name sets off what names it; a trigger's `where` is what the data must hold.
with happened as materialized (
  select e.* from unnest($1::bigint[]) w(id)
   cross join lateral (select e.id, e.organization_id, e.contact_id, e.type, e.name, e.data from contact_events e where e.id = w.id offset 0) e
)
select e.id as event_id, e.organization_id, e.contact_id, r.id as rule_id, r.conditions is not null as has_conditions
  from happened e
  join automation_rules r on r.organization_id = e.organization_id and r.enabled and r.trigger_type = e.type
 where (e.name is null or e.name = coalesce(r.trigger_config ->> 'tag', r.trigger_config ->> 'event'))
   and e.data @> coalesce(r.trigger_config -> 'where', '{}')
 order by e.id, r.created_at, r.id

-- name: meetRules
-- Of pairs of an event and a rule, those whose contact meets the rule's conditions.
with paired as materialized (
  select p.event_id, p.rule_id, r.conditions, k.contact
    from unnest($1::bigint[], $2::uuid[]) p(event_id, rule_id)
   cross join lateral (select e.organization_id, e.contact_id from contact_events e where e.id = p.event_id offset 0) e
    join automation_rules r on r.id = p.rule_id and r.organization_id = e.organization_id
   cross join lateral (select c as contact from contacts c where c.id = e.contact_id and c.organization_id = e.organization_id limit 1) k
)
select p.event_id, p.rule_id from paired p where adsapp_meets(p.contact, p.conditions, null)

-- name: loadRules
select r.id, r.name, r.actions from automation_rules r where r.id = any ($1::uuid[])

-- name: addTags
insert into contact_tags (organization_id, contact_id, tag)
select distinct t.organization_id, t.contact_id, t.tag
  from unnest($1::uuid[], $2::uuid[], $3::text[]) t(organization_id, contact_id, tag)
 order by t.contact_id, t.tag
on conflict do nothing

-- name: removeTags
delete from contact_tags t
 using unnest($1::uuid[], $2::uuid[], $3::text[]) w(organization_id, contact_id, tag)
 where t.contact_id = w.contact_id and t.tag = w.tag and t.organization_id = w.organization_id

-- name: emitEvents
-- Their depth is that of the setting: one more than that of the events that led to them.
insert into contact_events (organization_id, contact_id, type, name, data)
select w.organization_id, w.contact_id, 'custom_event', w.name, w.data
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) w(organization_id, contact_id, name, data)

-- name: assignConversations
-- $3 the agents' e-mails, in the order of the actions; of several for one contact the last one. Says of each what it lacked.
with wanted as (
  select w.n, w.organization_id, w.contact_id, p.id as agent_id, v.id as conversation_id
    from unnest($1::uuid[], $2::uuid[], $3::text[]) with ordinality w(organization_id, contact_id, email, n)
    left join lateral (select p.id from profiles p
                        where p.organization_id = w.organization_id and lower(p.email) = lower(w.email) and p.role <> 'viewer'
                        order by p.email = w.email desc limit 1) p on true
    left join conversations v on v.contact_id = w.contact_id and v.organization_id = w.organization_id and v.resolved_at is null
), assigned as (
  update conversations c set assigned_agent_id = l.agent_id, status = 'assigned'
    from (select distinct on (w.conversation_id) w.conversation_id, w.agent_id
            from wanted w where w.conversation_id is not null and w.agent_id is not null
           order by w.conversation_id, w.n desc) l
   where c.id = l.conversation_id
)
select case when w.agent_id is null then 'agent' when w.conversation_id is null then 'conversation' end as lacks
  from wanted w order by w.n

-- name: findDrips
-- The organizations' drips by name or id.
select w.n, d.id
  from unnest($1::uuid[], $2::text[]) with ordinality w(organization_id, word, n)
  join drip_campaigns d on d.organization_id = w.organization_id and (d.name = w.word or d.id::text = w.word)

-- name: matchDrips
with happened as materialized (
  select e.* from unnest($1::bigint[]) w(id)
   cross join lateral (select e.id, e.organization_id, e.contact_id, e.type, e.name, e.data from contact_events e where e.id = w.id offset 0) e
)
select e.id as event_id, e.organization_id, e.contact_id, d.id as campaign_id, d.name as campaign
  from happened e
  join drip_campaigns d on d.organization_id = e.organization_id and d.status = 'active' and d.trigger_type = e.type
 where (e.name is null or e.name = coalesce(d.trigger_config ->> 'tag', d.trigger_config ->> 'event'))
   and e.data @> coalesce(d.trigger_config -> 'where', '{}')
 order by e.id

-- name: enterDrips
-- Pairs of a drip and a contact, each with its organization: in one call an organization.
select r.campaign_id, r.contact_id, r.enrollment_id, r.reason
  from (select w.organization_id, array_agg(w.campaign_id) as campaign_ids, array_agg(w.contact_id) as contact_ids
          from unnest($1::uuid[], $2::uuid[], $3::uuid[]) w(organization_id, campaign_id, contact_id)
         group by w.organization_id order by w.organization_id) o
 cross join lateral enroll_in_drips(o.organization_id, o.campaign_ids, o.contact_ids, null) r

-- name: closeEvents
-- $2 the notes by id. The rows are held since they were taken, so they are where they were (ctid).
update contact_events e set processed_at = adsapp_now(), note = $2::jsonb ->> e.id::text
 where e.ctid = any (array(select h.ctid from unnest($1::bigint[]) w(id)
                            cross join lateral (select h.ctid from contact_events h where h.id = w.id offset 0) h))
