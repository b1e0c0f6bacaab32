-- Daily numbers by template and by step of a drip: kept by statement triggers as campaign_analytics is (006).
-- Each row belongs to one campaign and is written under its lock alone, so counting them brings no new waiting and no new deadlock.

-- A new key is checked by its owner, who must see the rows for that.
alter table template_usage_analytics no force row level security;
alter table bulk_campaigns no force row level security;
alter table drip_campaigns no force row level security;
alter table template_usage_analytics
  add column campaign_id uuid,
  add column campaign_type text constraint campaign_type_is_known check (campaign_type in ('bulk', 'drip')),
  add column bulk_campaign_id uuid generated always as (case when campaign_type = 'bulk' then campaign_id end) stored,
  add column drip_campaign_id uuid generated always as (case when campaign_type = 'drip' then campaign_id end) stored,
  add constraint campaign_is_whole check ((campaign_id is null) = (campaign_type is null)),
  add constraint template_usage_analytics_bulk_fkey foreign key (organization_id, bulk_campaign_id) references bulk_campaigns (organization_id, id) on delete cascade,
  add constraint template_usage_analytics_drip_fkey foreign key (organization_id, drip_campaign_id) references drip_campaigns (organization_id, id) on delete cascade,
  drop constraint template_usage_analytics_day_key,
  add constraint template_usage_analytics_day_key unique nulls not distinct (template_id, campaign_id, date, organization_id);
alter table template_usage_analytics force row level security;
alter table bulk_campaigns force row level security;
alter table drip_campaigns force row level security;
create index template_usage_analytics_bulk_idx on template_usage_analytics (bulk_campaign_id) where bulk_campaign_id is not null;
create index template_usage_analytics_drip_idx on template_usage_analytics (drip_campaign_id) where drip_campaign_id is not null;
comment on table template_usage_analytics is 'by the local day on which the message was sent, and by the campaign that sent it: a template''s day is the sum of its rows';
comment on column template_usage_analytics.bulk_campaign_id is 'campaign_id as a key that is checked';
comment on column template_usage_analytics.drip_campaign_id is 'campaign_id as a key that is checked';

-- What was sent is counted: its template may be retired (DELETED), not removed.
create policy "Templates with messages stay" on message_templates as restrictive for delete to adsapp_operator
  using (not exists (select from template_usage_analytics u where u.template_id = message_templates.id));

create table drip_step_analytics (
  organization_id uuid not null,
  campaign_id uuid not null,
  step_id uuid not null,
  date date not null,
  messages_sent integer not null default 0,
  messages_delivered integer not null default 0,
  messages_read integer not null default 0,
  messages_failed integer not null default 0,
  replies_received integer not null default 0,
  opt_outs integer not null default 0,
  primary key (step_id, date, organization_id),
  constraint drip_step_analytics_campaign_fkey foreign key (organization_id, campaign_id) references drip_campaigns (organization_id, id) on delete cascade,
  constraint drip_step_analytics_step_fkey foreign key (organization_id, step_id) references drip_campaign_steps (organization_id, id) on delete cascade
) with (fillfactor = 70);
create index drip_step_analytics_campaign_idx on drip_step_analytics (campaign_id, date);
create index drip_step_analytics_organization_idx on drip_step_analytics (organization_id, date desc);
comment on table drip_step_analytics is 'the funnel of a drip: by step (of a version) and the local day on which the message was sent';
call adsapp_wall('drip_step_analytics', 'Users can access drip step analytics in their org');
grant select on drip_step_analytics to adsapp_operator;
grant select, insert, update on drip_step_analytics to adsapp_worker;

-- The template of a run's messages as it was frozen; a variant has its own, or none.
create function adsapp_frozen_template_of(p_definition jsonb, p_variant text) returns jsonb language sql immutable parallel safe as $$
  select coalesce((select e -> 'template' from jsonb_array_elements(nullif(p_definition -> 'variants', 'null')) e where e ->> 'name' = p_variant limit 1),
                  p_definition -> 'template')
$$;

