-- name: startCampaign
-- Arms a draft: `running`, or `scheduled` where its time is still to come. $1 campaign, $2 organization, $3 time or null.
with mine as materialized (
  select c.id, coalesce(c.sender_id, d.id) as sender_id,
         case when $3::timestamptz is null and c.scheduling ->> 'timezone' = 'contact' -- begins where the day begins first
              then (select min(adsapp_local_instant(c.scheduling ->> 'scheduledAt', z.timezone))
                      from (select distinct p.timezone from contacts p where p.organization_id = c.organization_id and p.timezone is not null
                            union select o.timezone) z)
              else coalesce($3::timestamptz, adsapp_local_instant(c.scheduling ->> 'scheduledAt', coalesce(c.scheduling ->> 'timezone', o.timezone))) end as at
    from bulk_campaigns c
    join organizations o on o.id = c.organization_id
    left join senders d on d.organization_id = c.organization_id and d.is_default
   where c.id = $1 and c.organization_id = $2 and c.status = 'draft'
     for update of c
)
update bulk_campaigns c
   set sender_id = m.sender_id,
       status = case when m.at > adsapp_now() then 'scheduled' else 'running' end,
       scheduled_at = m.at,
       started_at = case when m.at > adsapp_now() then null else adsapp_now() end
  from mine m
 where c.id = m.id and c.organization_id = $2
returning c.status, c.scheduled_at

-- name: openRuns
-- A run for every running campaign that has none (a recurring one: of this occurrence), with the definition frozen in it. $1 organization or null.
insert into campaign_runs (organization_id, campaign_id, occurrence, sender_id, class, definition, marketing, per_hour, canary, tat, audience_at)
RUN_TO_BE
 where c.status = 'running' and ($1::uuid is null or c.organization_id = $1)
   and not exists (select from campaign_runs r where r.campaign_id = c.id and r.occurrence = n.occurrence and r.organization_id = c.organization_id)
on conflict do nothing

