-- Daily numbers per campaign, kept by statement triggers: what a job's row says now, minus what it said before.

create table campaign_analytics (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null default adsapp_organization_id(),
  campaign_id uuid not null,
  campaign_type text not null constraint campaign_type_is_known check (campaign_type in ('bulk', 'drip')),
  bulk_campaign_id uuid generated always as (case when campaign_type = 'bulk' then campaign_id end) stored,
  date date not null,
  messages_sent integer not null default 0,
  messages_delivered integer not null default 0,
  messages_read integer not null default 0,
  messages_failed integer not null default 0,
  replies_received integer not null default 0,
  opt_outs integer not null default 0,
  delivery_rate numeric not null generated always as (case when messages_sent > 0 then round(100.0 * messages_delivered / messages_sent, 2) else 0 end) stored,
  open_rate numeric not null generated always as (case when messages_sent > 0 then round(100.0 * messages_read / messages_sent, 2) else 0 end) stored,
  reply_rate numeric not null generated always as (case when messages_sent > 0 then round(100.0 * replies_received / messages_sent, 2) else 0 end) stored,
  primary key (id, organization_id),
  constraint campaign_analytics_day_key unique (campaign_id, date, organization_id),
  constraint campaign_analytics_organization_fkey foreign key (organization_id) references organizations on delete cascade,
  constraint campaign_analytics_bulk_fkey foreign key (organization_id, bulk_campaign_id) references bulk_campaigns (organization_id, id) on delete cascade
) with (fillfactor = 70);
create index idx_campaign_analytics_org_date on campaign_analytics (organization_id, date desc);
create index campaign_analytics_bulk_idx on campaign_analytics (bulk_campaign_id);
comment on table campaign_analytics is 'days are the organization''s local days; delivered, read, replied and opted out count on the day the message was sent';
comment on column campaign_analytics.bulk_campaign_id is 'campaign_id as a key that is checked';
call adsapp_wall('campaign_analytics', 'Users can access campaign analytics in their org');
grant select on campaign_analytics to adsapp_operator;
grant select, insert, update on campaign_analytics to adsapp_worker;

-- What a statement changed in a campaign's numbers, by local day.
create type campaign_delta as (
  organization_id uuid, campaign_id uuid, date date,
  targets integer, sent integer, delivered integer, read integer, failed integer, skipped integer, replies integer, opt_outs integer);

-- Campaign rows are locked first and in key order, so that batches that count at the same time wait instead of deadlocking.
create function adsapp_count(deltas campaign_delta[]) returns void language sql security definer set search_path = '' as $$
  with locked as materialized (
    select c.id from public.bulk_campaigns c
     where c.id in (select d.campaign_id from unnest(deltas) d) order by c.id for no key update
  ), days as (
    insert into public.campaign_analytics as a (organization_id, campaign_id, campaign_type, date,
           messages_sent, messages_delivered, messages_read, messages_failed, replies_received, opt_outs)
    select d.organization_id, d.campaign_id, 'bulk', d.date, d.sent, d.delivered, d.read, d.failed, d.replies, d.opt_outs
      from unnest(deltas) d join locked l on l.id = d.campaign_id
     where d.date is not null
     order by d.campaign_id, d.date
    on conflict (campaign_id, date, organization_id) do update
       set messages_sent = a.messages_sent + excluded.messages_sent,
           messages_delivered = a.messages_delivered + excluded.messages_delivered,
           messages_read = a.messages_read + excluded.messages_read,
           messages_failed = a.messages_failed + excluded.messages_failed,
           replies_received = a.replies_received + excluded.replies_received,
           opt_outs = a.opt_outs + excluded.opt_outs
  ), sums as (
    select d.campaign_id, sum(d.targets) as targets, sum(d.sent) as sent, sum(d.delivered) as delivered, sum(d.read) as read,
           sum(d.failed) as failed, sum(d.skipped) as skipped, sum(d.replies) as replies, sum(d.opt_outs) as opt_outs
      from unnest(deltas) d group by d.campaign_id
  )
  update public.bulk_campaigns c
     set total_targets = c.total_targets + s.targets, messages_sent = c.messages_sent + s.sent,
         messages_delivered = c.messages_delivered + s.delivered, messages_read = c.messages_read + s.read,
         messages_failed = c.messages_failed + s.failed, messages_skipped = c.messages_skipped + s.skipped,
         replies_received = c.replies_received + s.replies, opt_outs = c.opt_outs + s.opt_outs
    from sums s join locked l on l.id = s.campaign_id
   where c.id = s.campaign_id
$$;
revoke execute on function adsapp_count(campaign_delta[]) from public;

-- A row's contribution is a function of the row alone; a statement's is what its rows say now minus what they said before.
-- The transition tables are united with signs and summed, never joined (joining them is quadratic).
create function tg_bulk_message_jobs__count() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  deltas public.campaign_delta[];
begin
  if tg_op = 'INSERT' then
    select array_agg(row(d.*)::public.campaign_delta) into deltas from (
      select a.organization_id, a.campaign_id, a.counted_on, count(*)::int, count(a.sent_at)::int, count(a.delivered_at)::int,
             count(a.read_at)::int, count(*) filter (where a.status = 'failed')::int, count(*) filter (where a.status = 'skipped')::int,
             count(a.replied_at)::int, count(a.opted_out_at)::int
        from added a group by 1, 2, 3) d;
  else
    select array_agg(row(d.*)::public.campaign_delta) into deltas from (
      select s.organization_id, s.campaign_id, s.counted_on, 0 as targets,
             sum(s.sign * (s.sent_at is not null)::int)::int as sent,
             sum(s.sign * (s.delivered_at is not null)::int)::int as delivered,
             sum(s.sign * (s.read_at is not null)::int)::int as read,
             sum(s.sign * (s.status = 'failed')::int)::int as failed,
             sum(s.sign * (s.status = 'skipped')::int)::int as skipped,
             sum(s.sign * (s.replied_at is not null)::int)::int as replies,
             sum(s.sign * (s.opted_out_at is not null)::int)::int as opt_outs
        from (select 1 as sign, a.organization_id, a.campaign_id, a.counted_on, a.status, a.sent_at, a.delivered_at, a.read_at, a.replied_at, a.opted_out_at
                from added a
              union all
              select -1, r.organization_id, r.campaign_id, r.counted_on, r.status, r.sent_at, r.delivered_at, r.read_at, r.replied_at, r.opted_out_at
                from removed r) s
       group by 1, 2, 3) d
     where (d.sent, d.delivered, d.read, d.failed, d.skipped, d.replies, d.opt_outs) <> (0, 0, 0, 0, 0, 0, 0);
  end if;
  if deltas is not null then
    perform public.adsapp_count(deltas);
  end if;
  return null;
end $$;
revoke execute on function tg_bulk_message_jobs__count() from public;
create trigger _500_count_insert after insert on bulk_message_jobs referencing new table as added
  for each statement execute function tg_bulk_message_jobs__count();
create trigger _500_count_update after update on bulk_message_jobs referencing new table as added old table as removed
  for each statement execute function tg_bulk_message_jobs__count();
