Each names its organization: they run as worker, since below a policy conditions are asked of each contact in turn.

-- name: countAudience
-- $1 organization, $2 marketing, $3 opt-in required, $4 only within the service window, $5 by country, $6 how much of the phone; the
-- audience's own follow. Who got as many messages as the frequency cap allows would be skipped now; later it may be another.
with people as (
  select (EXCLUDED) as excluded, c.phone,
         coalesce(adsapp_contact_gate(c, $2, $3),
                  case when $4 and coalesce(c.last_inbound_at, '-infinity') <= adsapp_now() - interval '24 hours' then 'outside_service_window'
                       when $2 and o.cap is not null and o.cap <= (select count(*) from contact_touches t cross join unnest(t.ats) as at
                                                                    where t.contact_id = c.id and t.organization_id = c.organization_id and at > o.cap_since) then 'frequency_cap' end) as reason
    from contacts c
   cross join lateral (select (n.settings #>> '{frequencyCap,messages}')::int as cap, adsapp_now() - (n.settings #>> '{frequencyCap,days}')::int * interval '24 hours' as cap_since
                         from organizations n where n.id = $1) o
   where c.organization_id = $1 and (TARGET)
)
select p.excluded, case when p.excluded is null then p.reason end as reason,
       case when $5 and p.excluded is null and p.reason is null then adsapp_country(p.phone) end as country,
       case when $5 and p.excluded is null and p.reason is null then coalesce(left(p.phone, $6), '') else '' end as prefix, count(*)::int as people
  from people p group by 1, 2, 3, 4 order by 5 desc, 1, 2, 3, 4

-- name: sampleAudience
-- The same parameters; the last two stand in it for their types alone.
select c.id, c.phone, c.first_name, c.last_name, c.email, c.language, c.attributes
  from contacts c
 where c.organization_id = $1 and adsapp_contact_gate(c, $2, $3) is null and (not $4 or c.last_inbound_at > adsapp_now() - interval '24 hours')
   and (TARGET) and (EXCLUDED) is null and ($5::boolean or true) and $6::int >= 0
 order by c.id limit 3

-- name: countContacts
select count(*)::int as people from contacts c where c.organization_id = $1 and c.erased_at is null

-- name: standing
-- $1 organization, $2 contact; the audience's own follow.
select array_remove((LACKS), null) as lacks, (EXCLUDED) as excluded, c.merged_into is not null as is_merged
  from contacts c where c.organization_id = $1 and c.id = $2

-- name: circumstances
-- $1 organization, $2 sender or null (the default one), $3 the campaign, which is not ahead of itself.
select o.timezone, o.business_hours, p.messaging_limit,
       (select coalesce(jsonb_agg(jsonb_build_object('hoursAgo', x.hours, 'people', x.people)), '[]')
          from (select floor(extract(epoch from adsapp_now() - r.at) / 3600)::int as hours, count(*)::int as people
                  from portfolio_reach r where r.portfolio_id = p.id and r.organization_id = p.organization_id and r.at > adsapp_now() - interval '24 hours' group by 1) x) as reached,
       (select coalesce(sum(r.expanded_seq - r.next_seq), 0)::int
          from bulk_campaigns c join campaign_runs r on r.campaign_id = c.id and r.organization_id = c.organization_id
         where c.sender_id = s.id and c.organization_id = s.organization_id and c.status = 'running' and c.name <> $3) as ahead
  from organizations o
  join senders s on s.organization_id = o.id and (s.name = $2 or ($2::text is null and s.is_default))
  left join portfolios p on p.id = s.portfolio_id and p.organization_id = s.organization_id and p.messaging_limit is not null and s.provider = 'whatsapp-cloud'
 where o.id = $1