-- name: runToBe
-- The run that a campaign gets, with the definition as it is now.
select c.organization_id, c.id as campaign_id, n.occurrence, c.sender_id, case c.type when 'transactional' then 1 else 2 end as class,
       jsonb_build_object('name', c.name, 'type', c.type, 'message', c.message, 'settings', c.settings, 'audience', c.target_audience,
         'sendBefore', adsapp_local_instant(c.scheduling ->> 'sendBefore', coalesce(nullif(c.scheduling ->> 'timezone', 'contact'), o.timezone)),
         'localTime', case when c.scheduling ->> 'timezone' = 'contact' then coalesce(c.scheduling ->> 'scheduledAt', to_char(c.local_time, 'YYYY-MM-DD"T"HH24:MI:SS')) end,
         'template', adsapp_frozen_template(t), 'variants', v.variants) as definition,
       c.type in ('promotional', 'survey') or t.category is not distinct from 'MARKETING' or coalesce(v.is_marketing, false) as marketing,
       case when (c.rate_limiting ->> 'enabled')::boolean then (c.rate_limiting ->> 'messagesPerHour')::int end as per_hour,
       (c.settings #>> '{canary,messages}')::int as canary,
       (select max(b.tat) from campaign_runs b where b.campaign_id = c.id and b.organization_id = c.organization_id) as tat, -- any 60 minutes, of two occurrences too
       adsapp_now() as audience_at
  from bulk_campaigns c
  join organizations o on o.id = c.organization_id
  cross join lateral (select case when c.scheduling ->> 'type' = 'recurring' then c.scheduled_at else '-infinity' end as occurrence) n
  left join message_templates t on t.organization_id = c.organization_id and c.message ->> 'type' = 'template'
                               and t.name = c.message ->> 'template' and t.language = c.message ->> 'language'
  left join lateral (
    select jsonb_agg(e.variant || jsonb_build_object('template', adsapp_frozen_template(vt)) order by e.n) as variants, bool_or(vt.category = 'MARKETING') as is_marketing
      from jsonb_array_elements(c.variants) with ordinality e(variant, n)
      left join message_templates vt on vt.organization_id = c.organization_id and e.variant #>> '{message,type}' = 'template'
                                    and vt.name = e.variant #>> '{message,template}' and vt.language = e.variant #>> '{message,language}') v on true

-- name: unexpandedRuns
select r.campaign_id, r.organization_id, r.definition -> 'audience' as audience
  from campaign_runs r join bulk_campaigns c on c.id = r.campaign_id and c.organization_id = r.organization_id
 where r.expanded_at is null and c.status = 'running' and ($1::uuid is null or r.organization_id = $1)
   and ($2::uuid is null or r.campaign_id = $2)
 order by r.audience_at

-- name: expandChunk
-- $1 campaign, $2 organization, $3 how many contacts; the parameters of the audience follow.
with run as materialized (
  select r.*, coalesce((r.definition #>> '{settings,requireOptIn}')::boolean, false) as require_opt_in,
         coalesce((r.definition #>> '{settings,maxAttempts}')::smallint, 3) as max_attempts,
         (r.definition #>> '{settings,holdout}')::double precision / 100 as holdout, v.names, v.bounds,
         r.definition ->> 'localTime' as local_time, (select o.timezone from organizations o where o.id = r.organization_id) as timezone
    from campaign_runs r
    cross join lateral ( -- variants by name, and from which share on each but the first begins
      select array_agg(w.name order by w.n) as names, (array_agg(w.upto / w.whole order by w.n))[:count(*) - 1] as bounds
        from (select e.variant ->> 'name' as name, e.n, sum((e.variant ->> 'weight')::double precision) over (order by e.n) as upto,
                     sum((e.variant ->> 'weight')::double precision) over () as whole
                from jsonb_array_elements(nullif(r.definition -> 'variants', 'null')) with ordinality e(variant, n)) w) v
   where r.campaign_id = $1 and r.organization_id = $2 and r.expanded_at is null
     and exists (select from bulk_campaigns c where c.id = r.campaign_id and c.organization_id = r.organization_id and c.status <> 'cancelled')
     for no key update of r skip locked
), people as materialized (
  select p.id, p.local_at, p.reason, row_number() over (order by p.id) as n
    from run cross join lateral ( -- in here: the key has the order, and nobody behind the limit is looked at
      select c.id, case when run.local_time is not null then adsapp_local_instant(run.local_time, coalesce(c.timezone, run.timezone)) end as local_at,
             coalesce(adsapp_contact_gate(c, run.marketing, run.require_opt_in),
                      case when run.holdout > adsapp_share(run.campaign_id, c.id, 'holdout') then 'holdout' end) as reason
        from contacts c
       where c.organization_id = $2 and c.id > coalesce(run.expanded_through, '00000000-0000-0000-0000-000000000000')
         and c.created_at <= run.audience_at
         and (AUDIENCE)
         and not (exists (select from contacts g where g.merged_into = c.id offset 0) -- has the job of the one that turned out to be the same person
                  and exists (select from bulk_message_jobs j where j.campaign_id = run.campaign_id and j.occurrence = run.occurrence and j.contact_id = c.id offset 0))
       order by c.id limit $3) p
), added as (
  insert into bulk_message_jobs (organization_id, campaign_id, occurrence, seq, contact_id, status, skip_reason, max_attempts, next_attempt_at, variant)
  select run.organization_id, run.campaign_id, run.occurrence, run.expanded_seq + p.n, p.id,
         case when p.reason is null then 'pending' else 'skipped' end, p.reason, run.max_attempts,
         case when p.reason is null and p.local_at > adsapp_now() then p.local_at end, -- where it has gone by, at once
         case when p.reason is null and run.names is not null then run.names[1 + width_bucket(adsapp_share(run.campaign_id, p.id, 'variant'), run.bounds)] end
    from people p cross join run
), found as (
  select count(*)::int as people, count(reason)::int as skipped, (array_agg(id order by n desc))[1] as last from people
)
update campaign_runs r
   set expanded_seq = r.expanded_seq + f.people,
       expanded_through = coalesce(f.last, r.expanded_through),
       expanded_at = case when f.people < $3 then adsapp_now() end
  from run, found f
 where r.campaign_id = run.campaign_id and r.occurrence = run.occurrence and r.organization_id = run.organization_id
returning f.people, f.skipped, r.expanded_at is not null as done
