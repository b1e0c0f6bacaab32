-- name: keepNotices
-- What is told of accounts, numbers and templates, each once; whose it is says the number, else the account. One array a column: account, number
-- id, number as shown, field, event, message, details, time (null: now), halts. Gives each one's owners, and whether it is news.
with said as materialized (
  select s.n, s.waba_id, s.phone_number_id, s.told_phone, s.field, s.event, s.message, s.details, coalesce(s.at, adsapp_now()) as at, s.halts
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::timestamptz[], $9::boolean[]) with ordinality
      as s(waba_id, phone_number_id, told_phone, field, event, message, details, at, halts, n)
), owned as materialized (
  select s.*, o.owners, case when o.owners = 1 then o.organization_id end as organization_id,
         case when o.owners = 1 then (select min(x.id::text)::uuid from senders x
                where x.organization_id = o.organization_id
                  and case when s.phone_number_id is not null then x.phone_number_id = s.phone_number_id
                           else x.waba_id = s.waba_id and s.field like 'phone\_number\_%' and coalesce(x.told_phone = s.told_phone, false) end) end as sender_id
    from said s
   cross join lateral (select count(distinct x.organization_id)::int as owners, min(x.organization_id::text)::uuid as organization_id
                         from senders x
                        where case when s.phone_number_id is not null then x.phone_number_id = s.phone_number_id else x.waba_id = s.waba_id end) o
), kept as (
  insert into account_notices (organization_id, waba_id, sender_id, field, event, message, halts, details, occurred_at)
  select o.organization_id, o.waba_id, o.sender_id, o.field, o.event, o.message, o.halts, o.details, o.at from owned o where o.owners = 1
   order by o.organization_id, o.waba_id, o.field, o.event, o.at
  on conflict on constraint account_notices_once do nothing
  returning organization_id, waba_id, field, event, occurred_at, digest
)
select o.n::int as n, o.owners, o.organization_id, o.sender_id, o.at, k.digest is not null as is_news
  from owned o
  left join kept k on k.organization_id = o.organization_id and k.waba_id = o.waba_id and k.field = o.field and k.event = o.event
                  and k.occurred_at = o.at and k.digest = md5(o.details::text)
 order by o.n

-- name: pauseUsers
-- Scheduled and running campaigns and active drips that send a template which Meta will not, as an error of the template would have it (STOP_CAMPAIGN); not by
-- news that is older than what is known. One array a column: organization, account, template, language, time, reason.
with bad as materialized (
  select b.* from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) as b(organization_id, waba_id, template, language, at, reason)
   where not exists (select from message_templates t where t.organization_id = b.organization_id and t.name = b.template and t.language = b.language and t.status_at > b.at)
), drips as (
  update drip_campaigns d set status = 'paused', pause_reason = b.reason
    from bad b
   where d.organization_id = b.organization_id and d.status = 'active'
     and exists (select from senders s where s.organization_id = d.organization_id and s.waba_id = b.waba_id and case when d.sender_id is null then s.is_default else s.id = d.sender_id end)
     and exists (select from drip_campaign_steps p left join message_templates t on t.id = p.template_id and t.organization_id = p.organization_id
                  where p.campaign_id = d.id and p.organization_id = d.organization_id
                    and (p.version = d.current_version
                         or exists (select from drip_enrollments e where e.campaign_id = d.id and e.organization_id = d.organization_id and e.ended_at is null and e.version = p.version))
                    and coalesce(t.name, p.message ->> 'template') = b.template and coalesce(t.language, p.message ->> 'language') = b.language)
)
update bulk_campaigns c set status = 'paused', paused_at = adsapp_now(), pause_reason = b.reason, resume_as = c.status
  from bad b
 where c.organization_id = b.organization_id and c.status in ('scheduled', 'running')
   and exists (select from adsapp_campaign_templates(c) u where u.template = b.template and u.language = b.language)
   and exists (select from senders s where s.id = c.sender_id and s.organization_id = c.organization_id and s.waba_id = b.waba_id)

