-- name: createSource
-- Only where the code is free.
insert into channel_sources (organization_id, type, name, code, config) values ($1, $2, $3, $4, $5)
on conflict (organization_id, code) do nothing
returning id

-- name: listSources
-- With what they brought: $2 days from today back, by the organization's day. $3 null, or one's name or id. The last line is no source's.
select s.id, s.name, s.type, s.code, s.config ->> 'text' as text, coalesce(b.name, d.name) as campaign, s.config -> 'adIds' as ad_ids, s.created_at,
       coalesce(n.conversations, 0)::int as conversations, coalesce(n.recent, 0)::int as recent, coalesce(n.today, 0)::int as today,
       coalesce(n.by_day, '{}') as by_day
  from channel_sources s
  join organizations o on o.id = s.organization_id
  left join bulk_campaigns b on b.id::text = s.config ->> 'campaignId' and b.organization_id = s.organization_id
  left join drip_campaigns d on d.id::text = s.config ->> 'campaignId' and d.organization_id = s.organization_id
 cross join lateral (select (adsapp_now() at time zone o.timezone)::date as today) t
 cross join lateral (select sum(k.value::int) as conversations, sum(k.value::int) filter (where k.key::date > t.today - $2::int) as recent,
                            sum(k.value::int) filter (where k.key::date = t.today) as today,
                            jsonb_object_agg(k.key, k.value::int order by k.key) filter (where k.key::date > t.today - $2::int) as by_day
                       from jsonb_each_text(s.daily_counts) k) n
 where s.organization_id = $1 and ($3::text is null or s.name = $3 or s.id::text = $3)
 order by s.is_fallback, s.created_at, s.name

-- name: phoneOfSender
-- $2 null: the default sender. What nobody has set, webhooks may have told.
select s.name, coalesce(s.display_phone, '+' || s.told_phone) as phone
  from senders s where s.organization_id = $1 and case when $2::uuid is null then s.is_default else s.id = $2 end
