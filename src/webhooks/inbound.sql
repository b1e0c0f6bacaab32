-- name: makeContacts
-- Whoever writes and is not known yet, by either address. A number that several organizations have entered names none of them.
-- One array a column: phone number id, phone, bsuid, first name, last name.
with said as materialized (
  select s.*, x.organization_id
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) with ordinality
           as s(phone_number_id, phone, bsuid, first_name, last_name, n)
   cross join lateral (select min(o.organization_id::text)::uuid as organization_id from senders o
                        where o.phone_number_id = s.phone_number_id having count(*) = 1) x
), people as (
  select s.organization_id, s.phone, min(s.bsuid) as bsuid,
         (array_agg(s.first_name order by s.n) filter (where s.first_name is not null))[1] as first_name,
         (array_agg(s.last_name order by s.n) filter (where s.first_name is not null))[1] as last_name
    from said s
   where s.phone is not null
      or not exists (select from said p where p.organization_id = s.organization_id and p.bsuid = s.bsuid and p.phone is not null)
   group by s.organization_id, s.phone, case when s.phone is null then s.bsuid end
)
insert into contacts (organization_id, phone, wa_id, bsuid, first_name, last_name)
select p.organization_id, p.phone, substr(p.phone, 2), p.bsuid, p.first_name, p.last_name
  from people p
 where not exists (select from contacts c where c.organization_id = p.organization_id and c.phone = p.phone)
   and not exists (select from contacts c where c.organization_id = p.organization_id and c.bsuid = p.bsuid)
 order by p.organization_id, p.phone, p.bsuid
on conflict do nothing

-- name: joinAddresses
-- A contact that is known by one address learns the other, where nobody has it; with that of somebody who was erased they get no marketing.
-- One array a column: phone number id, phone, bsuid.
with said as materialized (
  select x.organization_id, s.phone, s.bsuid
    from unnest($1::text[], $2::text[], $3::text[]) as s(phone_number_id, phone, bsuid)
   cross join lateral (select min(o.organization_id::text)::uuid as organization_id from senders o
                        where o.phone_number_id = s.phone_number_id having count(*) = 1) x
   where s.phone is not null and s.bsuid is not null
), pairs as (
  select s.organization_id, min(s.phone) as phone, s.bsuid
    from (select d.organization_id, d.phone, min(d.bsuid) as bsuid from said d group by 1, 2) s
   group by s.organization_id, s.bsuid
), known as materialized ( -- each by its own key: with an OR between the two every contact would be looked at for every pair
  select c.id, p.organization_id, p.phone, p.bsuid from pairs p join contacts c on c.organization_id = p.organization_id and c.phone = p.phone
   union
  select c.id, p.organization_id, p.phone, p.bsuid from pairs p join contacts c on c.organization_id = p.organization_id and c.bsuid = p.bsuid
), learners as materialized (
  select c.id, c.organization_id, p.phone, p.bsuid, case when c.phone is null then p.phone else p.bsuid end as learned
    from known p join contacts c on c.id = p.id and c.organization_id = p.organization_id
   where case when c.phone = p.phone
              then c.bsuid is null and not exists (select from contacts d where d.organization_id = p.organization_id and d.bsuid = p.bsuid)
              else c.phone is null and not exists (select from contacts d where d.organization_id = p.organization_id and d.phone = p.phone) end
   order by c.id for no key update of c
)
update contacts c
   set phone = coalesce(c.phone, l.phone), bsuid = coalesce(c.bsuid, l.bsuid), wa_id = coalesce(c.wa_id, substr(l.phone, 2)), updated_at = adsapp_now(),
       opted_out_at = case when e.was_erased then coalesce(c.opted_out_at, adsapp_now()) else c.opted_out_at end,
       opt_out_source = case when e.was_erased then coalesce(c.opt_out_source, 'preferences: erased before') else c.opt_out_source end
  from learners l
 cross join lateral (select exists (select from adsapp_suppressed(l.organization_id, array[l.learned])) as was_erased) e
 where c.id = l.id and c.organization_id = l.organization_id

