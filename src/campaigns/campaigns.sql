-- name: listCampaigns
select c.id, c.name, c.type, c.status, c.target_audience, c.message, c.scheduling, c.rate_limiting, c.settings, s.name as sender, c.statistics,
       c.scheduled_at, c.started_at, c.paused_at, c.pause_reason, c.completed_at, c.created_at
  from bulk_campaigns c left join senders s on s.id = c.sender_id and s.organization_id = c.organization_id
 where c.organization_id = $1 and ($2::text is null or c.status = $2) and ($3::text is null or c.name = $3 or c.id::text = $3)
 order by c.created_at desc, c.name

-- name: saveCampaign
insert into bulk_campaigns (organization_id, name, type, target_audience, message, scheduling, rate_limiting, settings, sender_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (organization_id, name) do nothing
returning id

-- name: countByStatus
select j.status, count(*)::int as count,
       count(*) filter (where j.status = 'unknown' and (coalesce(c.settings ->> 'onUnknown', 'retry') = 'hold' or j.attempts >= j.max_attempts
                              or j.dispatched_at <= adsapp_now() - interval '24 hours'))::int as held
  from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id
 where j.campaign_id = $2 and j.organization_id = $1
 group by j.status

-- name: countSkips
select j.skip_reason as reason, count(*)::int as count
  from bulk_message_jobs j where j.campaign_id = $2 and j.organization_id = $1 and j.status = 'skipped'
 group by j.skip_reason order by 2 desc, 1

-- name: countFailures
select j.error_code as code, min(j.error) as example, count(*)::int as count
  from bulk_message_jobs j where j.campaign_id = $2 and j.organization_id = $1 and j.status in ('failed', 'unknown')
 group by j.error_code order by 3 desc, 1

-- name: pauseCampaign
update bulk_campaigns set status = 'paused', paused_at = adsapp_now(), pause_reason = $3, resume_as = status
 where id = $2 and organization_id = $1 and status in ('scheduled', 'running')

-- name: resumeCampaign
update bulk_campaigns set status = coalesce(resume_as, 'running'), paused_at = null, pause_reason = null, resume_as = null,
       started_at = case when coalesce(resume_as, 'running') = 'running' then coalesce(started_at, adsapp_now()) end
 where id = $2 and organization_id = $1 and status = 'paused'

-- name: cancelCampaign
update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now(), paused_at = null, pause_reason = null, resume_as = null
 where id = $2 and organization_id = $1 and status in ('draft', 'scheduled', 'running', 'paused')

-- name: cancelOpenJobs
-- What was dispatched already ends as it ends.
update bulk_message_jobs set status = 'cancelled', next_attempt_at = null
 where campaign_id = $2 and organization_id = $1 and status = 'pending'

-- name: previewAudience
-- AUDIENCE is the condition over c; its parameters follow the first three.
select coalesce(adsapp_contact_gate(c, $2, $3), '') as reason, count(*)::int as count
  from contacts c where c.organization_id = $1 and (AUDIENCE)
 group by 1 order by 2 desc, 1

-- name: sampleAudience
select c.id, c.phone, c.first_name, c.last_name, c.email, c.language, c.attributes
  from contacts c where c.organization_id = $1 and adsapp_contact_gate(c, $2, $3) is null and (AUDIENCE)
 order by c.id limit 3

-- name: findingsOf
-- What a definition meets in the database. $2 sender or null, $3 template, $4 language, $5 tags, $6 lists.
select s.name as sender, s.provider, s.throughput_per_second, s.state as sender_state,
       case when t.id is not null then jsonb_build_object('name', t.name, 'language', t.language, 'category', t.category, 'status', t.status,
            'parameterFormat', t.parameter_format, 'components', t.components) end as template,
       (select coalesce(array_agg(m.language order by m.language), '{}') from message_templates m where m.organization_id = $1 and m.name = $3) as template_languages,
       (select coalesce(array_agg(distinct m.name), '{}') from message_templates m where m.organization_id = $1) as template_names,
       (select coalesce(array_agg(w.tag), '{}') from unnest($5::text[]) as w(tag)
         where not exists (select from contact_tags ct where ct.organization_id = $1 and ct.tag = w.tag)) as unused_tags,
       (select coalesce(array_agg(w.name), '{}') from unnest($6::text[]) as w(name)
         where not exists (select from contact_lists l where l.organization_id = $1 and l.name = w.name)) as missing_lists
  from (select 1) as one
  left join senders s on s.organization_id = $1 and (s.name = $2 or ($2 is null and s.is_default))
  left join message_templates t on t.organization_id = $1 and t.name = $3 and t.language = $4
