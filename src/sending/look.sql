-- name: ofCampaigns
-- Stands behind a claim's judged: what would become of how many. $4 is a claim's window, and nothing here. An hour or a pair limit that puts
-- it off, a messaging limit that leaves it as it is.
select j.campaign_id, case when j.is_over then 'wait' when j.becomes = 'later' then 'wait' else j.becomes end as becomes,
       case when j.is_over then 'messaging_limit' when j.becomes = 'later' then case when j.wait > 0 then 'pair_limit' else 'hours' end else j.skip_reason end as reason,
       count(*)::int as messages, min(case when j.becomes = 'later' then j.next_at end) as until
  from judged j where $4::uuid is null
 group by 1, 2, 3

-- name: ofDirect
select '' as campaign_id, case when g.reason is null then 'send' else 'skip' end as becomes, g.reason, count(*)::int as messages, null::timestamptz as until
  from gated g group by 1, 2, 3
