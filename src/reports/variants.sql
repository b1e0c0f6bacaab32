-- name: variantNumbers
-- The arms of a broadcast: its variants (without any: everyone who was sent it) and who was held out. $1 organization, $2 campaigns (of which one is a broadcast).
-- Wrote back: anything but a reaction, within 7 days of the occurrence's first message, whoever got one.
with people as (
  select j.variant, j.status = 'skipped' as is_holdout, j.contact_id, j.sent_at, j.delivered_at, j.read_at, j.replied_at, j.opted_out_at,
         min(j.sent_at) over (partition by j.occurrence) as began_at
    from bulk_message_jobs j
   where j.organization_id = $1 and j.campaign_id = any ($2::uuid[]) and (j.sent_at is not null or (j.status = 'skipped' and j.skip_reason = 'holdout'))
)
select case when p.is_holdout then 'holdout' else coalesce(p.variant, 'message') end as variant, p.is_holdout, count(*) as people,
       count(p.delivered_at) as delivered, count(p.read_at) as read, count(p.replied_at) as replied, count(p.opted_out_at) as opted_out,
       count(*) filter (where exists (
         select from messages m
          where m.contact_id = p.contact_id and m.organization_id = $1 and m.direction = 'inbound' and m.type <> 'reaction'
            and m.created_at >= p.began_at and m.received_at >= p.began_at and m.received_at < p.began_at + interval '7 days')) as wrote_back
  from people p
 group by 1, 2
 order by 2 desc, 1
