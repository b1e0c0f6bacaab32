-- name: today
-- The organization's local day.
select (adsapp_now() at time zone o.timezone)::date as today from organizations o where o.id = $1

-- name: analyticsByDay
-- $1 organization, $2 first day, $3 last day, $4 campaign or null.
select a.date, a.campaign_type, c.name as campaign, a.messages_sent, a.messages_delivered, a.messages_read, a.messages_failed,
       a.replies_received, a.opt_outs, a.delivery_rate, a.open_rate, a.reply_rate
  from campaign_analytics a
  join bulk_campaigns c on c.id = a.bulk_campaign_id and c.organization_id = a.organization_id
 where a.organization_id = $1 and a.date between $2 and $3 and ($4::uuid is null or a.campaign_id = $4)
 order by a.date desc, c.name

-- name: analyticsByCampaign
-- The days of each campaign together; the rates are those of the sums.
select s.*, coalesce(round(100.0 * s.messages_delivered / nullif(s.messages_sent, 0), 2), 0) as delivery_rate,
       coalesce(round(100.0 * s.messages_read / nullif(s.messages_sent, 0), 2), 0) as open_rate,
       coalesce(round(100.0 * s.replies_received / nullif(s.messages_sent, 0), 2), 0) as reply_rate
  from (select a.campaign_type, c.name as campaign, sum(a.messages_sent) as messages_sent, sum(a.messages_delivered) as messages_delivered,
               sum(a.messages_read) as messages_read, sum(a.messages_failed) as messages_failed,
               sum(a.replies_received) as replies_received, sum(a.opt_outs) as opt_outs
          from campaign_analytics a
          join bulk_campaigns c on c.id = a.bulk_campaign_id and c.organization_id = a.organization_id
         where a.organization_id = $1 and a.date between $2 and $3 and ($4::uuid is null or a.campaign_id = $4)
         group by a.campaign_id, a.campaign_type, c.name) s
 order by s.campaign

-- name: topCampaigns
-- The source document's "top performing campaigns", with the days of a campaign together.
select c.name, sum(a.messages_sent) as messages_sent,
       coalesce(round(100.0 * sum(a.messages_delivered) / nullif(sum(a.messages_sent), 0), 2), 0) as delivery_rate,
       coalesce(round(100.0 * sum(a.replies_received) / nullif(sum(a.messages_sent), 0), 2), 0) as reply_rate
  from campaign_analytics a
  join bulk_campaigns c on c.id = a.bulk_campaign_id and c.organization_id = a.organization_id
 where a.organization_id = $1 and a.date between $2 and $3
 group by c.id, c.name
 order by reply_rate desc, messages_sent desc, c.name
 limit $4
