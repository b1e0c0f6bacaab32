-- name: weighDirect
-- What waits in the lane's direct queue, oldest first, with the gates of this moment; whoever may not get it has it failed with the reason.
-- $1 sender, $2 lane token, $3 how many.
with lane as materialized (
  select s.id, s.provider, adsapp_now() as now
    from senders s join organizations o on o.id = s.organization_id
   where s.id = $1 and HELD and s.state <> 'halted' and o.paused_at is null
     and (s.state <> 'slowed' or s.rests_until is null or s.rests_until <= adsapp_now())
), due as materialized (
  select q.message_id, q.organization_id
    from lane l join direct_queue q on q.sender_id = l.id and q.next_attempt_at <= l.now
   order by q.next_attempt_at, q.message_id limit $3 for no key update of q skip locked
), gated as materialized (
  select d.message_id, d.organization_id, l.now, m.contact_id, m.type, m.body, m.payload, c.phone, c.bsuid,
         coalesce(adsapp_contact_gate(c, false, false),
                  case when l.provider = 'whatsapp-cloud' and m.type <> 'template' and coalesce(c.last_inbound_at, '-infinity') <= l.now - interval '24 hours'
                       then 'outside_service_window' end) as reason
    from due d
    join messages m on m.id = d.message_id and m.organization_id = d.organization_id
    join contacts c on c.id = m.contact_id and c.organization_id = m.organization_id
   cross join lane l
)

-- name: takeDirect
refused as (
  update messages m set status = 'failed', failed_at = g.now, error_code = g.reason, error = 'not sent: ' || replace(g.reason, '_', ' ')
    from gated g
   where g.reason is not null and m.id = g.message_id and m.organization_id = g.organization_id
), gone as (
  delete from direct_queue q using gated g where g.reason is not null and q.message_id = g.message_id and q.organization_id = g.organization_id
), taken as (
  update direct_queue q
     set attempts = q.attempts + 1, next_attempt_at = null, dispatched_at = g.now, lane_token = $2
    from gated g
   where g.reason is null and q.message_id = g.message_id and q.organization_id = g.organization_id
  returning q.message_id, q.attempts, q.waits
)
select g.message_id as id, '' as "campaignId", null as occurrence, g.contact_id as "contactId", coalesce(t.attempts, 0) as attempts,
       adsapp_direct_attempts() as "maxAttempts", coalesce(t.waits, 0) as waits, case when g.reason is null then 'send' else 'skip' end as verdict,
       g.phone, g.bsuid, null as "firstName", null as "lastName", null as email, null as language, '{}'::jsonb as attributes,
       g.type, g.body, g.payload, 'm' as kind
  from gated g left join taken t on t.message_id = g.message_id

-- name: recordDirect
-- As recordOutcomes (record.sql): a fact is written whatever happened to the row, a decision only where the row carries its worker's token.
-- An unknown outcome waits for its webhook, or for a person: an answer that comes twice, or hours late, is worse than one that is looked at.
with outcomes as materialized (
  select *, adsapp_now() as now
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::text[], $7::text[], $8::timestamptz[], $9::text[], $10::text[],
                $11::float8[], $12::text[], $13::text[])
      as o(lane_token, organization_id, sender_id, message_id, attempt, outcome, provider_message_id, at, error_code, error, after_seconds, type, body)
), locked as materialized (
  select m.id, m.organization_id, m.status from messages m where m.id = any ($4::uuid[]) order by m.id for no key update
), decided as materialized (
  select o.*, q.message_id is not null as is_ours,
         case when o.outcome = 'sent' then 'sent'
              when o.outcome in ('wait', 'later', 'handback') or (o.outcome = 'retry' and o.attempt < adsapp_direct_attempts()) then 'pending'
              when o.outcome = 'unknown' then 'unknown'
              else 'failed' end as becomes
    from outcomes o
    join locked l on l.id = o.message_id
    left join direct_queue q on q.message_id = o.message_id and q.organization_id = o.organization_id and q.lane_token = o.lane_token and q.attempts = o.attempt
), again as (
  update direct_queue q
     set next_attempt_at = d.now + make_interval(secs => d.after_seconds), lane_token = null,
         attempts = q.attempts - (d.outcome <> 'retry')::int, waits = q.waits + (d.outcome = 'wait')::int
    from decided d
   where d.is_ours and d.becomes = 'pending' and q.message_id = d.message_id and q.organization_id = d.organization_id
), gone as (
  delete from direct_queue q using decided d
   where (d.becomes = 'sent' or (d.is_ours and d.becomes <> 'pending')) and q.message_id = d.message_id and q.organization_id = d.organization_id
)
update messages m
   set status = case when d.becomes = 'pending' then m.status else d.becomes end,
       attempt = d.attempt,
       provider_message_id = coalesce(m.provider_message_id, d.provider_message_id),
       sent_at = case when d.becomes = 'sent' then d.at else m.sent_at end,
       failed_at = case when d.becomes = 'failed' then d.now else m.failed_at end,
       error_code = d.error_code, error = d.error
  from decided d
 where m.id = d.message_id and m.organization_id = d.organization_id and m.id = any ($4::uuid[]) and (d.becomes = 'sent' or d.is_ours)
returning m.id, m.status

-- name: rescueDirect
-- What a dead worker held: it may have been sent or not. $1 organization or null.
with dead as (
  delete from direct_queue q
   using senders s
   where s.id = q.sender_id and s.organization_id = q.organization_id and q.lane_token is not null
     and (s.lane_token is distinct from q.lane_token or s.lane_expires_at <= clock_timestamp())
     and ($1::uuid is null or q.organization_id = $1)
  returning q.message_id, q.organization_id, q.attempts
)
update messages m
   set status = 'unknown', attempt = d.attempts, error_code = 'crash', error = 'the process ended before the answer was recorded'
  from dead d
 where m.id = d.message_id and m.organization_id = d.organization_id

-- name: adoptDirect
-- A status that came before the POST's answer, or instead of it: its opaque id names the message. One array a column: phone number id, message
-- id of Meta's, our message, attempt, time.
with said as materialized (
  select distinct on (s.message_id) * from unnest($1::text[], $2::text[], $3::uuid[], $4::smallint[], $5::timestamptz[])
    as s(phone_number_id, wamid, message_id, attempt, at)
   order by s.message_id, s.at
), found as materialized (
  select m.id, m.organization_id, s.wamid, s.attempt, s.at
    from said s
    join messages m on m.id = s.message_id and m.direction = 'outbound' and m.provider_message_id is null
    join senders x on x.id = m.sender_id and x.organization_id = m.organization_id and x.phone_number_id = s.phone_number_id
   where not exists (select from messages o where o.provider_message_id = s.wamid and o.organization_id = m.organization_id)
   order by m.id for no key update of m
), gone as (
  delete from direct_queue q using found f where q.message_id = f.id and q.organization_id = f.organization_id
)
update messages m set provider_message_id = f.wamid, attempt = f.attempt, sent_at = f.at, status = 'sent', error_code = null, error = null
  from found f where m.id = f.id and m.organization_id = f.organization_id
