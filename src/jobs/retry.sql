-- name: failedByCode
-- $1 organization, $2 campaign.
select j.error_code as code, count(*)::int as count from bulk_message_jobs j
 where j.organization_id = $1 and j.campaign_id = $2 and j.status = 'failed' group by j.error_code

-- name: lockCampaign
-- $1 organization, $2 campaign. Locked before its jobs, so that it is not completed meanwhile.
select c.status, c.name, c.scheduling, c.started_at,
       (select bool_and((r.definition ->> 'sendBefore')::timestamptz <= adsapp_now()) from campaign_runs r
         where r.campaign_id = c.id and r.organization_id = c.organization_id) as is_expired
  from bulk_campaigns c where c.organization_id = $1 and c.id = $2 for no key update

-- name: retryFailed
-- Failed messages get one attempt more: $3 the codes that only fail again, $4 those after which a day has to pass. Whoever may not be
-- messaged any more is left alone. messagesPerHour holds: a claim takes them like any others.
with due as materialized (
  select j.id
    from bulk_message_jobs j
    join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
    join contacts c on c.id = j.contact_id and c.organization_id = j.organization_id
   where j.organization_id = $1 and j.campaign_id = $2 and j.status = 'failed' and not coalesce(j.error_code, '') = any ($3::text[])
     and adsapp_contact_gate(c, r.marketing, coalesce((r.definition #>> '{settings,requireOptIn}')::boolean, false)) is null
   order by j.id for no key update of j
)
update bulk_message_jobs j
   set status = 'pending', max_attempts = greatest(j.max_attempts, j.attempts + 1),
       next_attempt_at = greatest(adsapp_now(), case when j.error_code = any ($4::text[]) then j.failed_at + interval '1 day' end),
       failed_at = null, counted_on = case when j.sent_at is not null then j.counted_on end
  from due where j.id = due.id and j.organization_id = $1 and j.status = 'failed'