-- name: learnUserIds
-- Contacts learn the user id that is told beside a message of ours that went to their phone; with that of somebody who was erased they get no
-- marketing. A new number has another user id: what went to the one before tells nothing. Gives the phones and user ids of those whose id another
-- contact has: the two are one. One array a column: phone number id, message id, user id.
with numbers as materialized (
  select x.phone_number_id, min(x.organization_id::text)::uuid as organization_id, min(x.id::text)::uuid as sender_id
    from senders x where x.phone_number_id = any ($1::text[]) group by x.phone_number_id having count(*) = 1
), told as materialized ( -- most are known already, and go no further
  select s.phone_number_id, s.bsuid, s.organization_id, c.id, c.phone, s.is_anothers
    from (select u.*, x.organization_id, x.sender_id, k.id is not null as is_anothers
            from unnest($1::text[], $2::text[], $3::text[]) as u(phone_number_id, wamid, bsuid)
            join numbers x on x.phone_number_id = u.phone_number_id
            left join lateral (select o.id, o.phone from contacts o where o.organization_id = x.organization_id and o.bsuid = u.bsuid limit 1) k on true
           where k.phone is null offset 0) s
   cross join lateral (select m.contact_id, coalesce(m.sent_at, m.created_at) as sent_at from messages m
                        where m.provider_message_id = s.wamid and m.organization_id = s.organization_id and m.direction = 'outbound' and m.sender_id = s.sender_id limit 1) m
   cross join lateral (select o.id, o.phone from contacts o
                        where o.id = m.contact_id and o.organization_id = s.organization_id and o.phone is not null and o.bsuid is null limit 1) c
    left join lateral (select n.id from messages n
                        where n.contact_id = m.contact_id and n.organization_id = s.organization_id and n.direction = 'inbound' and n.type = 'system'
                          and n.payload ? 'system' and n.received_at >= m.sent_at limit 1) moved on true
   where moved.id is null
), people as materialized (
  select distinct on (t.id) t.* from (select distinct on (o.organization_id, o.bsuid) o.* from told o order by o.organization_id, o.bsuid, o.id) t order by t.id, t.bsuid
), erased as materialized (
  select o.organization_id, e.address
    from (select p.organization_id, array_agg(p.bsuid) as ids from people p where not p.is_anothers group by p.organization_id) o
   cross join lateral adsapp_suppressed(o.organization_id, o.ids) as e(address)
), locked as materialized (
  select c.id from contacts c where c.id = any (array(select p.id from people p where not p.is_anothers)) order by c.id for no key update
), learned as (
  update contacts c
     set bsuid = p.bsuid, updated_at = adsapp_now(),
         opted_out_at = case when e.address is not null then coalesce(c.opted_out_at, adsapp_now()) else c.opted_out_at end,
         opt_out_source = case when e.address is not null then coalesce(c.opt_out_source, 'preferences: erased before') else c.opt_out_source end
    from people p left join erased e on e.organization_id = p.organization_id and e.address = p.bsuid
   where c.id = p.id and c.organization_id = p.organization_id and c.id in (select l.id from locked l) and c.bsuid is null
)
select p.phone_number_id, p.phone, p.bsuid from people p where p.is_anothers

-- name: holdPeople
-- Whoever writes, so that of two words at the same time the second one sees the first, and that what somebody answers and the news of it
-- (answers.sql) do not pass each other unseen. One array a column: phone number id, phone, bsuid.
with said as materialized (
  select x.organization_id, s.phone, s.bsuid
    from unnest($1::text[], $2::text[], $3::text[]) as s(phone_number_id, phone, bsuid) join senders x on x.phone_number_id = s.phone_number_id
)
select c.id
  from contacts c
 where c.id in (select k.id from said s join contacts k on k.organization_id = s.organization_id and k.phone = s.phone
                 union
                select k.id from said s join contacts k on k.organization_id = s.organization_id and k.bsuid = s.bsuid)
 order by c.id for no key update

-- name: holdTheirDrips
-- Enrollments are locked before their logs, as everybody does. One array a column: phone number id, phone, bsuid.
with said as materialized (
  select x.organization_id, s.phone, s.bsuid
    from unnest($1::text[], $2::text[], $3::text[]) as s(phone_number_id, phone, bsuid) join senders x on x.phone_number_id = s.phone_number_id
)
select e.id
  from drip_enrollments e
 where e.contact_id in (select k.id from said s join contacts k on k.organization_id = s.organization_id and k.phone = s.phone
                        union
                        select k.id from said s join contacts k on k.organization_id = s.organization_id and k.bsuid = s.bsuid)
 order by e.id for no key update

