-- What the factories insert (factories.ts says with what).

-- name: makeOrganization
with o as (
  insert into organizations (name, slug, timezone, business_hours, settings) values ($1, $2, $3, $4, $5) returning id, slug
), p as (
  insert into profiles (organization_id, full_name, email, role)
  select o.id, v.full_name, v.email, v.role
    from o cross join (values ('Command line', 'cli@' || $2, 'admin'), ('Viewer', 'viewer@' || $2, 'viewer')) as v(full_name, email, role)
  returning id, role
)
select o.id, o.slug, a.id as profile_id, v.id as viewer_id
  from o join p a on a.role = 'admin' join p v on v.role = 'viewer'

-- name: makeSender
insert into senders (organization_id, name, provider, api_url, phone_number_id, waba_id, token_env, throughput_per_second,
                     state, halt_reason, halted_at, is_default)
select $1, $2, $3, $4, $5, $6, $7, $8, case when $9::text is null then 'active' else 'halted' end, $9,
       case when $9 is not null then adsapp_now() end,
       not exists (select from senders d where d.organization_id = $1 and d.is_default)
returning id, name

-- name: makeContacts
with people as (
  insert into contacts (organization_id, phone, first_name, language, timezone, attributes, opted_in_at, opted_out_at, blocked_at,
                        last_inbound_at, created_at)
  select $1, '+3161' || lpad((k.known + i)::text, 7, '0'), coalesce($3, 'Persoon ' || (k.known + i)), $4, $5, $6, $7, $8, $9, $10,
         coalesce($11::timestamptz, adsapp_now())
    from (select count(*) as known from contacts where organization_id = $1) k cross join generate_series(1, $2::int) i
  returning id, phone
), tagged as (
  insert into contact_tags (organization_id, contact_id, tag) select $1, p.id, t.tag from people p cross join unnest($12::text[]) t(tag)
)
select id, phone from people order by phone

-- name: makeTemplate
insert into message_templates (organization_id, name, language, category, status, components, variables)
values ($1, $2, $3, $4, $5, $6, $7) returning id, name, language

-- name: makeCampaign
insert into bulk_campaigns (organization_id, name, type, status, sender_id, target_audience, message, scheduling, rate_limiting, settings,
                            created_at, scheduled_at, started_at, paused_at, pause_reason, resume_as, completed_at, cancelled_at)
select $1, $2, $3, $4, coalesce($5::uuid, (select s.id from senders s where s.organization_id = $1 and s.is_default)), $6, $7, $8, $9, $10,
       adsapp_now(),
       coalesce($11::timestamptz, case when $4 = 'scheduled' then adsapp_now() + interval '1 day' end),
       case when $4 not in ('draft', 'scheduled') then adsapp_now() end,
       case when $4 = 'paused' then adsapp_now() end,
       case when $4 = 'paused' then coalesce($12, 'paused by a person') end,
       case when $4 = 'paused' then 'running' end,
       case when $4 = 'completed' then adsapp_now() end,
       case when $4 = 'cancelled' then adsapp_now() end
returning id, name