-- name: setTemplates
-- The newest news of each counts. One array a column: organization, name, language, time, status, reason, quality, category, text changed.
update message_templates t
   set status = coalesce(b.status, t.status),
       status_reason = case when b.status is not null then b.reason else t.status_reason end,
       status_at = coalesce(b.status_at, t.status_at),
       quality = coalesce(b.quality, t.quality), quality_at = coalesce(b.quality_at, t.quality_at),
       category = coalesce(b.category, t.category), category_at = coalesce(b.category_at, t.category_at),
       stale_at = greatest(t.stale_at, b.stale_at),
       updated_at = adsapp_now()
  from (select k.id, k.organization_id,
               (array_agg(n.status order by n.at desc) filter (where n.status is not null and n.at >= coalesce(k.status_at, '-infinity')))[1] as status,
               (array_agg(n.reason order by n.at desc) filter (where n.status is not null and n.at >= coalesce(k.status_at, '-infinity')))[1] as reason,
               max(n.at) filter (where n.status is not null) as status_at,
               (array_agg(n.quality order by n.at desc) filter (where n.quality is not null and n.at >= coalesce(k.quality_at, '-infinity')))[1] as quality,
               max(n.at) filter (where n.quality is not null) as quality_at,
               (array_agg(n.category order by n.at desc) filter (where n.category is not null and n.at >= coalesce(k.category_at, '-infinity')))[1] as category,
               max(n.at) filter (where n.category is not null) as category_at,
               max(n.at) filter (where n.is_stale) as stale_at
          from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[])
                 as n(organization_id, name, language, at, status, reason, quality, category, is_stale)
          join message_templates k on k.organization_id = n.organization_id and k.name = n.name and k.language = n.language
         group by k.id, k.organization_id) b
 where t.id = b.id and t.organization_id = b.organization_id

-- name: setNumbers
-- One array a column: sender, time, quality, verified name.
update senders s
   set quality = coalesce(b.quality, s.quality), quality_at = greatest(s.quality_at, b.quality_at), verified_name = coalesce(b.verified_name, s.verified_name)
  from (select k.id, (array_agg(n.quality order by n.at desc) filter (where n.quality is not null and n.at >= coalesce(k.quality_at, '-infinity')))[1] as quality,
               max(n.at) filter (where n.quality is not null) as quality_at,
               (array_agg(n.verified_name order by n.at desc) filter (where n.verified_name is not null))[1] as verified_name
          from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) as n(sender_id, at, quality, verified_name) join senders k on k.id = n.sender_id
         group by k.id) b
 where s.id = b.id

-- name: upgradeNumbers
-- $1 senders, $2 what Meta gives every number, $3 what it gives these now. Another rate than the first is a person's.
update senders s set throughput_per_second = $3 where s.id = any ($1::uuid[]) and s.throughput_per_second = $2

-- name: setLimits
-- The messaging limit belongs to the portfolio of the account's senders; a lower one that a person has set holds. One array a column:
-- organization, account, time, limit (null: unlimited).
update portfolios p set messaging_limit = least(p.own_limit, b.messaging_limit)
  from (select distinct on (k.organization_id, k.portfolio_id) k.organization_id, k.portfolio_id, n.messaging_limit
          from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::int[]) as n(organization_id, waba_id, at, messaging_limit)
          join senders k on k.organization_id = n.organization_id and k.waba_id = n.waba_id and k.portfolio_id is not null
         where not exists (select from account_notices x where x.organization_id = n.organization_id and x.waba_id = n.waba_id and x.occurred_at > n.at
                              and x.field in ('phone_number_quality_update', 'business_capability_update'))
         order by k.organization_id, k.portfolio_id, n.at desc) b
 where p.id = b.portfolio_id and p.organization_id = b.organization_id and p.messaging_limit is distinct from least(p.own_limit, b.messaging_limit)

-- name: haltAccounts
-- Until a person resumes them; not where Meta has taken it back since. One array a column: organization, account, time, reason.
update senders s set state = 'halted', halt_reason = b.reason, halted_at = adsapp_now()
  from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) as b(organization_id, waba_id, at, reason)
 where s.organization_id = b.organization_id and s.waba_id = b.waba_id and s.state <> 'halted'
   and not exists (select from account_notices x where x.organization_id = b.organization_id and x.waba_id = b.waba_id and x.occurred_at > b.at
                      and x.event = 'DISABLED_UPDATE' and not x.halts)

-- name: stillThrottled
-- Which of the errors of throttled numbers say something of this moment: not where the number has slowed down since, or has recovered by now.
-- One array a column: sender, time, seconds from nothing back to the full rate.
select e.n::int as n
  from unnest($1::uuid[], $2::timestamptz[], $3::float8[]) with ordinality as e(sender_id, at, recovery_seconds, n)
  join senders s on s.id = e.sender_id
 where e.at > adsapp_now() - make_interval(secs => e.recovery_seconds) and e.at > coalesce(s.slowed_at, '-infinity')
 order by e.n

-- name: learnNumbers
-- $1 number ids, $2 the numbers as shown: webhooks about a number name it by nothing else.
update senders s set told_phone = n.shown
  from unnest($1::text[], $2::text[]) as n(phone_number_id, shown)
 where s.phone_number_id = n.phone_number_id and s.told_phone is distinct from n.shown