-- name: applyInbound
-- What came in, in any order and as often as it likes: only a message that is new does anything. It belongs to the sender's
-- organization, to the contact with its address, and answers the message that it names, else the last campaign message of 7 days.
-- One array a column: phone number id, message id, time, phone, bsuid, type, body, payload, answered message, opens the window, consent,
-- consent is risky.
with said as materialized (
  select s.phone_number_id, s.wamid, least(s.at, adsapp_now()) as at, s.phone, s.bsuid, s.type, s.body, s.payload, s.context_id, s.opens_window, s.consent, s.risky
    from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::text[], $10::boolean[],
                $11::text[], $12::boolean[])
      as s(phone_number_id, wamid, at, phone, bsuid, type, body, payload, context_id, opens_window, consent, risky)
), numbers as materialized (
  select n.phone_number_id, count(x.id) as owners, min(x.organization_id::text)::uuid as organization_id, min(x.id::text)::uuid as sender_id
    from (select distinct s.phone_number_id from said s) n left join senders x on x.phone_number_id = n.phone_number_id
   group by n.phone_number_id
), addressed as (
  select s.*, n.organization_id, n.sender_id,
         (select c.id from contacts c where c.organization_id = n.organization_id and c.phone = s.phone) as by_phone,
         (select c.id from contacts c where c.organization_id = n.organization_id and c.bsuid = s.bsuid) as by_bsuid
    from said s join numbers n on n.phone_number_id = s.phone_number_id and n.owners = 1
), fresh as materialized (
  select distinct on (a.organization_id, a.wamid)
         a.*, coalesce(a.by_phone, a.by_bsuid) as contact_id, a.type <> 'system' or a.consent is not null as may_answer
    from addressed a
   where coalesce(a.by_phone, a.by_bsuid) is not null
     and not exists (select from messages m where m.provider_message_id = a.wamid and m.organization_id = a.organization_id)
   order by a.organization_id, a.wamid, a.at
), answering as materialized (
  select f.*, t.id as answered_id, t.job_id, t.log_id,
         case when f.risky then case when coalesce(t.job_id, t.log_id) is not null
                and coalesce(r.marketing, not coalesce((d.settings ->> 'transactional')::boolean, false))
                and (t.provider_message_id = f.context_id -- else the last one that went out, whatever it was
                     or not exists (select from messages x where x.contact_id = f.contact_id and x.organization_id = f.organization_id and x.direction = 'outbound'
                                       and num_nonnulls(x.bulk_message_job_id, x.drip_message_log_id) = 0
                                       and coalesce(x.sent_at, x.created_at) >= t.sent_at and coalesce(x.sent_at, x.created_at) < f.at + interval '1 second')) then f.consent end
              else f.consent end as word
    from fresh f
    left join lateral adsapp_answered(f.organization_id, f.contact_id, f.context_id, f.at) t on f.may_answer
    left join bulk_message_jobs j on j.id = t.job_id and j.organization_id = t.organization_id
    left join campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
    left join drip_message_logs l on l.id = t.log_id and l.organization_id = t.organization_id
    left join drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
), received as (
  insert into messages (organization_id, direction, contact_id, sender_id, type, body, payload, provider_message_id, status, received_at, consent, answers)
  select a.organization_id, 'inbound', a.contact_id, a.sender_id, a.type, a.body, a.payload, a.wamid, 'received', a.at, a.word, a.answered_id
    from answering a order by a.wamid
  on conflict (provider_message_id, organization_id) do nothing
  returning provider_message_id, organization_id
), news as materialized (
  select a.*, adsapp_is_reply(a.type) and a.word is distinct from 'opt_out' as replies
    from answering a join received r on r.provider_message_id = a.wamid and r.organization_id = a.organization_id
), answered as (
  update messages m set replied_at = least(m.replied_at, n.at)
    from (select x.answered_id, x.organization_id, min(x.at) as at from news x where x.replies and x.answered_id is not null group by 1, 2) n
   where m.id = n.answered_id and m.organization_id = n.organization_id and n.at < coalesce(m.replied_at, 'infinity')
), outcomes as materialized ( -- one a job or log: its first reply, its first opt-out
  select n.organization_id, n.job_id, n.log_id, min(n.at) filter (where n.replies) as replied_at, min(n.at) filter (where n.word = 'opt_out') as opted_out_at
    from news n where coalesce(n.job_id, n.log_id) is not null and (n.replies or n.word = 'opt_out')
   group by n.organization_id, n.job_id, n.log_id
), jobs as materialized (
  select j.id from bulk_message_jobs j where j.id in (select o.job_id from outcomes o) order by j.id for no key update
), counted_jobs as (
  update bulk_message_jobs j set replied_at = least(j.replied_at, o.replied_at), opted_out_at = least(j.opted_out_at, o.opted_out_at)
    from outcomes o join jobs k on k.id = o.job_id
   where j.id = o.job_id and j.organization_id = o.organization_id and j.counted_on is not null
     and (o.replied_at < coalesce(j.replied_at, 'infinity') or o.opted_out_at < coalesce(j.opted_out_at, 'infinity'))
), logs as materialized (
  select l.id from drip_message_logs l where l.id in (select o.log_id from outcomes o) order by l.id for no key update
), counted_logs as (
  update drip_message_logs l set replied_at = least(l.replied_at, o.replied_at), opted_out_at = least(l.opted_out_at, o.opted_out_at)
    from outcomes o join logs k on k.id = o.log_id
   where l.id = o.log_id and l.organization_id = o.organization_id and l.counted_on is not null
     and (o.replied_at < coalesce(l.replied_at, 'infinity') or o.opted_out_at < coalesce(l.opted_out_at, 'infinity'))
), words as ( -- all that these people ever said of marketing: the last word counts, and of one second the no
  select w.*, max(w.at) filter (where w.word = 'opt_in') over person as started_at, max(w.at) filter (where w.word = 'opt_out') over person as stopped_at
    from (select n.contact_id, n.organization_id, n.at, n.wamid, n.word, n.type, n.body, true as is_new from news n where n.word in ('opt_out', 'opt_in')
          union all
          select m.contact_id, m.organization_id, m.received_at, m.provider_message_id, m.consent, m.type, m.body, false
            from messages m
           where m.contact_id in (select n.contact_id from news n where n.word in ('opt_out', 'opt_in')) and m.consent in ('opt_out', 'opt_in')) w
  window person as (partition by w.contact_id, w.organization_id)
), sources as (
  select w.*, case w.type when 'system' then 'preferences: ' else 'reply: ' end || left(coalesce(w.body, w.word), 60) as source from words w
), consents as (
  select s.contact_id, s.organization_id,
         coalesce(bool_or(s.is_new and s.word = 'opt_out' and s.at >= coalesce(s.started_at, '-infinity')), false) as stops,
         (array_agg(s.source order by s.at, s.wamid) filter (where s.word = 'opt_out' and s.at >= coalesce(s.started_at, '-infinity')))[1] as stop_source,
         max(s.at) filter (where s.is_new and s.word = 'opt_in') as started_at,
         (array_agg(s.source order by s.at desc, s.wamid) filter (where s.word = 'opt_in'))[1] as start_source,
         coalesce(bool_or(s.is_new and s.word = 'opt_in' and s.at > coalesce(s.stopped_at, '-infinity')), false) as starts
    from sources s group by s.contact_id, s.organization_id
), changes as (
  select x.contact_id, x.organization_id, max(x.inbound_at) as inbound_at, bool_or(x.stops) as stops, min(x.stop_source) as stop_source,
         bool_or(x.starts) as starts, max(x.started_at) as started_at, min(x.start_source) as start_source
    from (select n.contact_id, n.organization_id, max(n.at) as inbound_at, false as stops, null as stop_source, false as starts, null::timestamptz as started_at,
                 null as start_source
            from news n where n.opens_window group by 1, 2
          union all
          select c.contact_id, c.organization_id, null, c.stops, case when c.stops then c.stop_source end, c.starts, c.started_at,
                 case when c.started_at is not null then c.start_source end
            from consents c
          union all -- the same person as two contacts: a no is looked up by either address
          select n.by_bsuid, n.organization_id, null, true, c.stop_source, false, null, null
            from news n join consents c on c.contact_id = n.contact_id and c.organization_id = n.organization_id and c.stops
           where n.word = 'opt_out' and n.by_bsuid <> n.contact_id) x
   group by x.contact_id, x.organization_id
), people as materialized (
  select c.id from contacts c where c.id in (select x.contact_id from changes x) order by c.id for no key update
), known as (
  update contacts c
     set last_inbound_at = greatest(c.last_inbound_at, x.inbound_at),
         opted_in_at = greatest(c.opted_in_at, x.started_at),
         opt_in_source = case when x.started_at >= coalesce(c.opted_in_at, '-infinity') then x.start_source else c.opt_in_source end,
         opted_out_at = case when x.stops then coalesce(c.opted_out_at, adsapp_now())
                             when g.lifts then null else c.opted_out_at end,
         opt_out_source = case when x.stops then case when g.is_own_word then x.stop_source else coalesce(c.opt_out_source, x.stop_source) end
                               when g.lifts then null else c.opt_out_source end
    from changes x
    join people p on p.id = x.contact_id
    join contacts k on k.id = x.contact_id and k.organization_id = x.organization_id
   cross join lateral (select coalesce(k.opt_out_source ~ '^(reply|preferences): ', false)) as o(is_own_word)
   cross join lateral (select o.is_own_word, -- what a person wrote down (by telephone, a letter, the law) only a person lifts
                              x.starts and (o.is_own_word or (k.opt_out_source ~ '^provider: ' and k.opted_out_at < x.started_at)) as lifts) g
   where c.id = x.contact_id and c.organization_id = x.organization_id
     and (x.stops or x.started_at is not null or x.inbound_at > coalesce(c.last_inbound_at, '-infinity'))
  returning c.id, c.opted_out_at is not null and k.opted_out_at is null as goes_out
), events as (
  insert into contact_events (organization_id, contact_id, type, data, occurred_at)
  select n.organization_id, n.contact_id, 'message_received',
         jsonb_strip_nulls(jsonb_build_object('messageId', n.wamid, 'type', n.type, 'text', left(n.body, 500))), n.at
    from news n
   where adsapp_is_reply(n.type)
     and exists (select from automation_rules r where r.organization_id = n.organization_id and r.enabled and r.trigger_type = 'message_received')
   order by n.at, n.wamid
)
select n.phone_number_id, n.owners::int as owners, case when n.owners = 1 then n.organization_id end as organization_id, null::uuid[] as went_out, null::text[] as fresh_news from numbers n
union all
select null, 0, null, array_agg(k.id), null from known k where k.goes_out having count(*) > 0
union all
select null, 0, null, null, array_agg(n.wamid) from news n where n.type = 'system' having count(*) > 0