-- name: makeRun
insert into campaign_runs (organization_id, campaign_id, occurrence, sender_id, class, definition, marketing, per_hour, canary, audience_at, expanded_at)
select c.organization_id, c.id, '-infinity', c.sender_id, case c.type when 'transactional' then 1 else 2 end,
       jsonb_build_object('name', c.name, 'type', c.type, 'message', c.message, 'settings', c.settings, 'audience', c.target_audience),
       coalesce($2::boolean, c.type in ('promotional', 'survey')), $3, (c.settings #>> '{canary,messages}')::int, adsapp_now(), case when $4::boolean then adsapp_now() end
  from bulk_campaigns c where c.id = $1
returning campaign_id, organization_id

-- name: makeJobs
-- $1 campaign, $2 organization, $3 states, $4 contacts, $5 how long ago they were dispatched.
with run as (
  select r.*, o.timezone, adsapp_now() as now, coalesce(s.lane_token, gen_random_uuid()) as lane_token
    from campaign_runs r
    join organizations o on o.id = r.organization_id
    join senders s on s.id = r.sender_id
   where r.campaign_id = $1 and r.organization_id = $2
), wanted as (
  select run.*, w.contact_id, w.n::int, gen_random_uuid() as id, w.state as made_as, case w.state when 'waiting' then 'pending' else w.state end as status,
         w.state not in ('pending', 'skipped', 'cancelled') as dispatched, w.state in ('sent', 'delivered', 'read') as accepted,
         case when w.state = 'dispatching' then run.now else run.now - $5::interval end + w.n * interval '1 ms' as at
    from run cross join unnest($3::text[], $4::uuid[]) with ordinality as w(state, contact_id, n)
), timed as (
  select w.*, w.at + interval '200 ms' as answered_at, case when w.accepted then gen_random_uuid() end as message_id,
         case when w.status in ('delivered', 'read') then w.at + interval '2 s' end as delivered_at,
         case when w.status = 'read' then w.at + interval '9 s' end as read_at
    from wanted w
), jobs as (
  insert into bulk_message_jobs (id, organization_id, campaign_id, occurrence, seq, contact_id, status, attempts, next_attempt_at, dispatched_at,
                                 unknown_since, lane_token, message_id, error_code, error, skip_reason, sent_at, delivered_at, read_at, failed_at, counted_on)
  select t.id, t.organization_id, t.campaign_id, t.occurrence, t.expanded_seq + t.n, t.contact_id, t.status, t.dispatched::int,
         case when t.made_as = 'waiting' then t.now + interval '1 minute' end,
         case when t.dispatched then t.at end,
         case when t.status = 'unknown' then t.at end,
         case when t.status = 'dispatching' then t.lane_token end,
         t.message_id,
         case t.made_as when 'failed' then '131000' when 'waiting' then '131016' when 'unknown' then 'unknown' end,
         case t.made_as when 'failed' then 'Something went wrong' when 'waiting' then 'Service unavailable' when 'unknown' then 'timeout' end,
         case when t.status = 'skipped' then 'opted_out' end,
         case when t.accepted then t.answered_at end, t.delivered_at, t.read_at,
         case when t.status = 'failed' then t.answered_at end,
         case when t.accepted or t.status = 'failed' then (t.answered_at at time zone t.timezone)::date end
    from timed t
), sent as (
  insert into messages (id, organization_id, direction, contact_id, sender_id, bulk_message_job_id, attempt, type, body, provider_message_id, status,
                        sent_at, delivered_at, read_at, webhook_at)
  select t.message_id, t.organization_id, 'outbound', t.contact_id, t.sender_id, t.id, 1, 'text', 'Hoi', 'wamid.' || t.message_id, t.status,
         t.answered_at, t.delivered_at, t.read_at, t.delivered_at
    from timed t where t.accepted
), windows as (
  insert into lane_windows (organization_id, sender_id, lane_token, job_ids)
  select t.organization_id, t.sender_id, t.lane_token, array_agg(t.id)
    from timed t where t.status = 'dispatching' group by 1, 2, 3
), lane as (
  update senders s set lane_token = t.lane_token, lane_holder = 'test:1', lane_expires_at = clock_timestamp() + interval '30 s'
    from (select distinct sender_id, lane_token from timed where status = 'dispatching') t
   where s.id = t.sender_id
), cursor as (
  update campaign_runs r
     set expanded_seq = r.expanded_seq + n.made,
         next_seq = case when r.next_seq = r.expanded_seq then r.expanded_seq + n.settled else r.next_seq end
    from (select count(*)::int as made, count(*) filter (where made_as <> 'pending')::int as settled from timed) n
   where r.campaign_id = $1 and r.organization_id = $2
)
select t.id, t.contact_id, t.status, t.expanded_seq + t.n as seq, t.message_id from timed t order by t.n
