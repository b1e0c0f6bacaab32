-- name: today
-- The organization's local day.
select (adsapp_now() at time zone o.timezone)::date as today from organizations o where o.id = $1

-- name: campaignsNamed
-- Broadcasts and drips by name or id. $1 organization.
select c.id, c.name from bulk_campaigns c where c.organization_id = $1 and (c.name = $2 or c.id::text = $2)
union all
select c.id, c.name from drip_campaigns c where c.organization_id = $1 and (c.name = $2 or c.id::text = $2)

-- name: campaignNames
select n.name from (select name, created_at from bulk_campaigns where organization_id = $1
                    union all select name, created_at from drip_campaigns where organization_id = $1) n
 order by n.created_at desc limit 1000

-- name: analyticsByDay
-- $1 organization, $2 first day, $3 last day, $4 campaigns or null.
select a.date, a.campaign_type, coalesce(b.name, d.name) as campaign, a.messages_sent, a.messages_delivered, a.messages_read, a.messages_failed,
       a.replies_received, a.opt_outs, a.delivery_rate, a.open_rate, a.reply_rate
  from campaign_analytics a
  left join bulk_campaigns b on b.id = a.bulk_campaign_id and b.organization_id = a.organization_id
  left join drip_campaigns d on d.id = a.drip_campaign_id and d.organization_id = a.organization_id
 where a.organization_id = $1 and a.date between $2 and $3 and ($4::uuid[] is null or a.campaign_id = any ($4))
 order by a.date desc, campaign, a.campaign_type

-- name: totalsByDay
-- All campaigns of a day together. $4 campaigns or null.
select a.date, sum(a.messages_sent) as messages_sent, sum(a.messages_delivered) as messages_delivered, sum(a.messages_read) as messages_read,
       sum(a.messages_failed) as messages_failed, sum(a.replies_received) as replies_received, sum(a.opt_outs) as opt_outs
  from campaign_analytics a
 where a.organization_id = $1 and a.date between $2 and $3 and ($4::uuid[] is null or a.campaign_id = any ($4))
 group by a.date order by a.date

-- name: madeAt
-- For a page's head.
select to_char(adsapp_now() at time zone o.timezone, 'YYYY-MM-DD HH24:MI') as made_at, o.timezone from organizations o where o.id = $1

-- name: analyticsByCampaign
-- The days of each campaign together; the rates are those of the sums.
select s.*, coalesce(round(100.0 * s.messages_delivered / nullif(s.messages_sent, 0), 2), 0) as delivery_rate,
       coalesce(round(100.0 * s.messages_read / nullif(s.messages_sent, 0), 2), 0) as open_rate,
       coalesce(round(100.0 * s.replies_received / nullif(s.messages_sent, 0), 2), 0) as reply_rate
  from (select a.campaign_type, coalesce(b.name, d.name) as campaign, sum(a.messages_sent) as messages_sent, sum(a.messages_delivered) as messages_delivered,
               sum(a.messages_read) as messages_read, sum(a.messages_failed) as messages_failed,
               sum(a.replies_received) as replies_received, sum(a.opt_outs) as opt_outs
          from campaign_analytics a
          left join bulk_campaigns b on b.id = a.bulk_campaign_id and b.organization_id = a.organization_id
          left join drip_campaigns d on d.id = a.drip_campaign_id and d.organization_id = a.organization_id
         where a.organization_id = $1 and a.date between $2 and $3 and ($4::uuid[] is null or a.campaign_id = any ($4))
         group by a.campaign_id, a.campaign_type, b.name, d.name) s
 order by s.campaign, s.campaign_type

-- name: topCampaigns
-- The source document's "top performing campaigns", with the days of a campaign together. $4 campaigns or null, $5 how many.
select c.name, sum(a.messages_sent) as messages_sent,
       coalesce(round(100.0 * sum(a.messages_delivered) / nullif(sum(a.messages_sent), 0), 2), 0) as delivery_rate,
       coalesce(round(100.0 * sum(a.replies_received) / nullif(sum(a.messages_sent), 0), 2), 0) as reply_rate
  from campaign_analytics a
  join bulk_campaigns c on c.id = a.bulk_campaign_id and c.organization_id = a.organization_id
 where a.organization_id = $1 and a.date between $2 and $3 and ($4::uuid[] is null or a.campaign_id = any ($4))
 group by c.id, c.name
 order by reply_rate desc, messages_sent desc, c.name
 limit $5