-- name: confirmOptOuts
-- One answer to each that goes out, from the number that the STOP came in for, in their language; where the organization wants none, none.
-- $1 contacts that went from in to out, $2 texts by language, $3 languages by country.
with stopped as (
  select distinct on (c.id) c.id, c.organization_id, m.sender_id, lower(split_part(translate(c.language, '_', '-'), '-', 1)) as speaks, coalesce($3::jsonb ->> o.default_country, 'en') as home,
         o.settings -> 'optOutConfirmation' as own
    from unnest($1::uuid[]) as w(id)
   cross join lateral (select k.* from contacts k where k.id = w.id offset 0) c
    join organizations o on o.id = c.organization_id
    join messages m on m.contact_id = c.id and m.organization_id = c.organization_id and m.direction = 'inbound' and m.consent = 'opt_out' and m.type <> 'system'
                   and m.received_at > adsapp_now() - interval '24 hours' and m.sender_id is not null
   where c.opted_out_at is not null and c.blocked_at is null and c.erased_at is null
     and o.settings -> 'optOutConfirmation' is distinct from 'false'
   order by c.id, m.received_at desc
), worded as (
  select s.*, coalesce(s.own ->> s.speaks, $2::jsonb ->> s.speaks, s.own ->> s.home, $2::jsonb ->> s.home, $2::jsonb ->> 'en') as text from stopped s
)
insert into messages (organization_id, direction, contact_id, sender_id, type, body, payload, status)
select w.organization_id, 'outbound', w.id, w.sender_id, 'text', w.text, jsonb_build_object('type', 'text', 'text', jsonb_build_object('body', w.text)), 'pending'
  from worded w order by w.id
