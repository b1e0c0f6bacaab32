-- The schema after all migrations, by test/support/dump.ts. Do not edit: npm run db:dump

schema auth
  grant usage to adsapp_operator
  grant usage to adsapp_worker
  comment: made by adsapp

schema public
  grant usage to adsapp_operator
  grant usage to adsapp_worker
  grant usage to public
  comment: standard public schema

type public.campaign_delta
  organization_id uuid
  campaign_id uuid
  date date
  targets integer
  sent integer
  delivered integer
  read integer
  failed integer
  skipped integer
  replies integer
  opt_outs integer

function auth.uid()
  CREATE OR REPLACE FUNCTION auth.uid()
   RETURNS uuid
   LANGUAGE sql
   STABLE
   SET search_path TO ''
  AS $function$
          select coalesce(
            nullif(current_setting('request.jwt.claim.sub', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
        $function$
  grant execute to public
  comment: made by adsapp

function public.adsapp_campaign_statistics(total integer, sent integer, delivered integer, read integer, failed integer, skipped integer, replies integer, opt_outs integer)
  CREATE OR REPLACE FUNCTION public.adsapp_campaign_statistics(total integer, sent integer, delivered integer, read integer, failed integer, skipped integer, replies integer, opt_outs integer)
   RETURNS jsonb
   LANGUAGE plpgsql
   IMMUTABLE PARALLEL SAFE
   SET search_path TO ''
  AS $function$
  begin -- plpgsql, not SQL: a generated column wants IMMUTABLE, and jsonb_build_object is only STABLE
    return jsonb_build_object(
      'totalTargets', total, 'messagesSent', sent, 'messagesDelivered', delivered, 'messagesRead', read,
      'messagesFailed', failed, 'messagesSkipped', skipped, 'repliesReceived', replies, 'optOuts', opt_outs,
      'deliveryRate', case when sent > 0 then round(100.0 * delivered / sent, 2) else 0 end,
      'openRate', case when sent > 0 then round(100.0 * read / sent, 2) else 0 end,
      'replyRate', case when sent > 0 then round(100.0 * replies / sent, 2) else 0 end);
  end $function$
  grant execute to public

function public.adsapp_contact_gate(c contacts, p_marketing boolean, p_require_opt_in boolean)
  CREATE OR REPLACE FUNCTION public.adsapp_contact_gate(c contacts, p_marketing boolean, p_require_opt_in boolean)
   RETURNS text
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select case
      when c.erased_at is not null then 'erased'
      when c.blocked_at is not null then 'blocked'
      when c.phone is null and c.bsuid is null then 'no_address'
      when p_marketing and c.opted_out_at is not null then 'opted_out'
      when p_marketing and p_require_opt_in and c.opted_in_at is null then 'no_opt_in'
    end
  $function$
  grant execute to public
  comment: the reason why a contact is skipped; null: may be messaged

function public.adsapp_count(deltas campaign_delta[])
  CREATE OR REPLACE FUNCTION public.adsapp_count(deltas campaign_delta[])
   RETURNS void
   LANGUAGE sql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
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
  $function$

function public.adsapp_is_timezone(zone text)
  CREATE OR REPLACE FUNCTION public.adsapp_is_timezone(zone text)
   RETURNS boolean
   LANGUAGE plpgsql
   STABLE PARALLEL SAFE
   SET search_path TO ''
  AS $function$
  begin
    perform now() at time zone zone;
    return zone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$';
  exception when invalid_parameter_value then
    return false;
  end $function$
  grant execute to public

function public.adsapp_local_instant(p_time text, p_timezone text)
  CREATE OR REPLACE FUNCTION public.adsapp_local_instant(p_time text, p_timezone text)
   RETURNS timestamp with time zone
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select case when p_time ~ '[T ][0-9:.]+ ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$' then p_time::timestamptz else p_time::timestamp at time zone p_timezone end
  $function$
  grant execute to public

function public.adsapp_now()
  CREATE OR REPLACE FUNCTION public.adsapp_now()
   RETURNS timestamp with time zone
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select statement_timestamp() + coalesce(nullif(current_setting('adsapp.now_offset', true), '')::interval, interval '0')
  $function$
  grant execute to public
  comment: statement_timestamp() plus the setting adsapp.now_offset (an interval), set by --now

function public.adsapp_organization_id()
  CREATE OR REPLACE FUNCTION public.adsapp_organization_id()
   RETURNS uuid
   LANGUAGE sql
   STABLE SECURITY DEFINER
   SET search_path TO ''
  AS $function$
    select organization_id from public.profiles where id = auth.uid()
  $function$
  grant execute to adsapp_operator
  grant execute to adsapp_worker

function public.adsapp_profile_role()
  CREATE OR REPLACE FUNCTION public.adsapp_profile_role()
   RETURNS text
   LANGUAGE sql
   STABLE SECURITY DEFINER
   SET search_path TO ''
  AS $function$
    select role from public.profiles where id = auth.uid()
  $function$
  grant execute to adsapp_operator
  grant execute to adsapp_worker

function public.adsapp_status_rank(status text)
  CREATE OR REPLACE FUNCTION public.adsapp_status_rank(status text)
   RETURNS integer
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select case status when 'pending' then 0 when 'dispatching' then 1 when 'unknown' then 2 when 'sent' then 3
                       when 'failed' then 4 when 'delivered' then 5 when 'read' then 6 else 0 end
  $function$
  grant execute to public
  comment: a status only rises; failed after sent counts, failed after delivered does not, delivered after failed does

function public.adsapp_wall(IN tenant_table regclass, IN title text)
  CREATE OR REPLACE PROCEDURE public.adsapp_wall(IN tenant_table regclass, IN title text)
   LANGUAGE plpgsql
   SET search_path TO 'public'
  AS $procedure$
  declare
    verb text;
  begin
    execute format('alter table %s enable row level security', tenant_table);
    execute format('alter table %s force row level security', tenant_table);
    execute format('create policy %I on %s for all to adsapp_operator
                      using (organization_id = (select adsapp_organization_id()))
                      with check (organization_id = (select adsapp_organization_id()))', title, tenant_table);
    execute format('create policy "Workers serve all organizations" on %s for all to adsapp_worker using (true) with check (true)', tenant_table);
    foreach verb in array array['insert', 'update', 'delete'] loop
      execute format('create policy %I on %s as restrictive for %s to adsapp_operator %s (coalesce((select adsapp_profile_role()), '''') <> ''viewer'')',
                     'Viewers do not ' || verb, tenant_table, verb, case verb when 'insert' then 'with check' else 'using' end);
    end loop;
  end $procedure$

function public.next_business_time(p_at timestamp with time zone, p_hours jsonb, p_timezone text)
  CREATE OR REPLACE FUNCTION public.next_business_time(p_at timestamp with time zone, p_hours jsonb, p_timezone text)
   RETURNS timestamp with time zone
   LANGUAGE plpgsql
   STABLE PARALLEL SAFE
   SET search_path TO ''
  AS $function$
  declare
    days constant text[] := array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
    today constant date := (p_at at time zone p_timezone)::date;
    day date;
    hours jsonb;
    opens timestamptz;
    closes timestamptz;
    best timestamptz;
  begin
    if not exists (select from jsonb_each(p_hours) h where h.key = any (days) and jsonb_array_length(h.value) > 0) then
      return p_at;
    end if;
    for i in -1 .. 370 loop -- from yesterday: its window may run over midnight
      day := today + i;
      continue when coalesce(p_hours -> 'holidays', '[]') ? day::text;
      best := null;
      for hours in select jsonb_array_elements(p_hours -> days[extract(dow from day)::int + 1]) loop
        opens := (day + (hours ->> 0)::time) at time zone p_timezone;
        closes := (day + (hours ->> 1)::time + case when (hours ->> 1)::time <= (hours ->> 0)::time then interval '1 day' else interval '0' end) at time zone p_timezone;
        if closes > p_at and opens < closes then -- a window that a clock change swallows is none
          best := least(best, greatest(opens, p_at));
        end if;
      end loop;
      if best is not null then
        return best;
      end if;
    end loop;
    return null;
  end $function$
  grant execute to public

function public.next_loud_time(p_at timestamp with time zone, p_from time without time zone, p_to time without time zone, p_timezone text)
  CREATE OR REPLACE FUNCTION public.next_loud_time(p_at timestamp with time zone, p_from time without time zone, p_to time without time zone, p_timezone text)
   RETURNS timestamp with time zone
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select min(c.at)
      from (select p_at as at
            union all
            select ((p_at at time zone p_timezone)::date + n + p_to) at time zone p_timezone from generate_series(0, 2) n) c
     cross join lateral (select (c.at at time zone p_timezone)::time as t) l
     where c.at >= p_at
       and not coalesce(case when p_from < p_to then l.t >= p_from and l.t < p_to
                             when p_from > p_to then l.t >= p_from or l.t < p_to end, false)
  $function$
  grant execute to public

function public.tg_audit()
  CREATE OR REPLACE FUNCTION public.tg_audit()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    now constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    subject constant jsonb := coalesce(now, was);
    organization constant uuid := coalesce(subject ->> 'organization_id', subject ->> 'id')::uuid;
    details jsonb := jsonb_build_object('name', coalesce(subject ->> 'name', subject ->> 'email'));
  begin
    if tg_op = 'UPDATE' then
      select jsonb_object_agg(n.key, jsonb_build_array(was -> n.key, n.value)) into details
        from jsonb_each(now) n
       where n.value is distinct from was -> n.key
         and n.key not in ('statistics', 'updated_at', 'lane_token', 'lane_holder', 'lane_expires_at')
         and (tg_nargs = 0 or n.key = any (tg_argv));
    end if;
    if details is not null then
      insert into public.audit_log (organization_id, actor, action, subject_type, subject_id, details)
      select organization, auth.uid(), lower(tg_op), tg_table_name, (subject ->> 'id')::uuid, details
       where exists (select from public.organizations o where o.id = organization); -- not when it goes with its organization
    end if;
    return null;
  end $function$

function public.tg_bulk_message_jobs__count()
  CREATE OR REPLACE FUNCTION public.tg_bulk_message_jobs__count()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
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
  end $function$

function public.tg_bulk_message_jobs__organization()
  CREATE OR REPLACE FUNCTION public.tg_bulk_message_jobs__organization()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select c.organization_id into new.organization_id from public.bulk_campaigns c where c.id = new.campaign_id;
    return new;
  end $function$
  grant execute to public

function public.tg_contact_tags__organization()
  CREATE OR REPLACE FUNCTION public.tg_contact_tags__organization()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select c.organization_id into new.organization_id from public.contacts c where c.id = new.contact_id;
    return new;
  end $function$
  grant execute to public

function public.tg_messages__only_rise()
  CREATE OR REPLACE FUNCTION public.tg_messages__only_rise()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.status := old.status;
    return new;
  end $function$
  grant execute to public

function public.tg_messages__organization()
  CREATE OR REPLACE FUNCTION public.tg_messages__organization()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select c.organization_id into new.organization_id from public.contacts c where c.id = new.contact_id;
    return new;
  end $function$
  grant execute to public

function public.tg_messages__times()
  CREATE OR REPLACE FUNCTION public.tg_messages__times()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    if new.status = 'failed' then
      new.failed_at := coalesce(new.failed_at, public.adsapp_now());
      return new;
    end if;
    if new.status = 'read' then
      new.read_at := coalesce(new.read_at, public.adsapp_now());
    end if;
    if new.status in ('delivered', 'read') then
      new.delivered_at := coalesce(new.delivered_at, new.read_at, public.adsapp_now());
    end if;
    new.sent_at := coalesce(new.sent_at, new.delivered_at, public.adsapp_now());
    return new;
  end $function$
  grant execute to public

function public.track_message_delivery()
  CREATE OR REPLACE FUNCTION public.track_message_delivery()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    jobs uuid[];
  begin
    select array_agg(a.bulk_message_job_id order by a.bulk_message_job_id) into jobs
      from added a where a.bulk_message_job_id is not null and a.direction = 'outbound';
    if jobs is null then
      return null;
    end if;
    perform from public.bulk_message_jobs j where j.id = any (jobs) order by j.id for no key update;
    with news as materialized (
      select distinct on (a.bulk_message_job_id) a.bulk_message_job_id as job_id, a.id, a.organization_id, a.attempt, a.status,
             a.sent_at, a.delivered_at, a.read_at, a.failed_at, a.error_code, a.error, o.timezone
        from added a join public.organizations o on o.id = a.organization_id
       where a.bulk_message_job_id is not null and a.direction = 'outbound' and a.status in ('sent', 'failed', 'delivered', 'read')
       order by a.bulk_message_job_id, greatest(public.adsapp_status_rank(a.status), 4) desc, -- delivered is, whichever attempt it was
                a.attempt desc, public.adsapp_status_rank(a.status) desc
    ), carried as (
      select j.id, n.organization_id, n.id as message_id, n.error_code, n.error,
             case when n.status in ('delivered', 'read') and (n.status = 'read' or j.status <> 'read') then n.status
                  when j.status in ('delivered', 'read') then j.status
                  when n.attempt < j.attempts then j.status                   -- news of an attempt that a later one has replaced
                  when n.status = 'sent' and j.status in ('dispatching', 'unknown', 'pending', 'cancelled', 'skipped') then 'sent'
                  when n.status = 'failed' and j.status in ('dispatching', 'unknown', 'pending', 'cancelled', 'skipped', 'sent') then 'failed'
                  else j.status end as status,
             coalesce(j.sent_at, n.sent_at, n.delivered_at, n.read_at, n.failed_at) as sent_at,
             coalesce(j.delivered_at, n.delivered_at, n.read_at) as delivered_at,
             coalesce(j.read_at, n.read_at) as read_at,
             coalesce(j.failed_at, n.failed_at) as failed_at,
             case when j.sent_at is null then (coalesce(n.sent_at, n.delivered_at, n.read_at, n.failed_at) at time zone n.timezone)::date
                  else j.counted_on end as counted_on -- a failure without acceptance had its own day
        from public.bulk_message_jobs j join news n on n.job_id = j.id and n.organization_id = j.organization_id
       where j.id = any (jobs)
    )
    update public.bulk_message_jobs j
       set status = c.status, message_id = c.message_id, sent_at = c.sent_at, delivered_at = c.delivered_at, read_at = c.read_at,
           failed_at = case when c.status = 'failed' then c.failed_at else j.failed_at end,
           error_code = case when c.status = 'failed' then c.error_code else j.error_code end,
           error = case when c.status = 'failed' then c.error else j.error end,
           counted_on = c.counted_on,
           lane_token = case when c.status = 'dispatching' then j.lane_token end,
           unknown_since = case when c.status = 'unknown' then j.unknown_since end,
           next_attempt_at = case when c.status = 'pending' then j.next_attempt_at end,
           skip_reason = case when c.status = 'skipped' then j.skip_reason end
      from carried c
     where j.id = c.id and j.organization_id = c.organization_id and j.id = any (jobs)
       and (j.status, j.sent_at, j.delivered_at, j.read_at) is distinct from (c.status, c.sent_at, c.delivered_at, c.read_at);
    return null;
  end $function$

table public.audit_log, row level security forced
  id bigint not null generated always as identity
  organization_id uuid not null
  at timestamp with time zone not null default adsapp_now()
  actor uuid
  action text not null
  subject_type text not null
  subject_id uuid
  details jsonb not null default '{}'::jsonb
  constraint audit_log_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint audit_log_pkey PRIMARY KEY (id)
  CREATE INDEX audit_log_organization_idx ON public.audit_log USING btree (organization_id, at DESC)
  policy "Users can see the audit log of their org" as permissive for select to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  comment on actor: auth.uid() of who did it; null: the worker or the owner

table public.bulk_campaigns with (fillfactor=70), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  name text not null
  type text not null default 'promotional'::text
  status text not null default 'draft'::text
  target_audience jsonb not null default '{"type": "all"}'::jsonb
  message jsonb not null
  scheduling jsonb not null default '{"type": "immediate"}'::jsonb
  rate_limiting jsonb not null default '{"enabled": false}'::jsonb
  settings jsonb not null default '{}'::jsonb
  sender_id uuid
  created_by uuid default auth.uid()
  created_at timestamp with time zone not null default adsapp_now()
  scheduled_at timestamp with time zone
  started_at timestamp with time zone
  paused_at timestamp with time zone
  pause_reason text
  resume_as text
  completed_at timestamp with time zone
  cancelled_at timestamp with time zone
  total_targets integer not null default 0
  messages_sent integer not null default 0
  messages_delivered integer not null default 0
  messages_read integer not null default 0
  messages_failed integer not null default 0
  messages_skipped integer not null default 0
  replies_received integer not null default 0
  opt_outs integer not null default 0
  statistics jsonb not null generated always as (adsapp_campaign_statistics(total_targets, messages_sent, messages_delivered, messages_read, messages_failed, messages_skipped, replies_received, opt_outs)) stored
  constraint message_is_object CHECK ((jsonb_typeof(message) = 'object'::text))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint paused_has_reason CHECK (((status = 'paused'::text) = (pause_reason IS NOT NULL)))
  constraint rate_limiting_is_object CHECK ((jsonb_typeof(rate_limiting) = 'object'::text))
  constraint resume_as_is_known CHECK ((resume_as = ANY (ARRAY['scheduled'::text, 'running'::text])))
  constraint running_has_sender CHECK (((status <> ALL (ARRAY['scheduled'::text, 'running'::text])) OR (sender_id IS NOT NULL)))
  constraint scheduled_has_time CHECK (((status <> 'scheduled'::text) OR (scheduled_at IS NOT NULL)))
  constraint scheduling_is_object CHECK ((jsonb_typeof(scheduling) = 'object'::text))
  constraint settings_is_object CHECK ((jsonb_typeof(settings) = 'object'::text))
  constraint status_is_known CHECK ((status = ANY (ARRAY['draft'::text, 'scheduled'::text, 'running'::text, 'paused'::text, 'completed'::text, 'cancelled'::text])))
  constraint target_audience_is_object CHECK ((jsonb_typeof(target_audience) = 'object'::text))
  constraint type_is_known CHECK ((type = ANY (ARRAY['promotional'::text, 'transactional'::text, 'notification'::text, 'survey'::text])))
  constraint bulk_campaigns_created_by_fkey FOREIGN KEY (organization_id, created_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (created_by)
  constraint bulk_campaigns_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint bulk_campaigns_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE RESTRICT
  constraint bulk_campaigns_pkey PRIMARY KEY (id, organization_id)
  constraint bulk_campaigns_name_key UNIQUE (organization_id, name)
  CREATE INDEX bulk_campaigns_created_by_idx ON public.bulk_campaigns USING btree (created_by)
  CREATE INDEX bulk_campaigns_open_idx ON public.bulk_campaigns USING btree (sender_id, id) WHERE (status = ANY (ARRAY['scheduled'::text, 'running'::text]))
  CREATE INDEX bulk_campaigns_sender_idx ON public.bulk_campaigns USING btree (sender_id)
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE ON public.bulk_campaigns FOR EACH ROW EXECUTE FUNCTION tg_audit()
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.bulk_campaigns FOR EACH ROW WHEN ((((((((((old.status IS DISTINCT FROM new.status) OR (old.name IS DISTINCT FROM new.name)) OR (old.type IS DISTINCT FROM new.type)) OR (old.message IS DISTINCT FROM new.message)) OR (old.target_audience IS DISTINCT FROM new.target_audience)) OR (old.scheduling IS DISTINCT FROM new.scheduling)) OR (old.rate_limiting IS DISTINCT FROM new.rate_limiting)) OR (old.settings IS DISTINCT FROM new.settings)) OR (old.sender_id IS DISTINCT FROM new.sender_id))) EXECUTE FUNCTION tg_audit()
  policy "Users can access bulk campaigns in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, name, type, target_audience, message, scheduling, rate_limiting, settings, sender_id) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, type, status, target_audience, message, scheduling, rate_limiting, settings, sender_id, scheduled_at, started_at, paused_at, pause_reason, resume_as, cancelled_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

table public.bulk_message_jobs with (fillfactor=65), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null
  campaign_id uuid not null
  occurrence timestamp with time zone not null default '-infinity'::timestamp with time zone
  seq integer not null
  contact_id uuid not null
  status text not null default 'pending'::text
  attempts smallint not null default 0
  max_attempts smallint not null default 3
  waits smallint not null default 0
  next_attempt_at timestamp with time zone
  dispatched_at timestamp with time zone
  unknown_since timestamp with time zone
  lane_token uuid
  message_id uuid
  error_code text
  error text
  skip_reason text
  variant text
  sent_at timestamp with time zone
  delivered_at timestamp with time zone
  read_at timestamp with time zone
  failed_at timestamp with time zone
  replied_at timestamp with time zone
  opted_out_at timestamp with time zone
  counted_on date
  constraint attempts_within_bounds CHECK (((attempts >= 0) AND (attempts <= max_attempts)))
  constraint counted_has_day CHECK (((counted_on IS NOT NULL) OR ((sent_at IS NULL) AND (failed_at IS NULL))))
  constraint dispatching_has_lane CHECK (((status = 'dispatching'::text) = (lane_token IS NOT NULL)))
  constraint failed_has_time CHECK (((status <> 'failed'::text) OR (failed_at IS NOT NULL)))
  constraint only_pending_waits CHECK (((next_attempt_at IS NULL) OR (status = 'pending'::text)))
  constraint sent_has_time CHECK (((status <> ALL (ARRAY['sent'::text, 'delivered'::text, 'read'::text])) OR (sent_at IS NOT NULL)))
  constraint skipped_has_reason CHECK (((status = 'skipped'::text) = (skip_reason IS NOT NULL)))
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'dispatching'::text, 'unknown'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text])))
  constraint unknown_has_time CHECK (((status = 'unknown'::text) = (unknown_since IS NOT NULL)))
  constraint bulk_message_jobs_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES bulk_campaigns(organization_id, id) ON DELETE CASCADE
  constraint bulk_message_jobs_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE RESTRICT
  constraint bulk_message_jobs_pkey PRIMARY KEY (id, organization_id)
  constraint bulk_message_jobs_once UNIQUE (campaign_id, occurrence, contact_id, organization_id)
  CREATE INDEX bulk_message_jobs_contact_idx ON public.bulk_message_jobs USING btree (contact_id)
  CREATE UNIQUE INDEX bulk_message_jobs_seq ON public.bulk_message_jobs USING btree (campaign_id, occurrence, seq)
  CREATE INDEX bulk_message_jobs_unknown ON public.bulk_message_jobs USING btree (unknown_since) WHERE (unknown_since IS NOT NULL)
  CREATE INDEX bulk_message_jobs_waiting ON public.bulk_message_jobs USING btree (campaign_id, next_attempt_at) WHERE (next_attempt_at IS NOT NULL)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.bulk_message_jobs FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_bulk_message_jobs__organization()
  CREATE TRIGGER _500_count_insert AFTER INSERT ON public.bulk_message_jobs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_bulk_message_jobs__count()
  CREATE TRIGGER _500_count_update AFTER UPDATE ON public.bulk_message_jobs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_bulk_message_jobs__count()
  policy "Users can access bulk message jobs in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on seq: order of first attempts; immutable. It says where to look; the row's own state decides
  comment on waits: deferrals that counted no attempt (pair limit, 24 h); they bound themselves by it
  comment on next_attempt_at: set on a pending row that waits for a time of its own: a retry, quiet hours
  comment on message_id: the message of the last accepted attempt
  comment on counted_on: the organization's local day of the first acceptance, or of the failure without one

table public.campaign_analytics with (fillfactor=70), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  campaign_id uuid not null
  campaign_type text not null
  bulk_campaign_id uuid generated always as (
  CASE
      WHEN (campaign_type = 'bulk'::text) THEN campaign_id
      ELSE NULL::uuid
  END) stored
  date date not null
  messages_sent integer not null default 0
  messages_delivered integer not null default 0
  messages_read integer not null default 0
  messages_failed integer not null default 0
  replies_received integer not null default 0
  opt_outs integer not null default 0
  delivery_rate numeric not null generated always as (
  CASE
      WHEN (messages_sent > 0) THEN round(((100.0 * (messages_delivered)::numeric) / (messages_sent)::numeric), 2)
      ELSE (0)::numeric
  END) stored
  open_rate numeric not null generated always as (
  CASE
      WHEN (messages_sent > 0) THEN round(((100.0 * (messages_read)::numeric) / (messages_sent)::numeric), 2)
      ELSE (0)::numeric
  END) stored
  reply_rate numeric not null generated always as (
  CASE
      WHEN (messages_sent > 0) THEN round(((100.0 * (replies_received)::numeric) / (messages_sent)::numeric), 2)
      ELSE (0)::numeric
  END) stored
  constraint campaign_type_is_known CHECK ((campaign_type = ANY (ARRAY['bulk'::text, 'drip'::text])))
  constraint campaign_analytics_bulk_fkey FOREIGN KEY (organization_id, bulk_campaign_id) REFERENCES bulk_campaigns(organization_id, id) ON DELETE CASCADE
  constraint campaign_analytics_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint campaign_analytics_pkey PRIMARY KEY (id, organization_id)
  constraint campaign_analytics_day_key UNIQUE (campaign_id, date, organization_id)
  CREATE INDEX campaign_analytics_bulk_idx ON public.campaign_analytics USING btree (bulk_campaign_id)
  CREATE INDEX idx_campaign_analytics_org_date ON public.campaign_analytics USING btree (organization_id, date DESC)
  policy "Users can access campaign analytics in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: days are the organization's local days; delivered, read, replied and opted out count on the day the message was sent
  comment on bulk_campaign_id: campaign_id as a key that is checked

table public.campaign_runs with (fillfactor=50), row level security forced
  organization_id uuid not null
  campaign_id uuid not null
  occurrence timestamp with time zone not null
  sender_id uuid not null
  class smallint not null
  definition jsonb not null
  marketing boolean not null
  per_hour integer
  tat timestamp with time zone
  audience_at timestamp with time zone not null
  expanded_through uuid
  expanded_seq integer not null default 0
  expanded_at timestamp with time zone
  next_seq integer not null default 0
  constraint claimed_is_expanded CHECK ((next_seq <= expanded_seq))
  constraint class_is_known CHECK ((class = ANY (ARRAY[1, 2])))
  constraint per_hour_is_positive CHECK ((per_hour > 0))
  constraint campaign_runs_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES bulk_campaigns(organization_id, id) ON DELETE CASCADE
  constraint campaign_runs_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE RESTRICT
  constraint campaign_runs_pkey PRIMARY KEY (campaign_id, occurrence, organization_id)
  CREATE INDEX campaign_runs_expanding_idx ON public.campaign_runs USING btree (campaign_id) WHERE (expanded_at IS NULL)
  CREATE INDEX campaign_runs_sender_idx ON public.campaign_runs USING btree (sender_id, campaign_id)
  policy "Users can access campaign runs in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: one occurrence of a campaign: how far it is expanded and claimed, and its hourly quota
  comment on class: the queue of the lane: 1 transactional, 2 other
  comment on definition: message, template and settings, frozen at start
  comment on tat: GCRA: the theoretical arrival time of the next attempt (messagesPerHour)
  comment on expanded_through: expansion goes through the contacts by id; the last one that is in
  comment on next_seq: first attempts up to this seq were claimed, passed over, or have a next_attempt_at

table public.contact_imports, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  file_name text not null
  file_hash text not null
  options jsonb not null default '{}'::jsonb
  rows integer not null default 0
  created integer not null default 0
  updated integer not null default 0
  unchanged integer not null default 0
  skipped integer not null default 0
  rejected integer not null default 0
  imported_by uuid default auth.uid()
  created_at timestamp with time zone not null default adsapp_now()
  constraint contact_imports_imported_by_fkey FOREIGN KEY (organization_id, imported_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (imported_by)
  constraint contact_imports_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint contact_imports_pkey PRIMARY KEY (id, organization_id)
  CREATE INDEX contact_imports_hash_idx ON public.contact_imports USING btree (organization_id, file_hash)
  CREATE INDEX contact_imports_imported_by_idx ON public.contact_imports USING btree (imported_by)
  policy "Users can access contact imports in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, file_name, file_hash, options, rows, created, updated, unchanged, skipped, rejected) to adsapp_operator
  grant select to adsapp_operator
  grant update (rows, created, updated, unchanged, skipped, rejected) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

table public.contact_list_members, row level security forced
  organization_id uuid not null
  list_id uuid not null
  contact_id uuid not null
  added_at timestamp with time zone not null default adsapp_now()
  constraint contact_list_members_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE CASCADE
  constraint contact_list_members_list_fkey FOREIGN KEY (organization_id, list_id) REFERENCES contact_lists(organization_id, id) ON DELETE CASCADE
  constraint contact_list_members_pkey PRIMARY KEY (list_id, contact_id, organization_id)
  CREATE INDEX contact_list_members_contact_idx ON public.contact_list_members USING btree (contact_id)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.contact_list_members FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_contact_tags__organization()
  policy "Users can access contact list members in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, list_id, contact_id) to adsapp_operator
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker

table public.contact_lists, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  name text not null
  description text
  created_at timestamp with time zone not null default adsapp_now()
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint contact_lists_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint contact_lists_pkey PRIMARY KEY (id, organization_id)
  constraint contact_lists_name_key UNIQUE (organization_id, name)
  policy "Users can access contact lists in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, name, description) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, description) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

table public.contact_tags, row level security forced
  organization_id uuid not null
  contact_id uuid not null
  tag text not null
  created_at timestamp with time zone not null default adsapp_now()
  constraint tag_is_plain CHECK (((tag = btrim(tag)) AND (tag <> ''::text) AND (length(tag) <= 100)))
  constraint contact_tags_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE CASCADE
  constraint contact_tags_pkey PRIMARY KEY (contact_id, tag, organization_id)
  CREATE INDEX contact_tags_tag_idx ON public.contact_tags USING btree (organization_id, tag, contact_id)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.contact_tags FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_contact_tags__organization()
  policy "Users can access contact tags in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, contact_id, tag) to adsapp_operator
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker

table public.contacts, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  phone text
  bsuid text
  wa_id text
  first_name text
  last_name text
  email text
  language text
  timezone text
  attributes jsonb not null default '{}'::jsonb
  opted_in_at timestamp with time zone
  opt_in_source text
  opted_out_at timestamp with time zone
  opt_out_source text
  blocked_at timestamp with time zone
  undeliverable_at timestamp with time zone
  erased_at timestamp with time zone
  last_inbound_at timestamp with time zone
  import_id uuid
  created_at timestamp with time zone not null default adsapp_now()
  updated_at timestamp with time zone not null default adsapp_now()
  constraint attributes_is_object CHECK ((jsonb_typeof(attributes) = 'object'::text))
  constraint bsuid_is_well_formed CHECK ((bsuid ~ '^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$'::text))
  constraint contact_has_address CHECK (((phone IS NOT NULL) OR (bsuid IS NOT NULL) OR (erased_at IS NOT NULL)))
  constraint phone_is_e164 CHECK ((phone ~ '^\+[1-9][0-9]{6,14}$'::text))
  constraint timezone_is_iana CHECK (((timezone IS NULL) OR adsapp_is_timezone(timezone)))
  constraint contacts_import_fkey FOREIGN KEY (organization_id, import_id) REFERENCES contact_imports(organization_id, id) ON DELETE SET NULL (import_id)
  constraint contacts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint contacts_pkey PRIMARY KEY (id, organization_id)
  constraint contacts_bsuid_key UNIQUE (organization_id, bsuid)
  constraint contacts_phone_key UNIQUE (organization_id, phone)
  CREATE INDEX contacts_created_idx ON public.contacts USING btree (organization_id, created_at DESC, id)
  CREATE INDEX contacts_import_idx ON public.contacts USING btree (import_id) WHERE (import_id IS NOT NULL)
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.contacts FOR EACH ROW WHEN (((((old.opted_out_at IS DISTINCT FROM new.opted_out_at) OR (old.opted_in_at IS DISTINCT FROM new.opted_in_at)) OR (old.blocked_at IS DISTINCT FROM new.blocked_at)) OR (old.erased_at IS DISTINCT FROM new.erased_at))) EXECUTE FUNCTION tg_audit('opted_in_at', 'opt_in_source', 'opted_out_at', 'opt_out_source', 'blocked_at', 'erased_at')
  policy "Users can access contacts in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, phone, bsuid, wa_id, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source, opted_out_at, opt_out_source, blocked_at, import_id, created_at) to adsapp_operator
  grant select to adsapp_operator
  grant update (phone, bsuid, wa_id, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source, opted_out_at, opt_out_source, blocked_at, updated_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on opted_out_at: marketing; when it was written down here. What the person or file said is in opt_out_source
  comment on blocked_at: no message of any kind

table public.lane_windows, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null
  sender_id uuid not null
  lane_token uuid not null
  job_ids uuid[] not null
  claimed_at timestamp with time zone not null default clock_timestamp()
  constraint lane_windows_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE RESTRICT
  constraint lane_windows_pkey PRIMARY KEY (id, organization_id)
  CREATE INDEX lane_windows_sender_idx ON public.lane_windows USING btree (sender_id)
  policy "Users can access lane windows in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker

table public.message_templates, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  provider_template_id text
  name text not null
  language text not null
  category text not null
  status text not null default 'PENDING'::text
  parameter_format text not null default 'POSITIONAL'::text
  components jsonb not null
  variables text[] not null default '{}'::text[]
  quality text
  created_at timestamp with time zone not null default adsapp_now()
  updated_at timestamp with time zone not null default adsapp_now()
  constraint category_is_known CHECK ((category = ANY (ARRAY['MARKETING'::text, 'UTILITY'::text, 'AUTHENTICATION'::text])))
  constraint components_is_array CHECK ((jsonb_typeof(components) = 'array'::text))
  constraint language_is_a_code CHECK ((language ~ '^[a-z]{2,3}(_[A-Z]{2})?$'::text))
  constraint name_is_plain CHECK (((name ~ '^[a-z0-9_]+$'::text) AND (length(name) <= 512)))
  constraint parameter_format_is_known CHECK ((parameter_format = ANY (ARRAY['POSITIONAL'::text, 'NAMED'::text])))
  constraint message_templates_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint message_templates_pkey PRIMARY KEY (id, organization_id)
  constraint message_templates_name_key UNIQUE (organization_id, name, language)
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON public.message_templates FOR EACH ROW EXECUTE FUNCTION tg_audit()
  policy "Users can access message templates in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, provider_template_id, name, language, category, status, parameter_format, components, variables, quality) to adsapp_operator
  grant select to adsapp_operator
  grant update (provider_template_id, category, status, parameter_format, components, variables, quality, updated_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on variables: the body's variables in order: 1, 2 … or names

table public.messages with (fillfactor=80), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  direction text not null
  contact_id uuid not null
  sender_id uuid
  agent_id uuid
  bulk_message_job_id uuid
  attempt smallint
  type text not null
  body text
  payload jsonb
  provider_message_id text
  status text not null
  sent_at timestamp with time zone
  delivered_at timestamp with time zone
  read_at timestamp with time zone
  failed_at timestamp with time zone
  webhook_at timestamp with time zone
  error_code text
  error text
  pricing jsonb
  created_at timestamp with time zone not null default adsapp_now()
  constraint direction_is_known CHECK ((direction = ANY (ARRAY['outbound'::text, 'inbound'::text])))
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'dispatching'::text, 'unknown'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'failed'::text, 'received'::text])))
  constraint messages_agent_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (agent_id)
  constraint messages_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE RESTRICT
  constraint messages_job_fkey FOREIGN KEY (organization_id, bulk_message_job_id) REFERENCES bulk_message_jobs(organization_id, id) ON DELETE CASCADE
  constraint messages_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE RESTRICT
  constraint messages_pkey PRIMARY KEY (id, organization_id)
  constraint messages_provider_message_id_key UNIQUE (provider_message_id, organization_id)
  CREATE INDEX messages_agent_idx ON public.messages USING btree (agent_id) WHERE (agent_id IS NOT NULL)
  CREATE INDEX messages_contact_idx ON public.messages USING btree (contact_id, created_at)
  CREATE INDEX messages_job_idx ON public.messages USING btree (bulk_message_job_id) WHERE (bulk_message_job_id IS NOT NULL)
  CREATE INDEX messages_sender_idx ON public.messages USING btree (sender_id, sent_at)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.messages FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_messages__organization()
  CREATE TRIGGER _200_only_rise BEFORE UPDATE ON public.messages FOR EACH ROW WHEN ((adsapp_status_rank(new.status) < adsapp_status_rank(old.status))) EXECUTE FUNCTION tg_messages__only_rise()
  CREATE TRIGGER _300_times BEFORE INSERT OR UPDATE ON public.messages FOR EACH ROW WHEN (((new.direction = 'outbound'::text) AND
          CASE new.status
              WHEN 'sent'::text THEN (new.sent_at IS NULL)
              WHEN 'failed'::text THEN (new.failed_at IS NULL)
              WHEN 'delivered'::text THEN ((new.sent_at IS NULL) OR (new.delivered_at IS NULL))
              WHEN 'read'::text THEN ((new.sent_at IS NULL) OR (new.delivered_at IS NULL) OR (new.read_at IS NULL))
              ELSE NULL::boolean
          END)) EXECUTE FUNCTION tg_messages__times()
  CREATE TRIGGER _500_track_insert AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION track_message_delivery()
  CREATE TRIGGER _500_track_update AFTER UPDATE ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION track_message_delivery()
  policy "Users can access messages in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on webhook_at: when the first status of Meta's came in: the proof that webhooks arrive

table public.organizations, row level security forced
  id uuid not null default gen_random_uuid()
  name text not null
  slug text not null
  timezone text not null default 'Europe/Amsterdam'::text
  default_country text not null default 'NL'::text
  business_hours jsonb not null default '{}'::jsonb
  settings jsonb not null default '{}'::jsonb
  paused_at timestamp with time zone
  created_at timestamp with time zone not null default adsapp_now()
  constraint business_hours_is_object CHECK ((jsonb_typeof(business_hours) = 'object'::text))
  constraint country_is_iso CHECK ((default_country ~ '^[A-Z]{2}$'::text))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint settings_is_object CHECK ((jsonb_typeof(settings) = 'object'::text))
  constraint slug_is_plain CHECK ((slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text))
  constraint timezone_is_iana CHECK (adsapp_is_timezone(timezone))
  constraint organizations_pkey PRIMARY KEY (id)
  constraint organizations_slug_key UNIQUE (slug)
  CREATE TRIGGER _900_audit AFTER INSERT OR UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION tg_audit()
  policy "Admins change their organization" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Users can see their organization" as permissive for all to adsapp_operator using ((id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant update (name, timezone, default_country, business_hours, settings, paused_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

table public.portfolios, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  name text not null
  messaging_limit integer
  created_at timestamp with time zone not null default adsapp_now()
  constraint messaging_limit_is_positive CHECK ((messaging_limit > 0))
  constraint portfolios_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint portfolios_pkey PRIMARY KEY (id, organization_id)
  constraint portfolios_name_key UNIQUE (organization_id, name)
  policy "Users can access portfolios in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, name, messaging_limit) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, messaging_limit) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on messaging_limit: unique people in a rolling 24 h, shared by the portfolio's senders

table public.profiles, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null
  full_name text not null
  email text not null
  role text not null default 'agent'::text
  created_at timestamp with time zone not null default adsapp_now()
  constraint role_is_known CHECK ((role = ANY (ARRAY['admin'::text, 'agent'::text, 'viewer'::text])))
  constraint profiles_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint profiles_pkey PRIMARY KEY (id, organization_id)
  constraint profiles_email_key UNIQUE (organization_id, email)
  constraint profiles_id_key UNIQUE (id)
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION tg_audit()
  policy "Admins add profiles" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Admins change profiles" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Admins remove profiles" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Users can access profiles in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, full_name, email, role) to adsapp_operator
  grant select to adsapp_operator
  grant update (full_name, email) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

table public.senders, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  portfolio_id uuid
  name text not null
  provider text not null default 'whatsapp-cloud'::text
  api_url text
  phone_number_id text
  waba_id text
  token_env text
  token_file text
  app_secret_env text
  throughput_per_second integer not null default 80
  is_default boolean not null default false
  state text not null default 'active'::text
  halt_reason text
  halted_at timestamp with time zone
  lane_token uuid
  lane_holder text
  lane_expires_at timestamp with time zone
  created_at timestamp with time zone not null default adsapp_now()
  constraint app_secret_env_is_a_name CHECK ((app_secret_env ~ '^[A-Za-z_][A-Za-z0-9_]*$'::text))
  constraint cloud_sender_is_whole CHECK (((provider = 'log'::text) OR ((api_url IS NOT NULL) AND (phone_number_id IS NOT NULL) AND (num_nonnulls(token_env, token_file) = 1))))
  constraint halted_has_reason CHECK (((state = 'halted'::text) = (halt_reason IS NOT NULL)))
  constraint lane_is_whole CHECK (((lane_token IS NULL) = (lane_expires_at IS NULL)))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint phone_number_id_is_digits CHECK ((phone_number_id ~ '^[0-9]{1,32}$'::text))
  constraint provider_is_known CHECK ((provider = ANY (ARRAY['whatsapp-cloud'::text, 'log'::text])))
  constraint state_is_known CHECK ((state = ANY (ARRAY['active'::text, 'slowed'::text, 'halted'::text])))
  constraint throughput_is_sane CHECK (((throughput_per_second >= 1) AND (throughput_per_second <= 1000)))
  constraint token_env_is_a_name CHECK ((token_env ~ '^[A-Za-z_][A-Za-z0-9_]*$'::text))
  constraint waba_id_is_digits CHECK ((waba_id ~ '^[0-9]{1,32}$'::text))
  constraint senders_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint senders_portfolio_fkey FOREIGN KEY (organization_id, portfolio_id) REFERENCES portfolios(organization_id, id) ON DELETE RESTRICT
  constraint senders_pkey PRIMARY KEY (id, organization_id)
  constraint senders_name_key UNIQUE (organization_id, name)
  constraint senders_phone_number_id_key UNIQUE (organization_id, phone_number_id)
  CREATE UNIQUE INDEX senders_one_default ON public.senders USING btree (organization_id) WHERE is_default
  CREATE INDEX senders_phone_number_id_idx ON public.senders USING btree (phone_number_id)
  CREATE INDEX senders_portfolio_idx ON public.senders USING btree (portfolio_id)
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE ON public.senders FOR EACH ROW EXECUTE FUNCTION tg_audit()
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.senders FOR EACH ROW WHEN ((((((((((((old.state IS DISTINCT FROM new.state) OR (old.api_url IS DISTINCT FROM new.api_url)) OR (old.phone_number_id IS DISTINCT FROM new.phone_number_id)) OR (old.token_env IS DISTINCT FROM new.token_env)) OR (old.token_file IS DISTINCT FROM new.token_file)) OR (old.throughput_per_second IS DISTINCT FROM new.throughput_per_second)) OR (old.is_default IS DISTINCT FROM new.is_default)) OR (old.name IS DISTINCT FROM new.name)) OR (old.portfolio_id IS DISTINCT FROM new.portfolio_id)) OR (old.waba_id IS DISTINCT FROM new.waba_id)) OR (old.app_secret_env IS DISTINCT FROM new.app_secret_env))) EXECUTE FUNCTION tg_audit()
  policy "Users can access senders in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, portfolio_id, name, provider, api_url, phone_number_id, waba_id, token_env, token_file, app_secret_env, throughput_per_second, is_default) to adsapp_operator
  grant select to adsapp_operator
  grant update (portfolio_id, name, api_url, phone_number_id, waba_id, token_env, token_file, app_secret_env, throughput_per_second, is_default, state, halt_reason, halted_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on lane_expires_at: clock_timestamp(), not adsapp_now(): a lease is about processes

table public.tick_runs, row level security forced
  id uuid not null default gen_random_uuid()
  host text not null
  pid integer not null
  started_at timestamp with time zone not null default adsapp_now()
  finished_at timestamp with time zone
  counts jsonb not null default '{}'::jsonb
  error text
  constraint tick_runs_pkey PRIMARY KEY (id)
  CREATE INDEX tick_runs_started_idx ON public.tick_runs USING btree (started_at DESC)
  policy "Workers keep the heartbeat" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: one row a tick: a gap in the minutes is a cron that did not run. Not a tenant's table

table public.webhook_inbox, row level security forced
  id bigint not null generated always as identity
  organization_id uuid
  body text not null
  source text not null default 'external'::text
  received_at timestamp with time zone not null default adsapp_now()
  processed_at timestamp with time zone
  attempts smallint not null default 0
  next_attempt_at timestamp with time zone
  error text
  constraint webhook_inbox_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint webhook_inbox_pkey PRIMARY KEY (id)
  CREATE INDEX webhook_inbox_failed ON public.webhook_inbox USING btree (id) WHERE ((processed_at IS NULL) AND (error IS NOT NULL))
  CREATE INDEX webhook_inbox_organization_idx ON public.webhook_inbox USING btree (organization_id) WHERE (organization_id IS NOT NULL)
  CREATE INDEX webhook_inbox_waiting ON public.webhook_inbox USING btree (id) WHERE ((processed_at IS NULL) AND (error IS NULL))
  policy "Users can access webhook bodies in their org" as permissive for select to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert (body, source, received_at) to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: raw bodies as they came; the tick's inbox phase applies them. Anything may insert a body here
  comment on error: why the body could not be applied; it waits and blocks nothing