-- What a statement changed in the use of a template, or of a step (then template_id is the step's, or null), by campaign and local day.
create type usage_delta as (
  organization_id uuid, campaign_id uuid, step_id uuid, template_id uuid, date date,
  sent integer, delivered integer, read integer, failed integer, replies integer, opt_outs integer);

-- The campaign is locked first (it mostly is so already, by its own counters): its rows here are nobody else's to touch.
create function adsapp_count_templates(deltas usage_delta[], p_campaign_type text) returns void language sql security definer set search_path = '' as $$
  insert into public.template_usage_analytics as a (organization_id, template_id, campaign_id, campaign_type, date,
         messages_sent, messages_delivered, messages_read, messages_failed, replies_received)
  select d.organization_id, d.template_id, d.campaign_id, p_campaign_type, d.date, sum(d.sent), sum(d.delivered), sum(d.read), sum(d.failed), sum(d.replies)
    from unnest(deltas) d
   where d.template_id is not null
   group by d.organization_id, d.template_id, d.campaign_id, d.date
  having (sum(d.sent), sum(d.delivered), sum(d.read), sum(d.failed), sum(d.replies)) <> (0, 0, 0, 0, 0)
   order by d.template_id, d.campaign_id, d.date
  on conflict (template_id, campaign_id, date, organization_id) do update
     set messages_sent = a.messages_sent + excluded.messages_sent,
         messages_delivered = a.messages_delivered + excluded.messages_delivered,
         messages_read = a.messages_read + excluded.messages_read,
         messages_failed = a.messages_failed + excluded.messages_failed,
         replies_received = a.replies_received + excluded.replies_received
$$;
revoke execute on function adsapp_count_templates(usage_delta[], text) from public;

create function adsapp_count_steps(deltas usage_delta[]) returns void language sql security definer set search_path = '' as $$
  insert into public.drip_step_analytics as a (organization_id, campaign_id, step_id, date,
         messages_sent, messages_delivered, messages_read, messages_failed, replies_received, opt_outs)
  select d.organization_id, d.campaign_id, d.step_id, d.date, d.sent, d.delivered, d.read, d.failed, d.replies, d.opt_outs
    from unnest(deltas) d
   order by d.step_id, d.date
  on conflict (step_id, date, organization_id) do update
     set messages_sent = a.messages_sent + excluded.messages_sent,
         messages_delivered = a.messages_delivered + excluded.messages_delivered,
         messages_read = a.messages_read + excluded.messages_read,
         messages_failed = a.messages_failed + excluded.messages_failed,
         replies_received = a.replies_received + excluded.replies_received,
         opt_outs = a.opt_outs + excluded.opt_outs
$$;
revoke execute on function adsapp_count_steps(usage_delta[]) from public;

create function tg_bulk_message_jobs__count_templates() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  deltas public.usage_delta[];
begin
  if not exists (select from added a where a.counted_on is not null) then
    return null; -- claims, expansions
  end if;
  if tg_op = 'INSERT' then
    select array_agg(row(g.organization_id, g.campaign_id, null, t.id, g.date, g.sent, g.delivered, g.read, g.failed, g.replies, 0)::public.usage_delta) into deltas
      from (select a.organization_id, a.campaign_id, a.occurrence, a.variant, a.counted_on as date, count(a.sent_at)::int as sent, count(a.delivered_at)::int as delivered,
                   count(a.read_at)::int as read, count(*) filter (where a.status = 'failed')::int as failed, count(a.replied_at)::int as replies
              from added a where a.counted_on is not null group by 1, 2, 3, 4, 5) g
     cross join lateral (select public.adsapp_frozen_template_of(r.definition, g.variant) as frozen from public.campaign_runs r
                          where r.campaign_id = g.campaign_id and r.occurrence = g.occurrence and r.organization_id = g.organization_id limit 1) r
      join public.message_templates t on t.organization_id = g.organization_id and t.name = r.frozen ->> 'name' and t.language = r.frozen ->> 'language';
  else
    select array_agg(row(g.organization_id, g.campaign_id, null, t.id, g.date, g.sent, g.delivered, g.read, g.failed, g.replies, 0)::public.usage_delta) into deltas
      from (select s.organization_id, s.campaign_id, s.occurrence, s.variant, s.counted_on as date,
                   sum(s.sign * (s.sent_at is not null)::int)::int as sent, sum(s.sign * (s.delivered_at is not null)::int)::int as delivered,
                   sum(s.sign * (s.read_at is not null)::int)::int as read, sum(s.sign * (s.status = 'failed')::int)::int as failed,
                   sum(s.sign * (s.replied_at is not null)::int)::int as replies
              from (select 1 as sign, a.organization_id, a.campaign_id, a.occurrence, a.variant, a.counted_on, a.status, a.sent_at, a.delivered_at, a.read_at, a.replied_at
                      from added a where a.counted_on is not null
                    union all
                    select -1, r.organization_id, r.campaign_id, r.occurrence, r.variant, r.counted_on, r.status, r.sent_at, r.delivered_at, r.read_at, r.replied_at
                      from removed r where r.counted_on is not null) s
             group by 1, 2, 3, 4, 5) g
     cross join lateral (select public.adsapp_frozen_template_of(r.definition, g.variant) as frozen from public.campaign_runs r
                          where r.campaign_id = g.campaign_id and r.occurrence = g.occurrence and r.organization_id = g.organization_id limit 1) r
      join public.message_templates t on t.organization_id = g.organization_id and t.name = r.frozen ->> 'name' and t.language = r.frozen ->> 'language'
     where (g.sent, g.delivered, g.read, g.failed, g.replies) <> (0, 0, 0, 0, 0);
  end if;
  if deltas is not null then
    perform from public.bulk_campaigns c where c.id in (select d.campaign_id from unnest(deltas) d) order by c.id for no key update;
    perform public.adsapp_count_templates(deltas, 'bulk');
  end if;
  return null;
end $$;
revoke execute on function tg_bulk_message_jobs__count_templates() from public;
create trigger _510_count_templates_insert after insert on bulk_message_jobs referencing new table as added
  for each statement execute function tg_bulk_message_jobs__count_templates();
create trigger _510_count_templates_update after update on bulk_message_jobs referencing new table as added old table as removed
  for each statement execute function tg_bulk_message_jobs__count_templates();

-- The template of a step: by its key, or by the name and language that its message gives, as the claim finds it.
create function tg_drip_message_logs__count_steps() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  deltas public.usage_delta[];
begin
  if not exists (select from added a where a.counted_on is not null) then
    return null;
  end if;
  if tg_op = 'INSERT' then
    select array_agg(row(g.organization_id, g.campaign_id, g.step_id, null, g.date, g.sent, g.delivered, g.read, g.failed, g.replies, g.opt_outs)::public.usage_delta) into deltas
      from (select a.organization_id, a.campaign_id, a.step_id, a.counted_on as date, count(a.sent_at)::int as sent, count(a.delivered_at)::int as delivered,
                   count(a.read_at)::int as read, count(*) filter (where a.status = 'failed')::int as failed, count(a.replied_at)::int as replies, count(a.opted_out_at)::int as opt_outs
              from added a where a.counted_on is not null group by 1, 2, 3, 4) g;
  else
    select array_agg(row(g.organization_id, g.campaign_id, g.step_id, null, g.date, g.sent, g.delivered, g.read, g.failed, g.replies, g.opt_outs)::public.usage_delta) into deltas
      from (select s.organization_id, s.campaign_id, s.step_id, s.counted_on as date,
                   sum(s.sign * (s.sent_at is not null)::int)::int as sent, sum(s.sign * (s.delivered_at is not null)::int)::int as delivered,
                   sum(s.sign * (s.read_at is not null)::int)::int as read, sum(s.sign * (s.status = 'failed')::int)::int as failed,
                   sum(s.sign * (s.replied_at is not null)::int)::int as replies, sum(s.sign * (s.opted_out_at is not null)::int)::int as opt_outs
              from (select 1 as sign, a.organization_id, a.campaign_id, a.step_id, a.counted_on, a.status, a.sent_at, a.delivered_at, a.read_at, a.replied_at, a.opted_out_at
                      from added a where a.counted_on is not null
                    union all
                    select -1, r.organization_id, r.campaign_id, r.step_id, r.counted_on, r.status, r.sent_at, r.delivered_at, r.read_at, r.replied_at, r.opted_out_at
                      from removed r where r.counted_on is not null) s
             group by 1, 2, 3, 4) g
     where (g.sent, g.delivered, g.read, g.failed, g.replies, g.opt_outs) <> (0, 0, 0, 0, 0, 0);
  end if;
  if deltas is null then
    return null;
  end if;
  perform from public.drip_campaigns c where c.id in (select d.campaign_id from unnest(deltas) d) order by c.id for no key update;
  perform public.adsapp_count_steps(deltas);
  select array_agg(row(d.organization_id, d.campaign_id, d.step_id, t.id, d.date, d.sent, d.delivered, d.read, d.failed, d.replies, 0)::public.usage_delta) into deltas
    from unnest(deltas) d
   cross join lateral (select s.message, s.template_id from public.drip_campaign_steps s where s.id = d.step_id and s.organization_id = d.organization_id limit 1) s
    join public.message_templates t on t.organization_id = d.organization_id
     and case when s.message is null then t.id = s.template_id else t.name = s.message ->> 'template' and t.language = s.message ->> 'language' end;
  if deltas is not null then
    perform public.adsapp_count_templates(deltas, 'drip');
  end if;
  return null;
end $$;
revoke execute on function tg_drip_message_logs__count_steps() from public;
create trigger _510_count_steps_insert after insert on drip_message_logs referencing new table as added
  for each statement execute function tg_drip_message_logs__count_steps();
create trigger _510_count_steps_update after update on drip_message_logs referencing new table as added old table as removed
  for each statement execute function tg_drip_message_logs__count_steps();

-- What was sent stays sent with the template that it was: another one is another version of the drip.
create function tg_drip_campaign_steps__keep_template() returns trigger language plpgsql set search_path = '' as $$
begin
  if exists (select from public.drip_message_logs l where l.step_id = old.id and l.organization_id = old.organization_id and l.counted_on is not null) then
    raise exception 'messages of step % went out with its template', old.step_order
      using errcode = 'object_not_in_prerequisite_state', hint = 'Make a new version of the drip.';
  end if;
  return new;
end $$;
create trigger _200_keep_template before update on drip_campaign_steps for each row
  when ((old.message ->> 'template', old.message ->> 'language') is distinct from (new.message ->> 'template', new.message ->> 'language')
        or (new.template_id is distinct from old.template_id and new.template_id is not null) or (old.message is null) <> (new.message is null))
  execute function tg_drip_campaign_steps__keep_template();
