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

type public.drip_step_plan
  id uuid
  organization_id uuid
  campaign_id uuid
  contact_id uuid
  settings jsonb
  home text
  timezone text
  hours jsonb
  step_id uuid
  step_order integer
  is_first boolean
  due timestamp with time zone
  gap_shift interval

type public.first_step
  id uuid
  due timestamp with time zone
  timezone text

type public.usage_delta
  organization_id uuid
  campaign_id uuid
  step_id uuid
  template_id uuid
  date date
  sent integer
  delivered integer
  read integer
  failed integer
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

function public.adsapp_address_hash(p_key bytea, p_address text)
  CREATE OR REPLACE FUNCTION public.adsapp_address_hash(p_key bytea, p_address text)
   RETURNS bytea
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select sha256(p_key || sha256(p_key || convert_to(p_address, 'UTF8')))
  $function$
  grant execute to public

function public.adsapp_answered(p_organization_id uuid, p_contact_id uuid, p_named text, p_at timestamp with time zone)
  CREATE OR REPLACE FUNCTION public.adsapp_answered(p_organization_id uuid, p_contact_id uuid, p_named text, p_at timestamp with time zone)
   RETURNS TABLE(id uuid, organization_id uuid, job_id uuid, log_id uuid, provider_message_id text, sent_at timestamp with time zone)
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select m.id, m.organization_id, m.bulk_message_job_id, m.drip_message_log_id, m.provider_message_id, m.sent_at
      from public.messages m
     where m.contact_id = p_contact_id and m.organization_id = p_organization_id and m.direction = 'outbound'
       and (m.provider_message_id = p_named
            or (coalesce(m.bulk_message_job_id, m.drip_message_log_id) is not null and m.status in ('sent', 'delivered', 'read')
                and m.sent_at < p_at + interval '1 second' and m.sent_at >= p_at - interval '7 days'))
     order by coalesce(m.provider_message_id = p_named, false) desc, m.sent_at desc, m.id limit 1
  $function$
  grant execute to public

function public.adsapp_asks(p_type text, p_consent text, p_payload jsonb)
  CREATE OR REPLACE FUNCTION public.adsapp_asks(p_type text, p_consent text, p_payload jsonb)
   RETURNS boolean
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select public.adsapp_is_reply(p_type) and p_consent is distinct from 'opt_out' and public.survey_answer(p_type, p_payload) is null
  $function$
  grant execute to public

function public.adsapp_body_of_person(p_body text, p_needles text[], p_without boolean)
  CREATE OR REPLACE FUNCTION public.adsapp_body_of_person(p_body text, p_needles text[], p_without boolean)
   RETURNS text
   LANGUAGE plpgsql
   IMMUTABLE
   SET search_path TO ''
  AS $function$
  declare
    needle constant text := '(?<![0-9A-Za-z])(' || array_to_string(p_needles, '|') || ')(?![0-9A-Za-z])';
    body jsonb;
  begin
    body := p_body::jsonb;
    body := jsonb_set(body, '{entry}', (
      select coalesce(jsonb_agg(jsonb_set(e.entry, '{changes}', (
               select coalesce(jsonb_agg(jsonb_set(c.change, '{value}', (
                        select jsonb_object_agg(v.key, case when jsonb_typeof(v.value) <> 'array' then v.value else (
                                 select coalesce(jsonb_agg(i.item order by i.n) filter (where (i.item::text ~ needle) <> p_without), '[]')
                                   from jsonb_array_elements(v.value) with ordinality as i(item, n)) end)
                          from jsonb_each(c.change -> 'value') v)) order by c.n), '[]')
                 from jsonb_array_elements(e.entry -> 'changes') with ordinality as c(change, n))) order by e.n), '[]')
        from jsonb_array_elements(body -> 'entry') with ordinality as e(entry, n)));
    return case when p_without and body::text ~ needle then '{}' else coalesce(body::text, '{}') end;
  exception when others then
    return '{}';
  end $function$
  grant execute to public

function public.adsapp_calling_code(p_phone text)
  CREATE OR REPLACE FUNCTION public.adsapp_calling_code(p_phone text)
   RETURNS text
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select coalesce(substring(p_phone from '^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])'), substring(p_phone from '^\+([0-9]{3})'))
  $function$
  grant execute to public

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

function public.adsapp_campaign_templates(c bulk_campaigns)
  CREATE OR REPLACE FUNCTION public.adsapp_campaign_templates(c bulk_campaigns)
   RETURNS TABLE(template text, language text)
   LANGUAGE sql
   STABLE
  AS $function$
    select m.message ->> 'template', m.message ->> 'language'
      from (select c.message where jsonb_array_length(c.variants) = 0
            union all select v -> 'message' from jsonb_array_elements(c.variants) v) m(message)
     where m.message ->> 'type' = 'template'
  $function$
  grant execute to public
  comment: of its message, or of its variants: then nobody gets the message

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
      when p_marketing and c.opted_out_at is not null then case when c.opt_out_source = 'preferences: erased before' then 'suppressed' else 'opted_out' end
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

function public.adsapp_count_drips(deltas campaign_delta[])
  CREATE OR REPLACE FUNCTION public.adsapp_count_drips(deltas campaign_delta[])
   RETURNS void
   LANGUAGE sql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
    with locked as materialized (
      select c.id from public.drip_campaigns c
       where c.id in (select d.campaign_id from unnest(deltas) d) order by c.id for no key update
    ), days as (
      insert into public.campaign_analytics as a (organization_id, campaign_id, campaign_type, date,
             messages_sent, messages_delivered, messages_read, messages_failed, replies_received, opt_outs)
      select d.organization_id, d.campaign_id, 'drip', d.date, d.sent, d.delivered, d.read, d.failed, d.replies, d.opt_outs
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
    update public.drip_campaigns c
       set messages_sent = c.messages_sent + s.sent,
           messages_delivered = c.messages_delivered + s.delivered, messages_read = c.messages_read + s.read,
           messages_failed = c.messages_failed + s.failed, messages_skipped = c.messages_skipped + s.skipped,
           replies_received = c.replies_received + s.replies, opt_outs = c.opt_outs + s.opt_outs
      from sums s join locked l on l.id = s.campaign_id
     where c.id = s.campaign_id
  $function$

function public.adsapp_count_people(p_campaign_ids uuid[], p_statuses text[], p_signs integer[])
  CREATE OR REPLACE FUNCTION public.adsapp_count_people(p_campaign_ids uuid[], p_statuses text[], p_signs integer[])
   RETURNS void
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    perform from public.drip_campaigns c where c.id = any (p_campaign_ids) order by c.id for no key update;
    update public.drip_campaigns c
       set enrollments_active = c.enrollments_active + d.active, enrollments_completed = c.enrollments_completed + d.completed,
           enrollments_dropped = c.enrollments_dropped + d.dropped, enrollments_opted_out = c.enrollments_opted_out + d.opted_out,
           total_enrolled = c.total_enrolled + d.everyone
      from (select w.campaign_id, sum(w.n)::integer as everyone,
                   coalesce(sum(w.n) filter (where w.status in ('active', 'paused')), 0)::integer as active,
                   coalesce(sum(w.n) filter (where w.status = 'completed'), 0)::integer as completed,
                   coalesce(sum(w.n) filter (where w.status = 'dropped'), 0)::integer as dropped,
                   coalesce(sum(w.n) filter (where w.status = 'opted_out'), 0)::integer as opted_out
              from unnest(p_campaign_ids, p_statuses, p_signs) as w(campaign_id, status, n)
             group by w.campaign_id) d
     where c.id = d.campaign_id;
  end $function$

function public.adsapp_count_steps(deltas usage_delta[])
  CREATE OR REPLACE FUNCTION public.adsapp_count_steps(deltas usage_delta[])
   RETURNS void
   LANGUAGE sql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
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
  $function$

function public.adsapp_count_templates(deltas usage_delta[], p_campaign_type text)
  CREATE OR REPLACE FUNCTION public.adsapp_count_templates(deltas usage_delta[], p_campaign_type text)
   RETURNS void
   LANGUAGE sql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
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
  $function$

function public.adsapp_country(p_phone text)
  CREATE OR REPLACE FUNCTION public.adsapp_country(p_phone text)
   RETURNS text
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select coalesce(public.adsapp_country_prefixes() ->> substr(p_phone, 2, 6), public.adsapp_country_prefixes() ->> substr(p_phone, 2, 5),
                    public.adsapp_country_prefixes() ->> substr(p_phone, 2, 4), public.adsapp_country_prefixes() ->> substr(p_phone, 2, 3),
                    public.adsapp_country_prefixes() ->> substr(p_phone, 2, 2), public.adsapp_country_prefixes() ->> substr(p_phone, 2, 1))
  $function$
  grant execute to public
  comment: the country of an E.164 phone (NL), by its longest known prefix; null: of none

function public.adsapp_country_prefixes()
  CREATE OR REPLACE FUNCTION public.adsapp_country_prefixes()
   RETURNS jsonb
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select '{
      "1":"US","7":"RU","20":"EG","27":"ZA","30":"GR","31":"NL","32":"BE","33":"FR","34":"ES","36":"HU","39":"IT","40":"RO","41":"CH","43":"AT",
      "44":"GB","45":"DK","46":"SE","47":"NO","48":"PL","49":"DE","51":"PE","52":"MX","53":"CU","54":"AR","55":"BR","56":"CL","57":"CO","58":"VE",
      "60":"MY","61":"AU","62":"ID","63":"PH","64":"NZ","65":"SG","66":"TH","81":"JP","82":"KR","84":"VN","86":"CN","90":"TR","91":"IN","92":"PK",
      "93":"AF","94":"LK","95":"MM","98":"IR","211":"SS","212":"MA","213":"DZ","216":"TN","218":"LY","220":"GM","221":"SN","222":"MR","223":"ML",
      "224":"GN","225":"CI","226":"BF","227":"NE","228":"TG","229":"BJ","230":"MU","231":"LR","232":"SL","233":"GH","234":"NG","235":"TD",
      "236":"CF","237":"CM","238":"CV","239":"ST","240":"GQ","241":"GA","242":"CG","243":"CD","244":"AO","245":"GW","246":"IO","247":"AC",
      "248":"SC","249":"SD","250":"RW","251":"ET","252":"SO","253":"DJ","254":"KE","255":"TZ","256":"UG","257":"BI","258":"MZ","260":"ZM",
      "261":"MG","262":"RE","263":"ZW","264":"NA","265":"MW","266":"LS","267":"BW","268":"SZ","269":"KM","290":"SH","291":"ER","297":"AW",
      "298":"FO","299":"GL","350":"GI","351":"PT","352":"LU","353":"IE","354":"IS","355":"AL","356":"MT","357":"CY","358":"FI","359":"BG",
      "370":"LT","371":"LV","372":"EE","373":"MD","374":"AM","375":"BY","376":"AD","377":"MC","378":"SM","380":"UA","381":"RS","382":"ME",
      "383":"XK","385":"HR","386":"SI","387":"BA","389":"MK","420":"CZ","421":"SK","423":"LI","500":"FK","501":"BZ","502":"GT","503":"SV",
      "504":"HN","505":"NI","506":"CR","507":"PA","508":"PM","509":"HT","590":"GP","591":"BO","592":"GY","593":"EC","594":"GF","595":"PY",
      "596":"MQ","597":"SR","598":"UY","599":"CW","670":"TL","672":"NF","673":"BN","674":"NR","675":"PG","676":"TO","677":"SB","678":"VU",
      "679":"FJ","680":"PW","681":"WF","682":"CK","683":"NU","685":"WS","686":"KI","687":"NC","688":"TV","689":"PF","690":"TK","691":"FM",
      "692":"MH","850":"KP","852":"HK","853":"MO","855":"KH","856":"LA","880":"BD","886":"TW","960":"MV","961":"LB","962":"JO","963":"SY",
      "964":"IQ","965":"KW","966":"SA","967":"YE","968":"OM","970":"PS","971":"AE","972":"IL","973":"BH","974":"QA","975":"BT","976":"MN",
      "977":"NP","992":"TJ","993":"TM","994":"AZ","995":"GE","996":"KG","998":"UZ","1136":"CA","1142":"CA","1143":"CA","1154":"CA","1165":"JM",
      "1167":"CA","1175":"CA","1204":"CA","1226":"CA","1236":"CA","1242":"BS","1246":"BB","1249":"CA","1250":"CA","1257":"CA","1263":"CA",
      "1264":"AI","1268":"AG","1273":"CA","1284":"VG","1289":"CA","1306":"CA","1340":"VI","1343":"CA","1345":"KY","1354":"CA","1365":"CA",
      "1367":"CA","1368":"CA","1382":"CA","1403":"CA","1416":"CA","1418":"CA","1428":"CA","1431":"CA","1437":"CA","1438":"CA","1441":"BM",
      "1450":"CA","1468":"CA","1473":"GD","1474":"CA","1506":"CA","1514":"CA","1519":"CA","1548":"CA","1579":"CA","1581":"CA","1584":"CA",
      "1587":"CA","1600":"CA","1604":"CA","1613":"CA","1622":"CA","1633":"CA","1639":"CA","1647":"CA","1649":"TC","1658":"JM","1664":"MS",
      "1670":"MP","1671":"GU","1672":"CA","1683":"CA","1684":"AS","1705":"CA","1709":"CA","1721":"SX","1742":"CA","1753":"CA","1758":"LC",
      "1767":"DM","1778":"CA","1780":"CA","1782":"CA","1784":"VC","1787":"PR","1807":"CA","1809":"DO","1819":"CA","1825":"CA","1829":"DO",
      "1849":"DO","1867":"CA","1868":"TT","1869":"KN","1873":"CA","1876":"JM","1879":"CA","1902":"CA","1905":"CA","1939":"PR","1942":"CA",
      "5993":"BQ","5994":"BQ","5997":"BQ","7700":"KZ","7701":"KZ","7702":"KZ","7705":"KZ","7706":"KZ","7707":"KZ","7708":"KZ","7710":"KZ",
      "7711":"KZ","7712":"KZ","7713":"KZ","7714":"KZ","7715":"KZ","7716":"KZ","7717":"KZ","7718":"KZ","7721":"KZ","7722":"KZ","7723":"KZ",
      "7724":"KZ","7725":"KZ","7726":"KZ","7727":"KZ","7728":"KZ","7747":"KZ","7751":"KZ","7760":"KZ","7761":"KZ","7762":"KZ","7763":"KZ",
      "7764":"KZ","7771":"KZ","7775":"KZ","7776":"KZ","7777":"KZ","7778":"KZ","7785":"KZ","7870":"KZ","7874":"KZ","7876":"KZ","44153":"JE",
      "44778":"GG","44779":"JE","44980":"GG","44981":"GG","262639":"YT","290899":"TA","358018":"AX","358181":"AX","358182":"AX","358183":"AX",
      "358184":"AX","358185":"AX","358186":"AX","358187":"AX","358188":"AX","599318":"BQ"
    }'::jsonb
  $function$
  grant execute to public

function public.adsapp_days(p_days jsonb)
  CREATE OR REPLACE FUNCTION public.adsapp_days(p_days jsonb)
   RETURNS interval
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select case when jsonb_typeof(p_days) = 'number' then make_interval(days => least(greatest((p_days)::numeric, 0), 36500)::integer) end
  $function$
  grant execute to public

function public.adsapp_direct_attempts()
  CREATE OR REPLACE FUNCTION public.adsapp_direct_attempts()
   RETURNS integer
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$ select 3 $function$
  grant execute to public

function public.adsapp_drip_statistics(enrolled integer, active integer, completed integer, dropped integer, opted_out integer, sent integer, delivered integer, read integer, failed integer, skipped integer, replies integer, opt_outs integer)
  CREATE OR REPLACE FUNCTION public.adsapp_drip_statistics(enrolled integer, active integer, completed integer, dropped integer, opted_out integer, sent integer, delivered integer, read integer, failed integer, skipped integer, replies integer, opt_outs integer)
   RETURNS jsonb
   LANGUAGE plpgsql
   IMMUTABLE PARALLEL SAFE
   SET search_path TO ''
  AS $function$
  begin -- plpgsql, not SQL: a generated column wants IMMUTABLE, and jsonb_build_object is only STABLE
    return jsonb_build_object(
      'totalEnrolled', enrolled, 'active', active, 'completed', completed, 'dropped', dropped, 'optedOut', opted_out,
      'messagesSent', sent, 'messagesDelivered', delivered, 'messagesRead', read, 'messagesFailed', failed, 'messagesSkipped', skipped,
      'repliesReceived', replies, 'optOuts', opt_outs,
      'completionRate', case when enrolled > 0 then round(100.0 * completed / enrolled, 2) else 0 end,
      'deliveryRate', case when sent > 0 then round(100.0 * delivered / sent, 2) else 0 end,
      'openRate', case when sent > 0 then round(100.0 * read / sent, 2) else 0 end,
      'replyRate', case when sent > 0 then round(100.0 * replies / sent, 2) else 0 end);
  end $function$
  grant execute to public

function public.adsapp_first_zone(p_organization_id uuid)
  CREATE OR REPLACE FUNCTION public.adsapp_first_zone(p_organization_id uuid)
   RETURNS text
   LANGUAGE sql
   STABLE
  AS $function$
    select z.timezone
      from (select distinct c.timezone from contacts c where c.organization_id = p_organization_id and c.timezone is not null and c.erased_at is null
            union select o.timezone from organizations o where o.id = p_organization_id) z
     order by adsapp_now() at time zone z.timezone desc, z.timezone limit 1
  $function$
  grant execute to public
  comment: the time zone of an organization's people where it is latest now

function public.adsapp_frozen_template(t message_templates)
  CREATE OR REPLACE FUNCTION public.adsapp_frozen_template(t message_templates)
   RETURNS jsonb
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select case when t.id is not null then jsonb_build_object('name', t.name, 'language', t.language, 'category', t.category,
                  'parameterFormat', t.parameter_format, 'components', t.components, 'variables', t.variables) end
  $function$
  grant execute to public

function public.adsapp_frozen_template_of(p_definition jsonb, p_variant text)
  CREATE OR REPLACE FUNCTION public.adsapp_frozen_template_of(p_definition jsonb, p_variant text)
   RETURNS jsonb
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select coalesce((select e -> 'template' from jsonb_array_elements(nullif(p_definition -> 'variants', 'null')) e where e ->> 'name' = p_variant limit 1),
                    p_definition -> 'template')
  $function$
  grant execute to public

function public.adsapp_is_day_within(p_date text, p_interval interval)
  CREATE OR REPLACE FUNCTION public.adsapp_is_day_within(p_date text, p_interval interval)
   RETURNS boolean
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select p_date ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' and left(p_date, 10) collate "C" between to_char(public.adsapp_now() - p_interval, 'YYYY-MM-DD') and to_char(public.adsapp_now(), 'YYYY-MM-DD')
  $function$
  grant execute to public

function public.adsapp_is_held(p_on_unknown text, p_attempts integer, p_max_attempts integer, p_dispatched_at timestamp with time zone)
  CREATE OR REPLACE FUNCTION public.adsapp_is_held(p_on_unknown text, p_attempts integer, p_max_attempts integer, p_dispatched_at timestamp with time zone)
   RETURNS boolean
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select coalesce(p_on_unknown, 'retry') = 'hold' or p_attempts >= p_max_attempts or p_dispatched_at <= adsapp_now() - interval '24 hours'
  $function$
  grant execute to public

function public.adsapp_is_of_people(p_body text)
  CREATE OR REPLACE FUNCTION public.adsapp_is_of_people(p_body text)
   RETURNS boolean
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select strpos(p_body, '"messages":[') > 0 or strpos(p_body, '"messages": [') > 0 or strpos(p_body, '"user_preferences":[') > 0 or strpos(p_body, '"user_preferences": [') > 0
  $function$
  grant execute to public
  comment: of a raw webhook body, unread: does it seem to hold what people wrote, or their preferences

function public.adsapp_is_reply(p_type text)
  CREATE OR REPLACE FUNCTION public.adsapp_is_reply(p_type text)
   RETURNS boolean
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select p_type not in ('reaction', 'system', 'unsupported', 'edit', 'revoke')
  $function$
  grant execute to public

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

function public.adsapp_may_write(p_organization_id uuid)
  CREATE OR REPLACE FUNCTION public.adsapp_may_write(p_organization_id uuid)
   RETURNS boolean
   LANGUAGE sql
   STABLE
   SET search_path TO 'public'
  AS $function$
    select pg_has_role(coalesce(nullif(current_setting('role'), 'none'), session_user), 'adsapp_worker', 'USAGE')
        or (p_organization_id = adsapp_organization_id() and adsapp_profile_role() <> 'viewer')
  $function$
  grant execute to public

function public.adsapp_meets(p_contact contacts, p_condition jsonb, p_since timestamp with time zone)
  CREATE OR REPLACE FUNCTION public.adsapp_meets(p_contact contacts, p_condition jsonb, p_since timestamp with time zone)
   RETURNS boolean
   LANGUAGE plpgsql
   STABLE
   SET search_path TO ''
  AS $function$
  declare
    part jsonb;
    value jsonb := p_condition -> 'value';
    held text;
    named text;
    since timestamptz;
  begin
    if jsonb_typeof(p_condition) is distinct from 'object' or jsonb_typeof(coalesce(p_condition -> 'all', p_condition -> 'any', '[]')) <> 'array' then
      return false;
    elsif p_condition ? 'all' then
      for part in select jsonb_array_elements(p_condition -> 'all') loop
        if not public.adsapp_meets(p_contact, part, p_since) then return false; end if;
      end loop;
      return true;
    elsif p_condition ? 'any' then
      for part in select jsonb_array_elements(p_condition -> 'any') loop
        if public.adsapp_meets(p_contact, part, p_since) then return true; end if;
      end loop;
      return false;
    elsif p_condition ? 'not' then
      return not public.adsapp_meets(p_contact, p_condition -> 'not', p_since);
    elsif p_condition ? 'tag' then
      return exists (select from public.contact_tags t where t.contact_id = p_contact.id and t.organization_id = p_contact.organization_id and t.tag = p_condition ->> 'tag');
    elsif p_condition ? 'list' then
      return exists (select from public.contact_list_members m join public.contact_lists l on l.id = m.list_id and l.organization_id = m.organization_id
                      where m.contact_id = p_contact.id and m.organization_id = p_contact.organization_id and l.name = p_condition ->> 'list')
             or exists (select from public.contact_lists l where l.organization_id = p_contact.organization_id and l.name = p_condition ->> 'list'
                           and l.filter is not null and public.adsapp_meets(p_contact, l.filter, null));
    elsif p_condition ?| '{received,opened,replied}' then
      named := coalesce(p_condition ->> 'received', p_condition ->> 'opened', p_condition ->> 'replied');
      since := public.adsapp_now() - case when p_condition ? 'within_days' then public.adsapp_days(p_condition -> 'within_days') else interval '1000 years' end;
      return exists (select from public.bulk_message_jobs j join public.bulk_campaigns b on b.id = j.campaign_id and b.organization_id = j.organization_id
                      where j.contact_id = p_contact.id and j.organization_id = p_contact.organization_id and b.name = named
                        and case when p_condition ? 'received' then j.sent_at when p_condition ? 'opened' then j.read_at else j.replied_at end >= since)
             or exists (select from public.drip_message_logs l join public.drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
                         where l.contact_id = p_contact.id and l.organization_id = p_contact.organization_id and d.name = named
                           and case when p_condition ? 'received' then l.sent_at when p_condition ? 'opened' then l.read_at else l.replied_at end >= since);
    elsif p_condition ? 'event' then
      return exists (select from public.contact_events e
                      where e.contact_id = p_contact.id and e.organization_id = p_contact.organization_id and e.type in ('custom_event', 'api')
                        and e.name = p_condition ->> 'event' and e.occurred_at >= coalesce(p_since, '-infinity')
                        and e.occurred_at >= public.adsapp_now() - case when p_condition ? 'within_days' then public.adsapp_days(p_condition -> 'within_days')
                                                                        else interval '1000 years' end);
    elsif p_condition ? 'replied_within_days' then
      return coalesce(p_contact.last_inbound_at >= public.adsapp_now() - public.adsapp_days(p_condition -> 'replied_within_days'), false);
    elsif p_condition ? 'field' then
      held := case when p_condition ->> 'field' like 'attributes.%' then p_contact.attributes ->> substr(p_condition ->> 'field', 12)
                   when p_condition ->> 'field' = 'country' then public.adsapp_country(p_contact.phone)
                   else to_jsonb(p_contact) ->> (p_condition ->> 'field') end;
      return coalesce(case p_condition ->> 'op'
        when 'eq' then held = value #>> '{}'
        when 'ne' then held is distinct from value #>> '{}'
        when 'in' then value ? held
        when 'contains' then position(lower(value #>> '{}') in lower(held)) > 0
        when 'exists' then (held is not null) = (value is distinct from 'false')
        when 'gt' then case when jsonb_typeof(value) = 'number' then held ~ '^-?[0-9]+(\.[0-9]+)?$' and held::numeric > (value)::numeric else held > (value #>> '{}') collate "C" end
        when 'gte' then case when jsonb_typeof(value) = 'number' then held ~ '^-?[0-9]+(\.[0-9]+)?$' and held::numeric >= (value)::numeric else held >= (value #>> '{}') collate "C" end
        when 'lt' then case when jsonb_typeof(value) = 'number' then held ~ '^-?[0-9]+(\.[0-9]+)?$' and held::numeric < (value)::numeric else held < (value #>> '{}') collate "C" end
        when 'lte' then case when jsonb_typeof(value) = 'number' then held ~ '^-?[0-9]+(\.[0-9]+)?$' and held::numeric <= (value)::numeric else held <= (value #>> '{}') collate "C" end
        when 'within_days' then case when p_condition ->> 'field' ~ '^[a-z_]+_at$' then held::timestamptz >= public.adsapp_now() - public.adsapp_days(value)
                                 when p_condition ->> 'field' like 'attributes.%' then public.adsapp_is_day_within(held, public.adsapp_days(value)) end
        end, false);
    end if;
    return false;
  end $function$
  grant execute to public

function public.adsapp_meets_any(p_contact contacts, p_conditions jsonb, p_since timestamp with time zone)
  CREATE OR REPLACE FUNCTION public.adsapp_meets_any(p_contact contacts, p_conditions jsonb, p_since timestamp with time zone)
   RETURNS boolean
   LANGUAGE sql
   STABLE
   SET search_path TO 'public'
  AS $function$
    select exists (select from jsonb_array_elements(p_conditions) c where adsapp_meets(p_contact, c, p_since))
  $function$
  grant execute to public

function public.adsapp_merge_attributes(p_known jsonb, p_said jsonb)
  CREATE OR REPLACE FUNCTION public.adsapp_merge_attributes(p_known jsonb, p_said jsonb)
   RETURNS jsonb
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select case when p_known @> p_said then p_known
                when jsonb_path_exists(p_known, '$.* ? (@.type() != "string")') then adsapp_merge_typed_attributes(p_known, p_said)
                else p_known || p_said end
  $function$
  grant execute to public

function public.adsapp_merge_typed_attributes(p_known jsonb, p_said jsonb)
  CREATE OR REPLACE FUNCTION public.adsapp_merge_typed_attributes(p_known jsonb, p_said jsonb)
   RETURNS jsonb
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select p_known || (select coalesce(jsonb_object_agg(s.key, s.value), '{}') from jsonb_each(p_said) s
                        where jsonb_typeof(s.value) <> 'string' or p_known ->> s.key is distinct from s.value #>> '{}')
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

function public.adsapp_ordered_id()
  CREATE OR REPLACE FUNCTION public.adsapp_ordered_id()
   RETURNS uuid
   LANGUAGE sql
   PARALLEL SAFE
  AS $function$
    select (lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, 16))::uuid
  $function$
  grant execute to public
  comment: a UUID of version 7 (RFC 9562); nothing reads its time, so it is no clock's that --now moves

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

function public.adsapp_rate_factor(s senders)
  CREATE OR REPLACE FUNCTION public.adsapp_rate_factor(s senders)
   RETURNS double precision
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select case when s.state <> 'slowed' or s.full_rate_at <= adsapp_now() then 1
                else s.rate_factor + (1 - s.rate_factor) * extract(epoch from adsapp_now() - s.slowed_at) / nullif(extract(epoch from s.full_rate_at - s.slowed_at), 0) end::double precision
  $function$
  grant execute to public

function public.adsapp_scrub_messages(p_organization_id uuid, p_contact_ids uuid[])
  CREATE OR REPLACE FUNCTION public.adsapp_scrub_messages(p_organization_id uuid, p_contact_ids uuid[])
   RETURNS integer
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    scrubbed integer;
  begin
    update public.messages m
       set body = null, payload = null, error = null,
           provider_message_id = case when n.is_old then 'erased:' || m.id else m.provider_message_id end
      from (select k.id, k.provider_message_id like 'preference:%' or (k.provider_message_id not like 'erased:%' and k.created_at < public.adsapp_now() - interval '30 days') as is_old,
                   k.organization_id
              from public.messages k where k.contact_id = any (p_contact_ids) and k.organization_id = p_organization_id) n
     where m.id = n.id and m.organization_id = n.organization_id and m.contact_id = any (p_contact_ids)
       and (n.is_old or num_nonnulls(m.body, m.payload, m.error) > 0);
    get diagnostics scrubbed = row_count;
    update public.contact_events e set data = '{}', event_id = null
     where e.contact_id = any (p_contact_ids) and e.organization_id = p_organization_id and (e.data <> '{}' or e.event_id is not null);
    return scrubbed;
  end $function$
  grant execute to adsapp_worker

function public.adsapp_share(p_campaign_id uuid, p_contact_id uuid, p_salt text)
  CREATE OR REPLACE FUNCTION public.adsapp_share(p_campaign_id uuid, p_contact_id uuid, p_salt text)
   RETURNS double precision
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select ('x' || left(md5(p_salt || p_campaign_id::text || p_contact_id::text), 13))::bit(52)::bigint / 4503599627370496.0::double precision
  $function$
  grant execute to public
  comment: where a contact lies in a campaign: the same whenever it is asked, even between contacts

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

function public.adsapp_suppressed(p_organization_id uuid, p_addresses text[])
  CREATE OR REPLACE FUNCTION public.adsapp_suppressed(p_organization_id uuid, p_addresses text[])
   RETURNS SETOF text
   LANGUAGE plpgsql
   STABLE SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    secret bytea;
  begin
    if not exists (select from public.suppressions s where s.organization_id = p_organization_id) then
      return;
    end if;
    select k.key into secret from public.suppression_keys k where k.organization_id = p_organization_id;
    return query
      select a.address from unnest(p_addresses) as a(address)
        join public.suppressions s on s.organization_id = p_organization_id and s.address_hash = public.adsapp_address_hash(secret, a.address);
  end $function$
  grant execute to adsapp_worker

function public.adsapp_suppressed_here(p_addresses text[])
  CREATE OR REPLACE FUNCTION public.adsapp_suppressed_here(p_addresses text[])
   RETURNS SETOF text
   LANGUAGE sql
   STABLE SECURITY DEFINER
   SET search_path TO ''
  AS $function$
    select public.adsapp_suppressed(public.adsapp_organization_id(), p_addresses)
  $function$
  grant execute to adsapp_operator

function public.adsapp_tags_in(p_condition jsonb)
  CREATE OR REPLACE FUNCTION public.adsapp_tags_in(p_condition jsonb)
   RETURNS SETOF text
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select t #>> '{}' from jsonb_path_query(p_condition, '$.**.tag') t where jsonb_typeof(t) = 'string'
  $function$
  grant execute to public

function public.adsapp_template_fault(c bulk_campaigns)
  CREATE OR REPLACE FUNCTION public.adsapp_template_fault(c bulk_campaigns)
   RETURNS text
   LANGUAGE sql
   STABLE
  AS $function$
    select format('template "%s" (%s) is %s: Meta sends only APPROVED ones', t.name, t.language, t.status)
      from adsapp_campaign_templates(c) u
      join message_templates t on t.organization_id = c.organization_id and t.name = u.template and t.language = u.language and t.status <> 'APPROVED'
      join senders s on s.id = c.sender_id and s.organization_id = c.organization_id and s.provider = 'whatsapp-cloud'
     order by t.name, t.language limit 1
  $function$
  grant execute to public
  comment: why a campaign must not begin; null: its templates are sent

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

function public.adsapp_without_person(p_value jsonb, p_addresses text[], p_id uuid)
  CREATE OR REPLACE FUNCTION public.adsapp_without_person(p_value jsonb, p_addresses text[], p_id uuid)
   RETURNS jsonb
   LANGUAGE plpgsql
   IMMUTABLE PARALLEL SAFE
  AS $function$
  declare
    said text := p_value::text;
    address text;
  begin
    foreach address in array p_addresses loop
      said := replace(said, to_jsonb(address)::text, to_jsonb(p_id)::text);
    end loop;
    return said::jsonb;
  end $function$
  grant execute to public

function public.agent_day_metrics(agents uuid[], dates date[])
  CREATE OR REPLACE FUNCTION public.agent_day_metrics(agents uuid[], dates date[])
   RETURNS TABLE(organization_id uuid, agent_id uuid, date date, conversations_handled integer, messages_sent integer, avg_first_response_time numeric, avg_response_time numeric, avg_resolution_time numeric, online_time integer, customer_satisfaction_score numeric, business_first_response_time numeric, business_response_time numeric, business_resolution_time numeric)
   LANGUAGE sql
   STABLE
   SET search_path TO 'public'
  AS $function$
    with days as materialized (
      select p.organization_id, d.agent_id, d.date, o.timezone, o.business_hours as hours,
             (d.date::timestamp at time zone o.timezone) - interval '1 day' as after, ((d.date + 1)::timestamp at time zone o.timezone) + interval '1 day' as before
        from (select distinct g.agent_id, g.date from unnest(agent_day_metrics.agents, agent_day_metrics.dates) as g(agent_id, date)) d
       cross join lateral (select p.organization_id from profiles p where p.id = d.agent_id limit 1) p
       cross join lateral (select o.timezone, o.business_hours from organizations o where o.id = p.organization_id limit 1) o
    ), written as (
      select d.organization_id, d.agent_id, d.date, m.conversation_id, m.sent_at, b.answered_at is null as is_first, case when m.status <> 'failed' then q.asked_at end as asked_at,
             m.created_at, d.hours, d.timezone
        from days d
       cross join lateral (select m.id, m.conversation_id, m.created_at, m.sent_at, m.status from messages m
                            where m.agent_id = d.agent_id and m.direction = 'outbound' and m.created_at > d.after and m.created_at < d.before) m
       cross join lateral (select max(e.created_at) as answered_at from messages e
                            where e.conversation_id = m.conversation_id and e.agent_id is not null and e.status <> 'failed' and (e.created_at, e.id) < (m.created_at, m.id)) b
       cross join lateral (select min(i.received_at) as asked_at from messages i
                            where i.conversation_id = m.conversation_id and i.direction = 'inbound'
                              and i.received_at > coalesce(b.answered_at, '-infinity') and i.received_at <= m.created_at) q
       where (m.created_at at time zone d.timezone)::date = d.date
    ), closed as (
      select d.organization_id, d.agent_id, d.date, c.id as conversation_id, c.opened_at, c.resolved_at, d.hours, d.timezone
        from days d
       cross join lateral (select c.id, c.opened_at, c.resolved_at from conversations c
                            where c.assigned_agent_id = d.agent_id and c.resolved_at > d.after and c.resolved_at < d.before) c
       where (c.resolved_at at time zone d.timezone)::date = d.date
    ), facts as (
      select w.organization_id, w.agent_id, w.date, 'message' as kind, w.conversation_id, (w.sent_at is not null)::int::numeric as value, null::numeric as business from written w
      union all
      select w.organization_id, w.agent_id, w.date, k.kind, w.conversation_id, extract(epoch from w.created_at - w.asked_at), business_seconds(w.asked_at, w.created_at, w.hours, w.timezone)
        from written w cross join lateral (select 'answer' as kind union all select 'first' where w.is_first) k where w.asked_at is not null
      union all
      select c.organization_id, c.agent_id, c.date, 'closed', c.conversation_id, extract(epoch from c.resolved_at - c.opened_at), business_seconds(c.opened_at, c.resolved_at, c.hours, c.timezone) from closed c
      union all
      select d.organization_id, d.agent_id, d.date, 'rated', null, r.score, null
        from days d
       cross join lateral (select r.score, r.rated_at, r.conversation_id from satisfaction_ratings r
                            where r.organization_id = d.organization_id and r.rated_at > d.after and r.rated_at < d.before) r
        join conversations c on c.id = r.conversation_id and c.organization_id = d.organization_id and c.assigned_agent_id = d.agent_id
       where (r.rated_at at time zone d.timezone)::date = d.date
      union all
      select d.organization_id, d.agent_id, d.date, 'online', null,
             extract(epoch from least(s.offline_at, (d.date + 1)::timestamp at time zone d.timezone) - greatest(s.online_at, d.date::timestamp at time zone d.timezone)), null
        from days d join agent_sessions s on s.agent_id = d.agent_id and s.organization_id = d.organization_id
       where s.offline_at > d.date::timestamp at time zone d.timezone and s.online_at < (d.date + 1)::timestamp at time zone d.timezone
    )
    select f.organization_id, f.agent_id, f.date, count(distinct f.conversation_id)::int, coalesce(sum(f.value) filter (where f.kind = 'message'), 0)::int,
           round(avg(f.value) filter (where f.kind = 'first'), 3), round(avg(f.value) filter (where f.kind = 'answer'), 3), round(avg(f.value) filter (where f.kind = 'closed'), 3),
           coalesce(round(sum(f.value) filter (where f.kind = 'online')), 0)::int, round(avg(f.value) filter (where f.kind = 'rated'), 3),
           round(avg(f.business) filter (where f.kind = 'first'), 3), round(avg(f.business) filter (where f.kind = 'answer'), 3), round(avg(f.business) filter (where f.kind = 'closed'), 3)
      from facts f group by f.organization_id, f.agent_id, f.date
  $function$
  grant execute to public

function public.attribute_conversations(firsts uuid[])
  CREATE OR REPLACE FUNCTION public.attribute_conversations(firsts uuid[])
   RETURNS void
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    perform public.make_fallback_sources(array(select distinct m.organization_id from public.messages m where m.id = any (firsts)));
    with found as materialized (
      select m.conversation_id, m.organization_id, coalesce(
               (select s.id from public.source_codes(m.body) with ordinality as w(code, n)
                  join public.channel_sources s on s.organization_id = m.organization_id and s.code = w.code order by w.n limit 1),
               (select s.id from public.channel_sources s
                 where r.source_id is not null and s.organization_id = m.organization_id and s.config -> 'adIds' ? r.source_id order by s.created_at limit 1),
               (select s.id from public.channel_sources s
                 where s.organization_id = m.organization_id and s.type = 'campaign'
                   and ((t.campaign_id is not null and s.config ->> 'campaignId' = t.campaign_id::text)
                        or (s.is_fallback and (t.campaign_id is not null or r.source_id is not null)))
                 order by s.is_fallback, s.created_at limit 1),
               (select s.id from public.channel_sources s where s.organization_id = m.organization_id and s.type = 'direct' and s.is_fallback)) as source_id
        from unnest(firsts) as f(id)
       cross join lateral (select * from public.messages m where m.id = f.id offset 0) m
       cross join lateral (select m.payload #>> '{referral,source_id}' as source_id) r
        left join lateral (
          select coalesce(j.campaign_id, l.campaign_id) as campaign_id
            from public.adsapp_answered(m.organization_id, m.contact_id, m.payload #>> '{context,id}', m.received_at) o
            left join public.bulk_message_jobs j on j.id = o.job_id and j.organization_id = o.organization_id
            left join public.drip_message_logs l on l.id = o.log_id and l.organization_id = o.organization_id) t on true
    )
    update public.conversations c set channel_source_id = f.source_id
      from found f where c.id = f.conversation_id and c.organization_id = f.organization_id and c.channel_source_id is distinct from f.source_id and f.source_id is not null;
  end $function$
  grant execute to adsapp_worker

function public.business_seconds(p_from timestamp with time zone, p_to timestamp with time zone, p_hours jsonb, p_timezone text)
  CREATE OR REPLACE FUNCTION public.business_seconds(p_from timestamp with time zone, p_to timestamp with time zone, p_hours jsonb, p_timezone text)
   RETURNS numeric
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select case when p_to <= p_from then 0
                when public.business_weekdays(p_hours) is null then extract(epoch from p_to - p_from)
                else (select coalesce(sum(extract(epoch from upper(r) - lower(r))), 0)
                        from (select unnest(range_agg(tstzrange(o.opens, o.closes) * tstzrange(p_from, p_to))) as r
                                from (select (d.day + (w.value ->> 0)::time) at time zone p_timezone as opens,
                                             (d.day + (w.value ->> 1)::time + case when (w.value ->> 1)::time <= (w.value ->> 0)::time then interval '1 day' else interval '0' end)
                                               at time zone p_timezone as closes
                                        from (select (p_from at time zone p_timezone)::date - 1 + n as day
                                                from generate_series(0, (p_to at time zone p_timezone)::date - (p_from at time zone p_timezone)::date + 1) n) d
                                       cross join lateral jsonb_array_elements(p_hours -> (array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'])[extract(dow from d.day)::integer + 1]) w
                                       where not coalesce(p_hours -> 'holidays', '[]') ? d.day::text) o
                               where o.opens < o.closes) x) end
  $function$
  grant execute to public

function public.business_weekdays(p_hours jsonb)
  CREATE OR REPLACE FUNCTION public.business_weekdays(p_hours jsonb)
   RETURNS boolean[]
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select case when true = any (w.open) then w.open end
      from (select array_agg(jsonb_array_length(coalesce(p_hours -> d.day, '[]')) > 0 order by d.n) as open
              from unnest(array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']) with ordinality d(day, n)) w
  $function$
  grant execute to public

function public.enroll_in_drips(p_organization_id uuid, p_campaign_ids uuid[], p_contact_ids uuid[], p_enrolled_by uuid)
  CREATE OR REPLACE FUNCTION public.enroll_in_drips(p_organization_id uuid, p_campaign_ids uuid[], p_contact_ids uuid[], p_enrolled_by uuid)
   RETURNS TABLE(campaign_id uuid, contact_id uuid, enrollment_id uuid, reason text)
   LANGUAGE sql
   SET search_path TO 'public'
  AS $function$
    with wanted as materialized (
      select distinct w.campaign_id, w.contact_id from unnest(p_campaign_ids, p_contact_ids) as w(campaign_id, contact_id)
    ), judged as materialized (
      select d.id as campaign_id, w.contact_id, d.current_version, coalesce(p.entries, 0) as entries,
             case when d.status <> 'active' then 'not_active'
                  else coalesce(adsapp_contact_gate(k.contact, not coalesce((d.settings ->> 'transactional')::boolean, false), coalesce((d.settings ->> 'requireOptIn')::boolean, false)),
                         case when p.open then 'already_enrolled'
                              when p.entries is null then null
                              when d.settings ->> 'reentry' = 'after_completion' then case when p.last_status <> 'completed' then 'was_enrolled' end
                              when jsonb_typeof(d.settings #> '{reentry,after_days}') = 'number'
                                   then case when p.last_ended_at > adsapp_now() - adsapp_days(d.settings #> '{reentry,after_days}') then 'too_soon' end
                              else 'was_enrolled' end) end as reason
        from wanted w
        join drip_campaigns d on d.id = w.campaign_id and d.organization_id = p_organization_id
       cross join lateral (select c as contact from contacts c where c.id = w.contact_id and c.organization_id = p_organization_id limit 1) k
        left join lateral (select max(e.entry_no) as entries, bool_or(e.ended_at is null) as open, max(e.ended_at) as last_ended_at,
                                  (array_agg(e.status order by e.entry_no desc))[1] as last_status
                             from drip_enrollments e where e.campaign_id = d.id and e.contact_id = w.contact_id and e.organization_id = p_organization_id) p on true
    ), entered as (
      insert into drip_enrollments (organization_id, campaign_id, contact_id, version, entry_no, enrolled_by)
      select p_organization_id, j.campaign_id, j.contact_id, j.current_version, j.entries + 1, p_enrolled_by
        from judged j where j.reason is null order by j.campaign_id, j.contact_id
      on conflict do nothing
      returning id, campaign_id, contact_id
    )
    select b.campaign_id, b.contact_id, (array_agg(b.id) filter (where b.id is not null))[1],
           case when count(b.id) = 0 then coalesce(max(b.reason), 'already_enrolled') end
      from (select j.campaign_id, j.contact_id, null::uuid as id, j.reason from judged j
            union all select e.campaign_id, e.contact_id, e.id, null from entered e) b -- united, not joined: the planner takes both for one row
     group by b.campaign_id, b.contact_id
  $function$
  grant execute to adsapp_operator
  grant execute to adsapp_worker

function public.erase_contact(p_contact_id uuid)
  CREATE OR REPLACE FUNCTION public.erase_contact(p_contact_id uuid)
   RETURNS jsonb
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    home constant uuid := public.adsapp_organization_id();
    who public.contacts;
    family uuid[];
    needles text[];
    messages integer;
    bodies integer;
  begin
    if public.adsapp_profile_role() is distinct from 'admin' then
      raise exception 'only an admin erases a contact' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('adsapp import ' || home::text, 0)); -- an import that runs ends before, or sees the hash
    select c.* into who from public.contacts c where c.id = p_contact_id and c.organization_id = home for update;
    if who.id is null then
      return null;
    end if;
    family := array(with recursive f(id) as (
                      select who.id union select c.id from f join public.contacts c on c.merged_into = f.id and c.organization_id = home
                    ) select f.id from f); -- with the rows that were merged into this one, and keep what could not move
    insert into public.suppression_keys (organization_id) values (home) on conflict do nothing;
    insert into public.suppressions (organization_id, address_hash)
    select distinct home, public.adsapp_address_hash(k.key, a.address)
      from public.suppression_keys k cross join unnest(array[who.phone, who.bsuid, '+' || ltrim(who.wa_id, '+')]) as a(address)
     where k.organization_id = home and a.address is not null
    on conflict do nothing;
    needles := array(select distinct regexp_replace(a.address, '([^A-Za-z0-9])', '\\\1', 'g')
                       from unnest(array[ltrim(who.phone, '+'), who.bsuid, ltrim(who.wa_id, '+')]) as a(address) where a.address <> '');

    delete from public.contact_tags t where t.contact_id = any (family) and t.organization_id = home;
    delete from public.contact_list_members l where l.contact_id = any (family) and l.organization_id = home;
    delete from public.contact_import_changes i where i.contact_id = any (family) and i.organization_id = home
      and i.import_id in (select b.id from public.contact_imports b where b.organization_id = home); -- its key begins with the import
    update public.contacts c
       set phone = null, bsuid = null, wa_id = null, first_name = null, last_name = null, email = null, language = null, timezone = null, attributes = '{}',
           opt_in_source = null, opt_out_source = null, erased_at = coalesce(c.erased_at, public.adsapp_now()), updated_at = public.adsapp_now(),
           merged_into = case when c.id <> who.id then who.id else c.merged_into end
     where c.id = any (family) and c.organization_id = home;
    update public.messages m set status = 'failed', failed_at = public.adsapp_now(), error_code = 'erased'
     where m.contact_id = any (family) and m.organization_id = home and m.direction = 'outbound' and m.status = 'pending'; -- waits in the direct queue
    messages := public.adsapp_scrub_messages(home, family);
    update public.bulk_message_jobs j set error = null where j.contact_id = any (family) and j.organization_id = home and j.error is not null;
    update public.drip_message_logs g set error = null where g.contact_id = any (family) and g.organization_id = home and g.error is not null;
    update public.satisfaction_ratings r set comment = null from public.conversations v
     where v.id = r.conversation_id and v.organization_id = r.organization_id and v.contact_id = any (family) and v.organization_id = home and r.comment is not null;
    update public.audit_log l set details = l.details - 'opt_in_source' - 'opt_out_source'
     where l.organization_id = home and l.subject_type = 'contacts' and l.subject_id = any (family) and l.details ?| array['opt_in_source', 'opt_out_source'];
    update public.webhook_inbox w set body = public.adsapp_body_of_person(w.body, needles, true)
     where needles <> '{}' and w.body ~ ('(?<![0-9A-Za-z])(' || array_to_string(needles, '|') || ')(?![0-9A-Za-z])')
       and (w.organization_id = home
            or (w.organization_id is null and exists (select from public.senders s where s.organization_id = home and position(s.phone_number_id in w.body) > 0)));
    get diagnostics bodies = row_count;
    return jsonb_build_object('messages', messages, 'webhook_bodies', bodies, 'erased_at', coalesce(who.erased_at, public.adsapp_now()));
  end $function$
  grant execute to adsapp_operator

function public.hold_drip_steps(log_ids uuid[])
  CREATE OR REPLACE FUNCTION public.hold_drip_steps(log_ids uuid[])
   RETURNS void
   LANGUAGE sql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
    update public.drip_message_logs l
       set status = case when e.ended_at is null then l.status else 'skipped' end,
           skip_reason = case when e.ended_at is not null then coalesce(e.exit_reason, e.status) end,
           next_attempt_at = null
      from public.drip_enrollments e
     where l.id = any (log_ids) and l.status = 'pending' and e.id = l.enrollment_id and e.organization_id = l.organization_id and e.status <> 'active'
  $function$

function public.is_business_day(p_day date, p_weekdays boolean[], p_holidays jsonb)
  CREATE OR REPLACE FUNCTION public.is_business_day(p_day date, p_weekdays boolean[], p_holidays jsonb)
   RETURNS boolean
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select coalesce(p_weekdays[extract(dow from p_day)::integer + 1], true) and not p_holidays ? p_day::text
  $function$
  grant execute to public

function public.lock_drip_enrollments(enrollment_ids uuid[])
  CREATE OR REPLACE FUNCTION public.lock_drip_enrollments(enrollment_ids uuid[])
   RETURNS void
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    perform from (select distinct w.id from unnest(enrollment_ids) w(id) order by w.id) w
     cross join lateral (select from public.drip_enrollments e where e.id = w.id for no key update) e;
  end $function$

function public.make_fallback_sources(organizations uuid[])
  CREATE OR REPLACE FUNCTION public.make_fallback_sources(organizations uuid[])
   RETURNS void
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    insert into public.channel_sources (organization_id, type, name, is_fallback)
    select o.id, t.type, case when exists (select from public.channel_sources s where s.organization_id = o.id and s.name = t.name)
                              then t.name || ' ' || left(gen_random_uuid()::text, 8) else t.name end, true
      from unnest(organizations) as o(id) cross join (values ('direct', 'Direct'), ('campaign', 'Campaigns')) as t(type, name)
     where not exists (select from public.channel_sources s where s.organization_id = o.id and s.type = t.type and s.is_fallback)
     order by o.id, t.type
    on conflict do nothing;
  end $function$

function public.mark_agent_days(conversations uuid[], agents uuid[], since timestamp with time zone[])
  CREATE OR REPLACE FUNCTION public.mark_agent_days(conversations uuid[], agents uuid[], since timestamp with time zone[])
   RETURNS void
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    insert into public.agent_days_due as d (organization_id, agent_id, date)
    select distinct k.organization_id, w.agent_id, t.day
      from unnest(mark_agent_days.conversations, mark_agent_days.agents, mark_agent_days.since) as g(conversation_id, agent_id, since)
     cross join lateral (select c.* from public.conversations c where c.id = g.conversation_id offset 0) k
      join public.organizations o on o.id = k.organization_id
     cross join lateral (select k.assigned_agent_id as agent_id union select g.agent_id
                         union select m.agent_id from public.messages m where m.conversation_id = k.id and m.agent_id is not null) w
     cross join lateral (select (x.at at time zone o.timezone)::date as day
                           from (select m.created_at as at from public.messages m where m.conversation_id = k.id and m.agent_id is not null
                                 union all select k.resolved_at
                                 union all select r.rated_at from public.satisfaction_ratings r where r.conversation_id = k.id and r.organization_id = k.organization_id) x) t
     where w.agent_id is not null and t.day >= coalesce((g.since at time zone o.timezone)::date, '-infinity')
       and exists (select from public.profiles p where p.id = w.agent_id and p.organization_id = k.organization_id)
     order by 2, 3
    on conflict (agent_id, date, organization_id) do update set marked_at = excluded.marked_at;
  end $function$

function public.move_drip_enrollments(p_campaign_id uuid, p_organization_id uuid, OUT moved integer, OUT replanned integer, OUT completed integer)
  CREATE OR REPLACE FUNCTION public.move_drip_enrollments(p_campaign_id uuid, p_organization_id uuid, OUT moved integer, OUT replanned integer, OUT completed integer)
   RETURNS record
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    people uuid[];
    again uuid[];
    gaps interval[];
  begin
    people := array(select e.id from public.drip_enrollments e
                      join public.drip_campaigns c on c.id = e.campaign_id and c.organization_id = e.organization_id
                     where e.campaign_id = p_campaign_id and e.organization_id = p_organization_id and e.ended_at is null and e.version <> c.current_version
                     order by e.id for no key update of e);
    update public.drip_enrollments e set version = c.current_version
      from public.drip_campaigns c
     where c.id = e.campaign_id and c.organization_id = e.organization_id and e.id = any (people) and e.organization_id = p_organization_id;
    with waiting as materialized (
      select l.id, e.id as enrollment_id, e.status, e.next_message_at, n.id as step_id,
             case when n.id is not null and l.attempts = 0 and (n.delay_type, n.delay_value, n.send_at) is distinct from (o.delay_type, o.delay_value, o.send_at)
                  then greatest(t.due, coalesce(e.paused_at, c.paused_at, public.adsapp_now())) end as due -- a pause stopped the clock
        from public.drip_message_logs l
        join public.drip_enrollments e on e.id = l.enrollment_id and e.organization_id = l.organization_id
        join public.drip_campaigns c on c.id = l.campaign_id and c.organization_id = l.organization_id
        join public.organizations g on g.id = l.organization_id
        join public.contacts k on k.id = l.contact_id and k.organization_id = l.organization_id
        join public.drip_campaign_steps o on o.id = l.step_id and o.organization_id = l.organization_id
        left join public.drip_campaign_steps n on n.campaign_id = l.campaign_id and n.organization_id = l.organization_id
                                              and n.version = e.version and n.step_order = l.step_order
        left join lateral (select b.* from public.drip_message_logs b
                            where b.enrollment_id = l.enrollment_id and b.organization_id = l.organization_id and b.step_order < l.step_order
                            order by b.step_order desc limit 1) b on true
        left join lateral public.next_step_time(coalesce(b.sent_at, case when b.status = 'unknown' then b.dispatched_at end, l.created_at),
                                                coalesce(b.gap_shift, '0'), n.delay_type, n.delay_value, n.send_at, coalesce(k.timezone, g.timezone)) t on n.id is not null
       where l.enrollment_id = any (people) and l.organization_id = p_organization_id and l.status = 'pending'
    ), changed as (
      update public.drip_message_logs l
         set step_id = coalesce(w.step_id, l.step_id), status = case when w.step_id is null then 'skipped' else l.status end,
             skip_reason = case when w.step_id is null then 'step_removed' end, next_attempt_at = case when w.step_id is not null then l.next_attempt_at end
        from waiting w where l.id = w.id and l.organization_id = p_organization_id and l.status = 'pending' -- not claimed meanwhile
    ), paused as ( -- their resume adds the gap, the hours and the days with room
      update public.drip_enrollments e set next_message_at = w.due
        from waiting w where e.id = w.enrollment_id and e.organization_id = p_organization_id and w.status = 'paused' and w.due is not null
    )
    select array_agg(w.enrollment_id) filter (where w.status = 'active'), array_agg(w.due - w.next_message_at) filter (where w.status = 'active'), count(*)
      into again, gaps, replanned
      from waiting w where w.due is not null and w.next_message_at is not null;
    if again is not null then
      perform public.shift_drip_steps(again, gaps);
    end if;
    perform public.plan_drip_steps(people);
    moved := cardinality(people);
    completed := (select count(*) from public.drip_enrollments e where e.id = any (people) and e.organization_id = p_organization_id and e.status = 'completed');
  end $function$
  grant execute to adsapp_worker
  comment: drip update --migrate-active

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

function public.next_drip_steps(enrollment_ids uuid[])
  CREATE OR REPLACE FUNCTION public.next_drip_steps(enrollment_ids uuid[])
   RETURNS SETOF drip_step_plan
   LANGUAGE sql
   STABLE
   SET search_path TO 'public'
  AS $function$
    with wanted as materialized (
      select e.* from (select distinct w.id from unnest(enrollment_ids) w(id)) w
       cross join lateral (select * from drip_enrollments e where e.id = w.id offset 0) e
       where e.status = 'active'
    )
    select e.id, e.organization_id, e.campaign_id, e.contact_id, c.settings, o.timezone, z.timezone, h.hours, s.id, s.step_order, e.current_step_order = 0,
           b.at, case when b.at = t.due then t.gap_shift else interval '0' end
      from wanted e
      cross join lateral (select c.settings from drip_campaigns c
                           where c.id = e.campaign_id and c.organization_id = e.organization_id and c.status in ('active', 'paused') limit 1) c
      cross join lateral (select o.timezone, o.business_hours from organizations o where o.id = e.organization_id limit 1) o
      cross join lateral (select k.timezone from contacts k where k.id = e.contact_id and k.organization_id = e.organization_id limit 1) k
      cross join lateral (select coalesce(k.timezone, o.timezone) as timezone) z
      cross join lateral (select case when (c.settings ->> 'respectBusinessHours')::boolean then o.business_hours end as hours) h
      left join lateral (select l.* from drip_message_logs l where l.enrollment_id = e.id and l.organization_id = e.organization_id
                          order by l.step_order desc limit 1) l on true
      left join lateral (select s.* from drip_campaign_steps s
                          where s.campaign_id = e.campaign_id and s.version = e.version and s.organization_id = e.organization_id
                            and s.step_order > e.current_step_order
                          order by s.step_order limit 1) s on true
      left join lateral next_step_time(coalesce(l.sent_at, case when l.status = 'unknown' then l.dispatched_at end, adsapp_now()),
                                       coalesce(l.gap_shift, '0'), s.delay_type, s.delay_value, s.send_at, z.timezone) t on s.id is not null
      left join lateral (select case when h.hours is null then t.due else coalesce(next_business_time(t.due, h.hours, z.timezone), t.due) end as at) b on s.id is not null
      left join lateral (select x.id from drip_message_logs x
                          where x.enrollment_id = e.id and x.organization_id = e.organization_id
                            and (x.status in ('pending', 'dispatching')
                                 or (x.status = 'unknown' and not adsapp_is_held(c.settings ->> 'onUnknown', x.attempts, x.max_attempts, x.dispatched_at))) limit 1) x on true
     where x.id is null
  $function$

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

function public.next_step_hour(p_at timestamp with time zone, p_send_at time without time zone, p_hours jsonb, p_timezone text)
  CREATE OR REPLACE FUNCTION public.next_step_hour(p_at timestamp with time zone, p_send_at time without time zone, p_hours jsonb, p_timezone text)
   RETURNS timestamp with time zone
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select case when p_hours is null then s.at else coalesce(public.next_business_time(s.at, p_hours, p_timezone), s.at) end
      from (select case when p_send_at is null then p_at
                        when (l.day + p_send_at) at time zone p_timezone >= p_at then (l.day + p_send_at) at time zone p_timezone
                        else (l.day + 1 + p_send_at) at time zone p_timezone end as at
              from (select (p_at at time zone p_timezone)::date as day) l) s
  $function$
  grant execute to public

function public.next_step_time(p_from timestamp with time zone, p_gap_shift interval, p_delay_type text, p_delay_value integer, p_send_at time without time zone, p_timezone text)
  CREATE OR REPLACE FUNCTION public.next_step_time(p_from timestamp with time zone, p_gap_shift interval, p_delay_type text, p_delay_value integer, p_send_at time without time zone, p_timezone text)
   RETURNS TABLE(due timestamp with time zone, gap_shift interval)
   LANGUAGE sql
   STABLE PARALLEL SAFE
  AS $function$
    select coalesce(w.wished at time zone p_timezone, w.exact), coalesce((w.wished at time zone p_timezone) at time zone p_timezone - w.wished, interval '0')
      from (select b.exact, case
              when p_send_at is null then b.local
              when (b.day + p_send_at) at time zone p_timezone >= b.earliest then b.day + p_send_at
              else b.day + 1 + p_send_at end as wished
              from (select a.exact, a.local, coalesce(a.exact, p_from) as earliest, coalesce(a.local, a.exact at time zone p_timezone)::date as day
                      from (select case p_delay_type when 'minutes' then p_from + make_interval(mins => p_delay_value)
                                                     when 'hours' then p_from + make_interval(hours => p_delay_value) end as exact,
                                   case p_delay_type when 'days' then l.local + make_interval(days => p_delay_value)
                                                     when 'weeks' then l.local + make_interval(weeks => p_delay_value) end as local
                              from (select case when (m.wished at time zone p_timezone) at time zone p_timezone <> m.wished then m.wished
                                                else p_from at time zone p_timezone end as local
                                      from (select p_from at time zone p_timezone - p_gap_shift as wished) m) l) a) b) w
  $function$
  grant execute to public

function public.place_first_steps(p_campaign_id uuid, p_organization_id uuid, p_per_day integer, p_timezone text, p_hours jsonb, steps first_step[])
  CREATE OR REPLACE FUNCTION public.place_first_steps(p_campaign_id uuid, p_organization_id uuid, p_per_day integer, p_timezone text, p_hours jsonb, steps first_step[])
   RETURNS first_step[]
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  declare
    weekdays constant boolean[] := public.business_weekdays(p_hours);
    holidays constant jsonb := coalesce(p_hours -> 'holidays', '[]');
    open public.first_step[] := steps;
    moved public.first_step[];
    placed public.first_step[] := '{}';
  begin
    while cardinality(open) > 0 loop
      with everyone as materialized (
        select o.*, (o.due at time zone p_timezone)::date as day from unnest(open) o
      ), closed as materialized (
        select c.day, p_per_day - coalesce((select f.planned from public.drip_first_steps f
                                             where f.campaign_id = p_campaign_id and f.organization_id = p_organization_id and f.date = c.day), 0) as room
          from (select distinct e.day from everyone e) c where not public.is_business_day(c.day, weekdays, holidays)
      ), judged as materialized (
        select e.*, row_number() over (partition by e.day order by e.due, e.id) <= (select c.room from closed c where c.day = e.day) is true as fits from everyone e
      ), wanted as materialized (
        select j.id, j.due, j.timezone, j.day, row_number() over (order by j.day, j.due, j.id) - 1 as n from judged j where not j.fits
      ), reach as (
        select min(w.day) as first, max(w.day) - min(w.day) + 2 + (count(*) + coalesce((select sum(f.planned) from public.drip_first_steps f
                 where f.campaign_id = p_campaign_id and f.organization_id = p_organization_id and f.date >= min(w.day)), 0)) / p_per_day as days
          from wanted w
      ), horizon as ( -- closed days give no room: look far enough for the open ones among them
        select r.first, case when p_hours is null then r.days else r.days * 7 + 400 end as days from reach r
      ), days as materialized (
        select d.day, d.room, sum(d.room) over (order by d.day) - d.room as slots_before
          from (select r.first + g.n as day,
                       case when public.is_business_day(r.first + g.n, weekdays, holidays) then greatest(0, p_per_day - coalesce(f.planned, 0)) else 0 end as room
                  from horizon r cross join lateral generate_series(0, r.days::integer) as g(n)
                  left join public.drip_first_steps f on f.campaign_id = p_campaign_id and f.organization_id = p_organization_id and f.date = r.first + g.n) d
      ), dayed as ( -- how many slots are before the day of each step
        select u.*, max(u.slots_before) over (order by u.day, u.n nulls first) as passed
          from (select w.*, null::bigint as slots_before from wanted w
                union all select null, null, null, d.day, null, d.slots_before from days d) u
      ), slotted as (
        select d.id, d.due, d.timezone, d.day, d.n + max(d.passed - d.n) over (order by d.n) as slot from dayed d where d.n is not null
      ), dated as (
        select u.*, max(u.with_room) over (order by u.slot, u.id nulls first) as to_day
          from (select s.*, null::date as with_room from slotted s
                union all select null, null, null, null, d.slots_before, d.day from days d where d.room > 0) u
      ), shifted as (
        select t.id, t.due, t.timezone, t.day, t.to_day, case when t.to_day = t.day then t.due else (
                 select min(m.at) from (select ((t.due at time zone t.timezone) + make_interval(days => t.to_day - t.day + k)) at time zone t.timezone as at
                                          from generate_series(-1, 2) as k) m
                  where (m.at at time zone p_timezone)::date >= t.to_day) end as at
          from dated t where t.id is not null
      ), timed as (
        select s.id, s.timezone, s.to_day,
               case when p_hours is null or s.to_day = s.day then s.at
                    when (b.at at time zone p_timezone)::date > s.to_day and (b.opening at time zone p_timezone)::date = s.to_day then b.opening
                    else coalesce(b.at, s.at) end as due
          from shifted s
          left join lateral (select public.next_business_time(s.at, p_hours, s.timezone) as at,
                                    public.next_business_time(s.to_day::timestamp at time zone p_timezone, p_hours, s.timezone) as opening
                              where p_hours is not null and s.to_day <> s.day) b on true -- a day that closes before its time of day: at its opening
        union all select j.id, j.timezone, j.day, j.due from judged j where j.fits
      )
      select coalesce(array_agg(row(t.id, t.due, t.timezone)::public.first_step) filter (where (t.due at time zone p_timezone)::date = t.to_day), '{}'),
             coalesce(array_agg(row(t.id, t.due, t.timezone)::public.first_step) filter (where (t.due at time zone p_timezone)::date <> t.to_day), '{}')
        into moved, open from timed t;
      insert into public.drip_first_steps as f (organization_id, campaign_id, date, planned)
      select p_organization_id, p_campaign_id, (m.due at time zone p_timezone)::date, count(*) from unnest(moved) m group by 3
      on conflict (campaign_id, date, organization_id) do update set planned = f.planned + excluded.planned;
      placed := placed || moved;
    end loop;
    return placed;
  end $function$

function public.plan_drip_steps(enrollment_ids uuid[])
  CREATE OR REPLACE FUNCTION public.plan_drip_steps(enrollment_ids uuid[])
   RETURNS integer
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    steps public.drip_step_plan[];
    firsts public.first_step[] := '{}';
    capped record;
    n integer;
  begin
    perform from public.drip_campaigns c
      where c.settings ? 'maxContactsPerDay'
        and c.id in (select e.campaign_id from unnest(enrollment_ids) w(id)
                      cross join lateral (select e.campaign_id, e.current_step_order from public.drip_enrollments e where e.id = w.id offset 0) e
                      where e.current_step_order = 0)
      order by c.id for no key update;
    perform public.lock_drip_enrollments(enrollment_ids);
    steps := array(select row(f.*)::public.drip_step_plan from public.next_drip_steps(enrollment_ids) f);
    for capped in -- one turn a drip with a cap, whatever the number of people
      select f.campaign_id, f.organization_id, f.home, f.hours, (f.settings ->> 'maxContactsPerDay')::integer as per_day,
             array_agg(row(f.id, f.due, f.timezone)::public.first_step) as people
        from unnest(steps) f
       where f.is_first and f.step_id is not null and f.settings ? 'maxContactsPerDay'
       group by f.campaign_id, f.organization_id, f.home, f.hours, f.settings
       order by f.campaign_id
    loop
      firsts := firsts || public.place_first_steps(capped.campaign_id, capped.organization_id, capped.per_day, capped.home, capped.hours, capped.people);
    end loop;
    with plan as materialized (
      select f.*, coalesce(b.due, f.due) as at, case when coalesce(b.due, f.due) = f.due then f.gap_shift else interval '0' end as shift
        from public.united(steps, firsts) b cross join lateral (select (b.step).*) f
    ), logs as (
      insert into public.drip_message_logs (organization_id, enrollment_id, campaign_id, contact_id, step_id, step_order, scheduled_for, gap_shift, next_attempt_at, max_attempts)
      select p.organization_id, p.id, p.campaign_id, p.contact_id, p.step_id, p.step_order, p.at, p.shift, p.at, coalesce((p.settings ->> 'maxAttempts')::smallint, 3)
        from plan p where p.step_id is not null
      on conflict (enrollment_id, step_order, organization_id) do nothing
    )
    update public.drip_enrollments e
       set current_step_order = coalesce(p.step_order, e.current_step_order), next_message_at = p.at,
           status = case when p.step_id is null then 'completed' else e.status end
      from plan p
     where e.id = p.id and e.organization_id = p.organization_id;
    get diagnostics n = row_count;
    return n;
  end $function$
  grant execute to adsapp_worker

function public.reply_in_conversation(p_conversation_id uuid, p_text text)
  CREATE OR REPLACE FUNCTION public.reply_in_conversation(p_conversation_id uuid, p_text text)
   RETURNS uuid
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    written uuid;
  begin
    if btrim(coalesce(p_text, ''), E' \t\n\r') = '' or length(p_text) > 4096 then
      raise exception 'a reply has 1 to 4096 characters' using errcode = 'check_violation';
    end if;
    written := public.write_in_conversation(p_conversation_id, auth.uid(), 'text', p_text,
      jsonb_build_object('type', 'text', 'text', jsonb_build_object('body', p_text)));
    update public.conversations c
       set first_response_at = coalesce(c.first_response_at, public.adsapp_now()), waiting_since = null,
           assigned_agent_id = coalesce(c.assigned_agent_id, auth.uid())
     where c.id = p_conversation_id and c.organization_id = public.adsapp_organization_id();
    return written;
  end $function$
  grant execute to adsapp_operator

function public.schedule_next_drip_message(enrollment_id uuid)
  CREATE OR REPLACE FUNCTION public.schedule_next_drip_message(enrollment_id uuid)
   RETURNS timestamp with time zone
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    due timestamptz;
  begin
    perform public.adsapp_may_write('00000000-0000-0000-0000-000000000000');
    if not exists (select from public.drip_enrollments e where e.id = enrollment_id and public.adsapp_may_write(e.organization_id)) then
      raise no_data_found using message = 'no such enrollment';
    end if;
    perform public.schedule_next_drip_messages(array[enrollment_id]);
    select e.next_message_at into due from public.drip_enrollments e where e.id = enrollment_id;
    return due;
  end $function$
  grant execute to adsapp_operator
  grant execute to adsapp_worker
  comment: plans the next step of an enrollment; returns when it is due, null when there is none

function public.schedule_next_drip_messages(enrollment_ids uuid[])
  CREATE OR REPLACE FUNCTION public.schedule_next_drip_messages(enrollment_ids uuid[])
   RETURNS integer
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    mine constant uuid[] := array(select e.id from unnest(enrollment_ids) w(id)
                                    cross join lateral (select e.id, e.organization_id from public.drip_enrollments e where e.id = w.id offset 0) e
                                    where public.adsapp_may_write(e.organization_id));
    closed integer;
  begin
    perform public.lock_drip_enrollments(mine);
    update public.drip_message_logs l
       set status = 'sent', sent_at = public.adsapp_now(), dispatched_at = public.adsapp_now(), attempts = greatest(l.attempts, 1), next_attempt_at = null,
           counted_on = (public.adsapp_now() at time zone o.timezone)::date
      from public.organizations o, public.drip_enrollments e
     where o.id = l.organization_id and l.enrollment_id = any (mine) and l.status = 'pending' and l.scheduled_for <= public.adsapp_now()
       and e.id = l.enrollment_id and e.organization_id = l.organization_id and e.status = 'active';
    get diagnostics closed = row_count; -- what follows on these is planned by trigger
    return closed + public.plan_drip_steps(mine);
  end $function$
  grant execute to adsapp_operator
  grant execute to adsapp_worker

function public.shift_drip_steps(enrollment_ids uuid[], gaps interval[])
  CREATE OR REPLACE FUNCTION public.shift_drip_steps(enrollment_ids uuid[], gaps interval[])
   RETURNS void
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    steps public.drip_step_plan[];
    firsts public.first_step[] := '{}';
    capped record;
  begin
    steps := array(
      select row(e.id, e.organization_id, e.campaign_id, e.contact_id, c.settings, o.timezone, z.timezone, h.hours,
                 l.step_id, l.step_order, l.step_order = f.step_order, public.next_step_hour(e.next_message_at + g.gap, s.send_at, h.hours, z.timezone),
                 interval '0')::public.drip_step_plan
        from unnest(enrollment_ids, gaps) g(id, gap)
        cross join lateral (select e.* from public.drip_enrollments e where e.id = g.id offset 0) e -- by its key alone, not by what waits
        cross join lateral (select c.settings from public.drip_campaigns c where c.id = e.campaign_id and c.organization_id = e.organization_id limit 1) c
        cross join lateral (select o.timezone, o.business_hours from public.organizations o where o.id = e.organization_id limit 1) o
        cross join lateral (select k.timezone from public.contacts k where k.id = e.contact_id and k.organization_id = e.organization_id limit 1) k
        cross join lateral (select l.* from public.drip_message_logs l
                             where l.enrollment_id = e.id and l.organization_id = e.organization_id and l.status = 'pending' limit 1) l
        cross join lateral (select s.send_at from public.drip_campaign_steps s where s.id = l.step_id and s.organization_id = l.organization_id limit 1) s
        cross join lateral (select coalesce(k.timezone, o.timezone) as timezone) z
        cross join lateral (select case when (c.settings ->> 'respectBusinessHours')::boolean then o.business_hours end as hours) h
        cross join lateral (select x.* from public.drip_message_logs x where x.enrollment_id = e.id and x.organization_id = e.organization_id
                             order by x.step_order limit 1) f
       where e.status = 'active' and e.next_message_at is not null);
    for capped in
      select s.campaign_id, s.organization_id, s.home, s.hours, (s.settings ->> 'maxContactsPerDay')::integer as per_day,
             array_agg(row(s.id, s.due, s.timezone)::public.first_step) as people, array_agg(s.id) as ids
        from unnest(steps) s where s.is_first and s.settings ? 'maxContactsPerDay'
       group by s.campaign_id, s.organization_id, s.home, s.hours, s.settings order by s.campaign_id
    loop
      perform from public.drip_campaigns c where c.id = capped.campaign_id for no key update;
      update public.drip_first_steps f set planned = f.planned - g.n -- their old days are free again
        from (select (l.scheduled_for at time zone capped.home)::date as date, count(*) as n
                from public.drip_message_logs l where l.enrollment_id = any (capped.ids) and l.status = 'pending' group by 1) g
       where f.campaign_id = capped.campaign_id and f.organization_id = capped.organization_id and f.date = g.date;
      firsts := firsts || public.place_first_steps(capped.campaign_id, capped.organization_id, capped.per_day, capped.home, capped.hours, capped.people);
    end loop;
    update public.drip_enrollments e
       set next_message_at = coalesce(b.due, (b.step).due)
      from public.united(steps, firsts) b
     where e.id = (b.step).id and e.organization_id = (b.step).organization_id;
  end $function$

function public.source_codes(p_text text)
  CREATE OR REPLACE FUNCTION public.source_codes(p_text text)
   RETURNS SETOF text
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select upper(m[1]) from regexp_matches(p_text, '\mref\M[\s:.#=-]*([a-z0-9]{3,16})\M', 'gi') m
  $function$
  grant execute to public

function public.survey_answer(p_type text, p_payload jsonb)
  CREATE OR REPLACE FUNCTION public.survey_answer(p_type text, p_payload jsonb)
   RETURNS text
   LANGUAGE sql
   IMMUTABLE PARALLEL SAFE
  AS $function$
    select case when p_type = 'interactive' then
      substring(coalesce(p_payload #>> '{interactive,list_reply,id}', p_payload #>> '{interactive,button_reply,id}') from '^RATE:(.*)$') end
  $function$
  grant execute to public

function public.survey_conversation(p_conversation_id uuid, p_text text, p_button text)
  CREATE OR REPLACE FUNCTION public.survey_conversation(p_conversation_id uuid, p_text text, p_button text)
   RETURNS uuid
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    if btrim(coalesce(p_text, '')) = '' or length(p_text) > 1024 or btrim(coalesce(p_button, '')) = '' or length(p_button) > 20 then
      raise exception 'a survey''s text has 1 to 1024 characters, its button 1 to 20' using errcode = 'check_violation';
    end if;
    return public.write_in_conversation(p_conversation_id, null, 'interactive', p_text, jsonb_build_object('type', 'interactive', 'interactive',
      jsonb_build_object('type', 'list', 'body', jsonb_build_object('text', p_text), 'action', jsonb_build_object('button', p_button, 'sections', jsonb_build_array(
        jsonb_build_object('rows', (select jsonb_agg(jsonb_build_object('id', format('RATE:%s:%s', p_conversation_id, n), 'title', format('%s %s', n, repeat('★', n))) order by n desc)
                                      from generate_series(1, 5) n)))))));
  end $function$
  grant execute to adsapp_operator

function public.tg_agent_sessions__agent_days()
  CREATE OR REPLACE FUNCTION public.tg_agent_sessions__agent_days()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    insert into public.agent_days_due as d (organization_id, agent_id, date)
    select distinct a.organization_id, a.agent_id, (a.online_at at time zone o.timezone)::date + n
      from added a join public.organizations o on o.id = a.organization_id
     cross join lateral generate_series(0, (a.offline_at at time zone o.timezone)::date - (a.online_at at time zone o.timezone)::date) n
     order by 2, 3
    on conflict (agent_id, date, organization_id) do update set marked_at = excluded.marked_at;
    return null;
  end $function$

function public.tg_agent_sessions__end()
  CREATE OR REPLACE FUNCTION public.tg_agent_sessions__end()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.offline_at := case when old.offline_at is null then public.adsapp_now() else old.offline_at end;
    return new;
  end $function$
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
    details jsonb := jsonb_strip_nulls(jsonb_build_object('name', coalesce(subject ->> 'name', subject ->> 'email', subject ->> 'file_name')));
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

function public.tg_bulk_campaigns__next_occurrence()
  CREATE OR REPLACE FUNCTION public.tg_bulk_campaigns__next_occurrence()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.last_completed_at := public.adsapp_now();
    if new.next_occurrence_at is not null then
      new.status := 'scheduled';
      new.scheduled_at := new.next_occurrence_at;
      new.completed_at := null;
      new.next_occurrence_at := null;
    end if;
    return new;
  end $function$
  grant execute to public

function public.tg_bulk_campaigns__running_since()
  CREATE OR REPLACE FUNCTION public.tg_bulk_campaigns__running_since()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.running_since := public.adsapp_now();
    return new;
  end $function$
  grant execute to public

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

function public.tg_bulk_message_jobs__count_templates()
  CREATE OR REPLACE FUNCTION public.tg_bulk_message_jobs__count_templates()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
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

function public.tg_contact_events__audit()
  CREATE OR REPLACE FUNCTION public.tg_contact_events__audit()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    insert into public.audit_log (organization_id, actor, action, subject_type, details)
    select a.organization_id, auth.uid(), 'insert', tg_table_name,
           jsonb_build_object('name', a.name, 'events', count(*))
      from added a where a.type in ('custom_event', 'api') -- the others follow from what has its entry
     group by a.organization_id, a.name order by a.name;
    return null;
  end $function$

function public.tg_contact_events__organization()
  CREATE OR REPLACE FUNCTION public.tg_contact_events__organization()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select c.organization_id into new.organization_id from public.contacts c where c.id = new.contact_id;
    return new;
  end $function$
  grant execute to public

function public.tg_contact_imports__forget()
  CREATE OR REPLACE FUNCTION public.tg_contact_imports__forget()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    delete from public.contact_import_changes w using gone g where w.import_id = g.id and w.organization_id = g.organization_id;
    return null;
  end $function$

function public.tg_contact_list_members__audit()
  CREATE OR REPLACE FUNCTION public.tg_contact_list_members__audit()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    insert into public.audit_log (organization_id, actor, action, subject_type, subject_id, details)
    select c.organization_id, auth.uid(), lower(tg_op), tg_table_name, c.list_id,
           jsonb_build_object('contacts', count(*))
      from changed c where c.import_id is null or tg_op = 'DELETE'
     group by c.organization_id, c.list_id order by c.list_id;
    return null;
  end $function$

function public.tg_contact_tags__audit()
  CREATE OR REPLACE FUNCTION public.tg_contact_tags__audit()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    insert into public.audit_log (organization_id, actor, action, subject_type, details)
    select c.organization_id, auth.uid(), lower(tg_op), tg_table_name,
           jsonb_build_object('tag', c.tag, 'contacts', count(*))
      from changed c where c.import_id is null or tg_op = 'DELETE'
     group by c.organization_id, c.tag order by c.tag;
    return null;
  end $function$

function public.tg_contact_tags__event()
  CREATE OR REPLACE FUNCTION public.tg_contact_tags__event()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    if to_regclass('public.drip_campaigns') is null then
      return null;
    end if;
    with listening as materialized (
      select d.organization_id, d.trigger_config ->> 'tag' as tag from public.drip_campaigns d where d.status = 'active' and d.trigger_type = 'tag_added'
      union select r.organization_id, r.trigger_config ->> 'tag' from public.automation_rules r where r.enabled and r.trigger_type = 'tag_added'
      union select d.organization_id, t from public.drip_campaigns d cross join lateral public.adsapp_tags_in(d.exit_when) t where d.status = 'active'
    )
    insert into public.contact_events (organization_id, contact_id, type, name)
    select a.organization_id, a.contact_id, 'tag_added', a.tag
      from added a
      join listening l on l.organization_id = a.organization_id and l.tag = a.tag
     order by a.contact_id, a.tag;
    return null;
  end $function$

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

function public.tg_contacts__event()
  CREATE OR REPLACE FUNCTION public.tg_contacts__event()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    listening uuid[];
  begin
    if to_regclass('public.drip_campaigns') is null then
      return null;
    end if;
    listening := array(select d.organization_id from public.drip_campaigns d where d.status = 'active' and d.trigger_type = 'contact_created'
                       union select r.organization_id from public.automation_rules r where r.enabled and r.trigger_type = 'contact_created');
    if listening <> '{}' then
      insert into public.contact_events (organization_id, contact_id, type)
      select a.organization_id, a.id, 'contact_created' from added a where a.organization_id = any (listening) order by a.id;
    end if;
    return null;
  end $function$

function public.tg_contacts__forget()
  CREATE OR REPLACE FUNCTION public.tg_contacts__forget()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    home constant uuid := new.organization_id;
    names constant text[] := array_remove(array[old.phone, '+' || ltrim(old.wa_id, '+'), ltrim(old.wa_id, '+'), old.bsuid, old.email], null);
  begin
    update public.bulk_campaigns c set target_audience = public.adsapp_without_person(c.target_audience, names, new.id)
     where c.organization_id = home and c.target_audience <> public.adsapp_without_person(c.target_audience, names, new.id);
    update public.campaign_runs r set definition = public.adsapp_without_person(r.definition, names, new.id)
     where r.organization_id = home and r.definition <> public.adsapp_without_person(r.definition, names, new.id);
    update public.contact_lists l set filter = public.adsapp_without_person(l.filter, names, new.id)
     where l.organization_id = home and l.filter <> public.adsapp_without_person(l.filter, names, new.id);
    update public.automation_rules u set conditions = public.adsapp_without_person(u.conditions, names, new.id)
     where u.organization_id = home and u.conditions <> public.adsapp_without_person(u.conditions, names, new.id);
    update public.drip_campaigns d set exit_when = public.adsapp_without_person(d.exit_when, names, new.id)
     where d.organization_id = home and d.exit_when <> public.adsapp_without_person(d.exit_when, names, new.id);
    update public.drip_campaign_steps s set conditions = public.adsapp_without_person(s.conditions, names, new.id)
     where s.organization_id = home and s.conditions <> public.adsapp_without_person(s.conditions, names, new.id);
    update public.audit_log l set details = public.adsapp_without_person(l.details, names, new.id)
     where l.organization_id = home and l.subject_type in ('bulk_campaigns', 'contact_lists', 'automation_rules', 'drip_campaigns')
       and l.details <> public.adsapp_without_person(l.details, names, new.id);
    return null;
  end $function$

function public.tg_contacts__leave_drips()
  CREATE OR REPLACE FUNCTION public.tg_contacts__leave_drips()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    open uuid[];
  begin
    if to_regclass('public.drip_enrollments') is null
       or not exists (select from added a where coalesce(a.opted_out_at, a.blocked_at, a.erased_at, a.undeliverable_at) is not null) then
      return null;
    end if;
    open := array(select e.id from public.drip_enrollments e
                   where e.contact_id in (select a.id from added a where coalesce(a.opted_out_at, a.blocked_at, a.erased_at, a.undeliverable_at) is not null)
                     and e.ended_at is null);
    if open = '{}' then
      return null;
    end if;
    perform from public.drip_campaigns c
      where c.id in (select e.campaign_id from public.drip_enrollments e where e.id = any (open)) order by c.id for no key update;
    perform from public.drip_enrollments e where e.id = any (open) order by e.id for no key update;
    update public.drip_enrollments e
       set status = case when g.reason = 'opted_out' then 'opted_out' else 'dropped' end, exit_reason = g.reason
      from public.drip_enrollments m
      join public.contacts a on a.id = m.contact_id and a.organization_id = m.organization_id
      join public.drip_campaigns c on c.id = m.campaign_id and c.organization_id = m.organization_id
      cross join lateral (select case when a.erased_at is not null then 'erased' when a.blocked_at is not null then 'blocked'
                                      when a.undeliverable_at is not null and a.undeliverable_at >= m.enrolled_at then 'undeliverable'
                                      when a.opted_out_at is not null and not coalesce((c.settings ->> 'transactional')::boolean, false) then 'opted_out' end as reason) g
     where m.id = any (open) and e.id = m.id and e.organization_id = m.organization_id and g.reason is not null;
    return null;
  end $function$

function public.tg_contacts__suppressed()
  CREATE OR REPLACE FUNCTION public.tg_contacts__suppressed()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    if not exists (select from public.suppressions) then
      return null;
    end if;
    update public.contacts c
       set opted_out_at = public.adsapp_now(), opt_out_source = 'preferences: erased before'
      from (select o.organization_id, x.address
              from (select a.organization_id, array_agg(a.phone) filter (where a.phone is not null) || array_agg(a.bsuid) filter (where a.bsuid is not null) as addresses
                      from added a group by a.organization_id) o
             cross join lateral public.adsapp_suppressed(o.organization_id, o.addresses) as x(address)) s
     where c.organization_id = s.organization_id and (c.phone = s.address or c.bsuid = s.address) and c.opted_out_at is null;
    return null;
  end $function$

function public.tg_conversations__agent_days()
  CREATE OR REPLACE FUNCTION public.tg_conversations__agent_days()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    changed uuid[];
    agents uuid[];
  begin
    select array_agg(b.id), array_agg(b.agent_id) into changed, agents
      from (select s.id, min(s.assigned_agent_id::text) filter (where s.was)::uuid as agent_id
              from (select r.id, r.assigned_agent_id, r.opened_at, r.resolved_at, true as was from removed r
                    union all select a.id, a.assigned_agent_id, a.opened_at, a.resolved_at, false from added a) s
             group by s.id having count(distinct (s.assigned_agent_id, s.opened_at, s.resolved_at)) > 1) b;
    if changed is not null then
      perform public.mark_agent_days(changed, agents, '{}');
    end if;
    return null;
  end $function$

function public.tg_conversations__count()
  CREATE OR REPLACE FUNCTION public.tg_conversations__count()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    sources uuid[];
    days date[];
    changes integer[];
  begin
    if to_regclass('public.channel_sources') is null then
      return null;
    end if;
    if tg_op = 'INSERT' then
      select array_agg(d.source_id), array_agg(d.day), array_agg(d.n) into sources, days, changes
        from (select a.channel_source_id as source_id, a.opened_on as day, count(*)::int as n from added a where a.channel_source_id is not null group by 1, 2) d;
    elsif tg_op = 'DELETE' then
      select array_agg(d.source_id), array_agg(d.day), array_agg(d.n) into sources, days, changes
        from (select r.channel_source_id as source_id, r.opened_on as day, -count(*)::int as n from removed r where r.channel_source_id is not null group by 1, 2) d;
    else
      select array_agg(d.source_id), array_agg(d.day), array_agg(d.n) into sources, days, changes
        from (select s.source_id, s.day, sum(s.sign)::int as n
                from (select 1 as sign, a.channel_source_id as source_id, a.opened_on as day from added a
                      union all select -1, r.channel_source_id, r.opened_on from removed r) s
               where s.source_id is not null group by 1, 2 having sum(s.sign) <> 0) d;
    end if;
    if sources is null then
      return null;
    end if;
    perform from public.channel_sources s where s.id = any (sources) order by s.id for no key update;
    update public.channel_sources s
       set daily_counts = (select coalesce(jsonb_object_agg(x.day, x.n) filter (where x.n <> 0), '{}')
                             from (select u.day, sum(u.n) as n
                                     from (select k.key as day, k.value::int as n from jsonb_each_text(s.daily_counts) k
                                           union all select d.day::text, d.n from unnest(sources, days, changes) as d(source_id, day, n) where d.source_id = s.id) u
                                    group by u.day) x)
     where s.id = any (sources);
    return null;
  end $function$

function public.tg_conversations__life()
  CREATE OR REPLACE FUNCTION public.tg_conversations__life()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    if new.opened_at is distinct from old.opened_at then -- a new row has no old one
      new.opened_on := (new.opened_at at time zone (select o.timezone from public.organizations o where o.id = new.organization_id))::date;
    end if;
    if old.status = 'closed' and new.status <> 'closed' then
      raise exception 'the conversation is closed' using errcode = 'object_not_in_prerequisite_state', hint = 'What the person writes next opens another one.';
    end if;
    if new.status = 'closed' then
      new.resolved_at := coalesce(new.resolved_at, public.adsapp_now());
      new.waiting_since := null;
      new.assigned_agent_id := coalesce(new.assigned_agent_id, (select p.id from public.profiles p where p.id = auth.uid() and p.organization_id = new.organization_id));
    else
      new.status := case when new.assigned_agent_id is null then 'open' else 'assigned' end;
    end if;
    return new;
  end $function$
  grant execute to public

function public.tg_conversations__organization()
  CREATE OR REPLACE FUNCTION public.tg_conversations__organization()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select c.organization_id into new.organization_id from public.contacts c where c.id = new.contact_id;
    return new;
  end $function$
  grant execute to public

function public.tg_drip_campaign_steps__fill()
  CREATE OR REPLACE FUNCTION public.tg_drip_campaign_steps__fill()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select coalesce(new.organization_id, c.organization_id), coalesce(new.version, c.current_version) into new.organization_id, new.version
      from public.drip_campaigns c where c.id = new.campaign_id;
    return new;
  end $function$
  grant execute to public

function public.tg_drip_campaign_steps__keep_template()
  CREATE OR REPLACE FUNCTION public.tg_drip_campaign_steps__keep_template()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    if exists (select from public.drip_message_logs l where l.step_id = old.id and l.organization_id = old.organization_id and l.counted_on is not null) then
      raise exception 'messages of step % went out with its template', old.step_order
        using errcode = 'object_not_in_prerequisite_state', hint = 'Make a new version of the drip.';
    end if;
    return new;
  end $function$
  grant execute to public

function public.tg_drip_campaigns__born()
  CREATE OR REPLACE FUNCTION public.tg_drip_campaigns__born()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.activated_at := case when new.status <> 'draft' then public.adsapp_now() end;
    new.paused_at := case when new.status = 'paused' then public.adsapp_now() end;
    return new;
  end $function$
  grant execute to public

function public.tg_drip_campaigns__follow()
  CREATE OR REPLACE FUNCTION public.tg_drip_campaigns__follow()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    people uuid[];
  begin
    perform from public.drip_enrollments e
      where e.campaign_id = new.id and e.organization_id = new.organization_id and e.ended_at is null order by e.id for no key update;
    if new.status = 'archived' then
      update public.drip_enrollments e set status = 'dropped', exit_reason = 'archived'
       where e.campaign_id = new.id and e.organization_id = new.organization_id and e.ended_at is null;
      return null;
    end if;
    people := array(select e.id from public.drip_enrollments e
                     where e.campaign_id = new.id and e.organization_id = new.organization_id and e.status = 'active' order by e.id);
    if old.status = 'paused' then
      update public.drip_enrollments e set paused_at = greatest(old.paused_at, e.enrolled_at) -- their own pause lasts on: it began with the drip's
       where e.campaign_id = new.id and e.organization_id = new.organization_id and e.status = 'paused' and e.paused_at > old.paused_at;
      perform public.shift_drip_steps(array_agg(w.id), array_agg(public.adsapp_now() - greatest(old.paused_at, w.created_at)))
         from (select e.id, coalesce(l.created_at, old.paused_at) as created_at
                 from public.drip_enrollments e
                 left join public.drip_message_logs l on l.enrollment_id = e.id and l.organization_id = e.organization_id and l.status = 'pending'
                where e.id = any (people)) w;
    end if;
    perform public.plan_drip_steps(people);
    return null;
  end $function$

function public.tg_drip_campaigns__resumed()
  CREATE OR REPLACE FUNCTION public.tg_drip_campaigns__resumed()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.resumed_at := public.adsapp_now();
    return new;
  end $function$
  grant execute to public

function public.tg_drip_campaigns__stamp()
  CREATE OR REPLACE FUNCTION public.tg_drip_campaigns__stamp()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.paused_at := case when new.status = 'paused' then coalesce(old.paused_at, public.adsapp_now()) end;
    new.pause_reason := case when new.status = 'paused' then coalesce(new.pause_reason, 'paused by a person') end;
    new.activated_at := case when new.status = 'active' then coalesce(old.activated_at, public.adsapp_now()) else old.activated_at end;
    new.archived_at := case when new.status = 'archived' then public.adsapp_now() end;
    return new;
  end $function$
  grant execute to public

function public.tg_drip_enrollments__audit()
  CREATE OR REPLACE FUNCTION public.tg_drip_enrollments__audit()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    if tg_op = 'INSERT' then
      insert into public.audit_log (organization_id, actor, action, subject_type, subject_id, details)
      select a.organization_id, auth.uid(), 'insert', tg_table_name, a.campaign_id,
             jsonb_build_object('contacts', count(*))
        from added a group by a.organization_id, a.campaign_id order by a.campaign_id;
    else
      insert into public.audit_log (organization_id, actor, action, subject_type, subject_id, details)
      select s.organization_id, auth.uid(), 'update', tg_table_name, s.campaign_id, jsonb_build_object('status', s.status, 'contacts', sum(s.sign))
        from (select 1 as sign, a.organization_id, a.campaign_id, a.status from added a
              union all select -1, r.organization_id, r.campaign_id, r.status from removed r) s
       group by s.organization_id, s.campaign_id, s.status having sum(s.sign) > 0 order by s.campaign_id, s.status;
    end if;
    return null;
  end $function$

function public.tg_drip_enrollments__count_entries()
  CREATE OR REPLACE FUNCTION public.tg_drip_enrollments__count_entries()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    deltas public.drip_entry_analytics[];
  begin
    if tg_op = 'INSERT' then
      select array_agg(row(d.*)::public.drip_entry_analytics) into deltas
        from (select a.organization_id, a.campaign_id, a.entered_on, count(*)::int, count(*) filter (where a.status = 'completed')::int, count(*) filter (where a.status = 'dropped')::int,
                     count(*) filter (where a.status = 'opted_out')::int, sum(a.messages_sent)::int, sum(a.messages_delivered)::int, sum(a.messages_read)::int, sum(a.replies_received)::int
                from added a group by 1, 2, 3) d;
    else
      select array_agg(row(d.*)::public.drip_entry_analytics) into deltas
        from (select s.organization_id, s.campaign_id, s.entered_on, 0 as enrolled, sum(s.sign * (s.status = 'completed')::int)::int as completed,
                     sum(s.sign * (s.status = 'dropped')::int)::int as dropped, sum(s.sign * (s.status = 'opted_out')::int)::int as opted_out,
                     sum(s.sign * s.messages_sent)::int as sent, sum(s.sign * s.messages_delivered)::int as delivered, sum(s.sign * s.messages_read)::int as read,
                     sum(s.sign * s.replies_received)::int as replies
                from (select 1 as sign, a.organization_id, a.campaign_id, a.entered_on, a.status, a.messages_sent, a.messages_delivered, a.messages_read, a.replies_received from added a
                      union all
                      select -1, r.organization_id, r.campaign_id, r.entered_on, r.status, r.messages_sent, r.messages_delivered, r.messages_read, r.replies_received from removed r) s
               group by 1, 2, 3) d
       where (d.completed, d.dropped, d.opted_out, d.sent, d.delivered, d.read, d.replies) <> (0, 0, 0, 0, 0, 0, 0);
    end if;
    if deltas is null then
      return null;
    end if;
    perform from public.drip_campaigns c where c.id in (select d.campaign_id from unnest(deltas) d) order by c.id for no key update;
    insert into public.drip_entry_analytics as t
    select d.* from unnest(deltas) d order by d.campaign_id, d.date
    on conflict (campaign_id, date, organization_id) do update
       set enrolled = t.enrolled + excluded.enrolled, completed = t.completed + excluded.completed, dropped = t.dropped + excluded.dropped,
           opted_out = t.opted_out + excluded.opted_out, messages_sent = t.messages_sent + excluded.messages_sent,
           messages_delivered = t.messages_delivered + excluded.messages_delivered, messages_read = t.messages_read + excluded.messages_read,
           replies_received = t.replies_received + excluded.replies_received;
    return null;
  end $function$

function public.tg_drip_enrollments__enter()
  CREATE OR REPLACE FUNCTION public.tg_drip_enrollments__enter()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    people constant uuid[] := array(select a.id from added a where a.ended_at is null); -- the planner takes `added` for one row: never join it
  begin
    if exists (select from public.drip_campaigns c where c.status = 'archived' and c.id in (select a.campaign_id from added a)) then
      update public.drip_enrollments e set status = 'dropped', exit_reason = 'archived'
       where e.id = any (people) and (select c.status from public.drip_campaigns c where c.id = e.campaign_id and c.organization_id = e.organization_id) = 'archived';
    end if;
    perform public.plan_drip_steps(people);
    return null;
  end $function$

function public.tg_drip_enrollments__entered()
  CREATE OR REPLACE FUNCTION public.tg_drip_enrollments__entered()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select (new.enrolled_at at time zone o.timezone)::date into new.entered_on from public.organizations o where o.id = new.organization_id;
    return new;
  end $function$
  grant execute to public

function public.tg_drip_enrollments__fill()
  CREATE OR REPLACE FUNCTION public.tg_drip_enrollments__fill()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select coalesce(new.organization_id, c.organization_id), coalesce(new.version, c.current_version),
           coalesce(new.entry_no, case when coalesce(c.settings ->> 'reentry', 'never') = 'never' then 1
                                       else 1 + coalesce((select max(e.entry_no) from public.drip_enrollments e
                                                           where e.campaign_id = c.id and e.contact_id = new.contact_id), 0) end)
      into new.organization_id, new.version, new.entry_no
      from public.drip_campaigns c where c.id = new.campaign_id;
    return new;
  end $function$
  grant execute to public

function public.tg_drip_enrollments__follow()
  CREATE OR REPLACE FUNCTION public.tg_drip_enrollments__follow()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    resumed uuid[];
    gaps interval[];
  begin
    if not exists (select a.id, a.status, a.next_message_at from added a except select r.id, r.status, r.next_message_at from removed r) then
      return null; -- counters moved, nothing else
    end if;
    with moved as materialized (
      select s.id, s.organization_id, s.campaign_id, max(s.status) filter (where s.sign = 1) as status, max(s.status) filter (where s.sign = -1) as was,
             max(s.exit_reason) filter (where s.sign = 1) as exit_reason, max(s.next_message_at) filter (where s.sign = 1) as at,
             max(s.next_message_at) filter (where s.sign = -1) as was_at, max(s.paused_at) filter (where s.sign = -1) as was_paused_at
        from (select 1 as sign, a.id, a.organization_id, a.campaign_id, a.status, a.exit_reason, a.next_message_at, a.paused_at from added a
              union all select -1, r.id, r.organization_id, r.campaign_id, r.status, r.exit_reason, r.next_message_at, r.paused_at from removed r) s
       group by s.id, s.organization_id, s.campaign_id
      having max(s.status) filter (where s.sign = 1) <> max(s.status) filter (where s.sign = -1)
          or max(s.next_message_at) filter (where s.sign = 1) is distinct from max(s.next_message_at) filter (where s.sign = -1)
    ), followed as (
      update public.drip_message_logs l
         set status = case when m.status in ('active', 'paused') then l.status else 'skipped' end,
             skip_reason = case when m.status not in ('active', 'paused') then coalesce(m.exit_reason, m.status) end,
             scheduled_for = case when m.status = 'active' and l.attempts = 0 then coalesce(m.at, l.scheduled_for) else l.scheduled_for end,
             gap_shift = case when m.status = 'active' and l.attempts = 0 and m.at <> l.scheduled_for then interval '0' else l.gap_shift end,
             next_attempt_at = case when m.status = 'active' then greatest(m.at, case when l.attempts > 0 then l.next_attempt_at end) end
        from moved m
       where l.enrollment_id = m.id and l.organization_id = m.organization_id and l.status = 'pending'
         and (m.status <> 'active' or m.was <> 'active' or m.at is distinct from l.scheduled_for)
    )
    select array_agg(m.id), array_agg(greatest(case when c.status = 'paused' then c.paused_at else public.adsapp_now() end - m.was_paused_at, '0'))
      into resumed, gaps -- while the drip is paused, its own resume adds what came after
      from moved m
      join public.drip_campaigns c on c.id = m.campaign_id and c.organization_id = m.organization_id
     where m.status = 'active' and m.was <> 'active';
    if resumed is not null then
      perform public.shift_drip_steps(resumed, gaps);
      perform public.plan_drip_steps(resumed);
    end if;
    return null;
  end $function$

function public.tg_drip_enrollments__stamp()
  CREATE OR REPLACE FUNCTION public.tg_drip_enrollments__stamp()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    if new.status in ('completed', 'dropped', 'opted_out') then
      new.ended_at := coalesce(old.ended_at, public.adsapp_now());
      new.next_message_at := null;
      new.paused_at := null;
    elsif new.status = 'paused' then
      new.ended_at := null;
      new.paused_at := public.adsapp_now();
    else
      new.ended_at := null;
      new.paused_at := null;
    end if;
    return new;
  end $function$
  grant execute to public

function public.tg_drip_message_logs__count()
  CREATE OR REPLACE FUNCTION public.tg_drip_message_logs__count()
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
      perform public.adsapp_count_drips(deltas);
    end if;
    return null;
  end $function$

function public.tg_drip_message_logs__count_replies()
  CREATE OR REPLACE FUNCTION public.tg_drip_message_logs__count_replies()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    answered uuid[];
  begin
    answered := array(select s.enrollment_id
                        from (select 1 as sign, a.enrollment_id from added a where a.replied_at is not null
                              union all select -1, r.enrollment_id from removed r where r.replied_at is not null) s
                       group by s.enrollment_id having sum(s.sign) <> 0);
    if answered <> '{}' then
      perform public.lock_drip_enrollments(answered);
      update public.drip_enrollments e set replies_received = e.replies_received + n.replies
        from (select s.enrollment_id, s.organization_id, sum(s.sign)::integer as replies
                from (select 1 as sign, a.enrollment_id, a.organization_id from added a where a.replied_at is not null
                      union all select -1, r.enrollment_id, r.organization_id from removed r where r.replied_at is not null) s
               group by 1, 2) n
       where e.id = n.enrollment_id and e.organization_id = n.organization_id and e.id = any (answered);
    end if;
    return null;
  end $function$

function public.tg_drip_message_logs__count_steps()
  CREATE OR REPLACE FUNCTION public.tg_drip_message_logs__count_steps()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
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
  end $function$

function public.tg_drip_message_logs__next()
  CREATE OR REPLACE FUNCTION public.tg_drip_message_logs__next()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    over uuid[];
    back uuid[];
  begin
    perform public.lock_drip_enrollments(array(select a.enrollment_id from added a));
    update public.drip_enrollments e
       set messages_sent = e.messages_sent + m.sent, messages_delivered = e.messages_delivered + m.delivered, messages_read = e.messages_read + m.read
      from (select s.enrollment_id, s.organization_id, sum(s.sign * (s.sent_at is not null)::integer)::integer as sent,
                   sum(s.sign * (s.delivered_at is not null)::integer)::integer as delivered, sum(s.sign * (s.read_at is not null)::integer)::integer as read
              from (select 1 as sign, a.enrollment_id, a.organization_id, a.sent_at, a.delivered_at, a.read_at from added a
                    union all select -1, r.enrollment_id, r.organization_id, r.sent_at, r.delivered_at, r.read_at from removed r) s
             group by s.enrollment_id, s.organization_id) m
     where e.id = m.enrollment_id and e.organization_id = m.organization_id and (m.sent, m.delivered, m.read) <> (0, 0, 0);
    select array_agg(c.enrollment_id) into over
      from (select s.id, s.enrollment_id, max(s.status) filter (where s.sign = 1) as status, max(s.status) filter (where s.sign = -1) as was
              from (select 1 as sign, a.id, a.enrollment_id, a.status from added a
                    union all select -1, r.id, r.enrollment_id, r.status from removed r) s
             group by s.id, s.enrollment_id) c
     where c.status <> c.was and c.was in ('pending', 'dispatching', 'unknown') and c.status not in ('pending', 'dispatching');
    if over is not null then
      perform public.plan_drip_steps(over);
    end if;
    back := array(select a.id from added a join public.drip_enrollments e on e.id = a.enrollment_id and e.organization_id = a.organization_id
                   where a.status = 'pending' and a.next_attempt_at is not null and e.status <> 'active');
    if back <> '{}' then -- even an update of no row would call this trigger again
      perform public.hold_drip_steps(back);
    end if;
    return null;
  end $function$

function public.tg_jobs__count_failures()
  CREATE OR REPLACE FUNCTION public.tg_jobs__count_failures()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    kind text := case tg_table_name when 'bulk_message_jobs' then 'bulk' else 'drip' end;
  begin
    if tg_op = 'INSERT' then
      if exists (select from added a where a.status = 'failed') then
        insert into public.failure_analytics as f (organization_id, campaign_id, campaign_type, date, error_code, failures)
        select a.organization_id, a.campaign_id, kind, a.counted_on, coalesce(a.error_code, 'none'), count(*)
          from added a where a.status = 'failed'
         group by 1, 2, 4, 5 order by 2, 4, 5
        on conflict (campaign_id, date, error_code, organization_id) do update set failures = f.failures + excluded.failures;
      end if;
    elsif exists (select from added a where a.status = 'failed') or exists (select from removed r where r.status = 'failed') then
      insert into public.failure_analytics as f (organization_id, campaign_id, campaign_type, date, error_code, failures)
      select s.organization_id, s.campaign_id, kind, s.counted_on, coalesce(s.error_code, 'none'), sum(s.sign)
        from (select 1 as sign, a.organization_id, a.campaign_id, a.counted_on, a.error_code from added a where a.status = 'failed'
              union all
              select -1, r.organization_id, r.campaign_id, r.counted_on, r.error_code from removed r where r.status = 'failed') s
       group by 1, 2, 4, 5 having sum(s.sign) <> 0 order by 2, 4, 5
      on conflict (campaign_id, date, error_code, organization_id) do update set failures = f.failures + excluded.failures;
    end if;
    return null;
  end $function$

function public.tg_messages__agent_days()
  CREATE OR REPLACE FUNCTION public.tg_messages__agent_days()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    changed uuid[];
    since timestamptz[];
  begin
    select array_agg(a.conversation_id), array_agg(a.since) into changed, since
      from (select m.conversation_id, min(least(m.created_at, m.received_at)) as since from added m where m.conversation_id is not null group by 1) a;
    if changed is not null then
      perform public.mark_agent_days(changed, '{}', since);
    end if;
    return null;
  end $function$

function public.tg_messages__attribute()
  CREATE OR REPLACE FUNCTION public.tg_messages__attribute()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    firsts uuid[];
  begin
    if not exists (select from added a where a.direction = 'inbound')
       or to_regclass('public.channel_sources') is null or to_regclass('public.bulk_message_jobs') is null or to_regclass('public.drip_message_logs') is null then
      return null; -- the source document's rollback
    end if;
    firsts := array(
      select distinct on (c.id) m.id
        from added a
       cross join lateral (select m.id, m.organization_id, m.conversation_id from public.messages m where m.id = a.id offset 0) m
       cross join lateral (select c.id, c.channel_source_id, c.resolved_at from public.conversations c where c.id = m.conversation_id offset 0) c
       where a.direction = 'inbound' and c.channel_source_id is null and c.resolved_at is null
       order by c.id, a.received_at, a.provider_message_id);
    if firsts <> '{}' then
      perform public.attribute_conversations(firsts);
    end if;
    return null;
  end $function$

function public.tg_messages__converse()
  CREATE OR REPLACE FUNCTION public.tg_messages__converse()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
   SET enable_nestloop TO 'off'
  AS $function$
  declare
    asking uuid[];
  begin
    if not exists (select from added a where a.direction = 'inbound') then
      return null;
    end if;
    insert into public.satisfaction_ratings as r (organization_id, conversation_id, score, rated_by, rated_at)
    select distinct on (c.id) c.organization_id, c.id, right(s.word, 1)::smallint, null, a.received_at
      from added a
     cross join lateral (select public.survey_answer(a.type, a.payload) as word) s
     cross join lateral (select k.id, k.organization_id, k.contact_id from public.conversations k
                          where k.id = case when s.word ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[1-5]$' then left(s.word, 36)::uuid end offset 0) c
     where a.direction = 'inbound' and s.word is not null and c.organization_id = a.organization_id and c.contact_id = a.contact_id
     order by c.id, a.received_at
    on conflict (conversation_id, organization_id) do update set score = excluded.score, comment = null, rated_by = null where r.rated_by is not null;
    asking := array(select a.id from added a
                     where a.direction = 'inbound' and a.conversation_id is null and public.adsapp_asks(a.type, a.consent, a.payload) order by a.id);
    if asking = '{}' then
      return null;
    end if;
    with opened as (
      insert into public.conversations as c (organization_id, contact_id, opened_at, waiting_since)
      select a.organization_id, a.contact_id, min(a.received_at), min(a.received_at)
        from added a where a.direction = 'inbound' and a.conversation_id is null and public.adsapp_asks(a.type, a.consent, a.payload)
       group by a.organization_id, a.contact_id order by a.contact_id
      on conflict (contact_id) where resolved_at is null do update
         set opened_at = least(c.opened_at, excluded.opened_at), waiting_since = least(c.waiting_since, excluded.waiting_since)
      returning c.id, c.organization_id, c.contact_id
    )
    update public.messages m set conversation_id = o.id
      from opened o join added a on a.contact_id = o.contact_id and a.organization_id = o.organization_id
     where m.id = a.id and m.organization_id = a.organization_id and m.id = any (asking);
    return null;
  end $function$

function public.tg_messages__count_prices()
  CREATE OR REPLACE FUNCTION public.tg_messages__count_prices()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    ids uuid[];
  begin
    if not exists (select from added a where a.priced_on is not null) or to_regclass('public.message_pricing_analytics') is null
       or to_regclass('public.bulk_campaigns') is null or to_regclass('public.drip_campaigns') is null then -- the source document's rollback
      return null;
    end if;
    if tg_op = 'INSERT' then
      ids := array(select a.id from added a where a.priced_on is not null);
    else
      ids := array(select s.id from (select 1 as sign, a.id from added a where a.priced_on is not null
                                     union all select -1, r.id from removed r where r.priced_on is not null) s
                    group by s.id having sum(s.sign) <> 0);
    end if;
    if ids = '{}' then
      return null;
    end if;
    with priced as materialized (
      select m.id, m.organization_id, m.priced_on, m.calling_code, m.pricing ->> 'category' as category, m.pricing ->> 'type' as pricing_type,
             coalesce((select j.campaign_id from public.bulk_message_jobs j where j.id = m.bulk_message_job_id and j.organization_id = m.organization_id),
                      (select l.campaign_id from public.drip_message_logs l where l.id = m.drip_message_log_id and l.organization_id = m.organization_id)) as campaign_id,
             case when m.bulk_message_job_id is not null then 'bulk' when m.drip_message_log_id is not null then 'drip' end as campaign_type
        from added m where m.id = any (ids)
    ), broadcasts as materialized (
      select count(*) as n from (select c.id from public.bulk_campaigns c where c.id in (select p.campaign_id from priced p where p.campaign_type = 'bulk') order by c.id for no key update) b
    ), drips as materialized (
      select count(*) as n from (select c.id from public.drip_campaigns c, broadcasts where broadcasts.n >= 0 and c.id in (select p.campaign_id from priced p where p.campaign_type = 'drip')
                                  order by c.id for no key update of c) d
    ), direct as materialized ( -- of no campaign: what a rebuild waits for (src/analytics/rebuild.sql)
      select count(pg_advisory_xact_lock_shared(hashtextextended('adsapp prices ' || o.organization_id, 0))) as n
        from (select distinct p.organization_id from priced p, drips where p.campaign_type is null and drips.n >= 0 order by 1) o
    )
    insert into public.message_pricing_analytics as a (organization_id, campaign_id, campaign_type, date, calling_code, category, pricing_type, messages)
    select p.organization_id, p.campaign_id, p.campaign_type, p.priced_on, p.calling_code, p.category, p.pricing_type, count(*)
      from priced p, drips, direct where drips.n >= 0 and direct.n >= 0
     group by 1, 2, 3, 4, 5, 6, 7
     order by p.campaign_id, p.priced_on, p.calling_code, p.category, p.pricing_type
    on conflict (campaign_id, date, calling_code, category, pricing_type, organization_id) do update set messages = a.messages + excluded.messages;
    return null;
  end $function$

function public.tg_messages__direct_sender()
  CREATE OR REPLACE FUNCTION public.tg_messages__direct_sender()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select s.id into new.sender_id from public.senders s where s.organization_id = new.organization_id and s.is_default;
    return new;
  end $function$
  grant execute to public

function public.tg_messages__leave_queue()
  CREATE OR REPLACE FUNCTION public.tg_messages__leave_queue()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    delete from public.direct_queue q where q.message_id = new.id and q.organization_id = new.organization_id;
    return null;
  end $function$

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

function public.tg_messages__price()
  CREATE OR REPLACE FUNCTION public.tg_messages__price()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    select (new.sent_at at time zone o.timezone)::date, public.adsapp_calling_code(c.phone) into new.priced_on, new.calling_code
      from public.organizations o, public.contacts c
     where o.id = new.organization_id and c.id = new.contact_id and c.organization_id = new.organization_id;
    return new;
  end $function$
  grant execute to public

function public.tg_messages__queue()
  CREATE OR REPLACE FUNCTION public.tg_messages__queue()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    insert into public.direct_queue (message_id, organization_id, sender_id)
    select a.id, a.organization_id, a.sender_id
      from added a
     where a.direction = 'outbound' and a.status = 'pending' and a.bulk_message_job_id is null and a.drip_message_log_id is null
     order by a.id;
    return null;
  end $function$

function public.tg_messages__received()
  CREATE OR REPLACE FUNCTION public.tg_messages__received()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.received_at := public.adsapp_now();
    return new;
  end $function$
  grant execute to public

function public.tg_messages__stop_on_reply()
  CREATE OR REPLACE FUNCTION public.tg_messages__stop_on_reply()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    answered uuid[];
  begin
    if to_regclass('public.drip_enrollments') is null
       or not exists (select from added a where a.direction = 'inbound' and public.adsapp_is_reply(a.type)) then
      return null;
    end if;
    answered := array(
      select e.id
        from added a
        join public.drip_enrollments e on e.contact_id = a.contact_id and e.organization_id = a.organization_id and e.ended_at is null
        join public.drip_campaigns c on c.id = e.campaign_id and c.organization_id = e.organization_id
       where a.direction = 'inbound' and public.adsapp_is_reply(a.type)
         and coalesce((c.settings ->> 'stopOnReply')::boolean, true)
         and (a.consent is distinct from 'opt_out' or coalesce((c.settings ->> 'transactional')::boolean, false))
         and exists (select from public.drip_message_logs l
                      where l.enrollment_id = e.id and l.organization_id = e.organization_id
                        and (l.sent_at is not null or l.status in ('dispatching', 'unknown'))
                        and date_trunc('second', coalesce(l.sent_at, l.dispatched_at)) <= a.received_at));
    if answered <> '{}' then
      perform from public.drip_enrollments e where e.id = any (answered) order by e.id for no key update;
      update public.drip_enrollments e set status = 'dropped', exit_reason = 'replied'
       where e.id = any (answered) and e.ended_at is null;
    end if;
    return null;
  end $function$

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

function public.tg_messages__unanswered()
  CREATE OR REPLACE FUNCTION public.tg_messages__unanswered()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    failed uuid[];
  begin
    if not exists (select from added a where a.status = 'failed' and a.agent_id is not null and a.conversation_id is not null) then
      return null;
    end if;
    failed := array(select distinct a.conversation_id from added a where a.status = 'failed' and a.agent_id is not null and a.conversation_id is not null);
    perform from public.conversations c where c.id = any (failed) and c.resolved_at is null order by c.id for no key update;
    update public.conversations c set first_response_at = a.first_at, waiting_since = least(c.waiting_since, q.asked_at)
      from unnest(failed) as f(conversation_id)
     cross join lateral (select min(e.created_at) as first_at, max(e.created_at) as last_at from public.messages e
                          where e.conversation_id = f.conversation_id and e.agent_id is not null and e.status <> 'failed') a
     cross join lateral (select min(i.received_at) as asked_at from public.messages i
                          where i.conversation_id = f.conversation_id and i.direction = 'inbound' and i.received_at > coalesce(a.last_at, '-infinity')) q
     where c.id = f.conversation_id and c.resolved_at is null;
    return null;
  end $function$

function public.tg_organizations__frequency_cap_since()
  CREATE OR REPLACE FUNCTION public.tg_organizations__frequency_cap_since()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.frequency_cap_since := public.adsapp_now();
    return new;
  end $function$
  grant execute to public

function public.tg_organizations__touches()
  CREATE OR REPLACE FUNCTION public.tg_organizations__touches()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    delete from public.contact_touches t where t.organization_id = new.id;
    insert into public.contact_touches (organization_id, contact_id, ats, row_ids)
    select new.id, x.contact_id, array_agg(x.at order by x.at), array_agg(x.id order by x.at)
      from (select s.contact_id, s.id, max(s.at) as at
              from (select m.contact_id, coalesce(m.bulk_message_job_id, m.drip_message_log_id) as id, m.sent_at as at
                      from public.senders n
                      join public.messages m on m.sender_id = n.id and m.organization_id = n.organization_id and m.direction = 'outbound'
                           and m.sent_at > public.adsapp_now() - (new.settings #>> '{frequencyCap,days}')::integer * interval '24 hours'
                      left join public.bulk_message_jobs j on j.id = m.bulk_message_job_id and j.organization_id = m.organization_id
                      left join public.campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
                      left join public.drip_message_logs l on l.id = m.drip_message_log_id and l.organization_id = m.organization_id
                      left join public.drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
                     where n.organization_id = new.id and (r.marketing or not coalesce((d.settings ->> 'transactional')::boolean, d.id is null))
                    union all
                    select j.contact_id, j.id, j.dispatched_at
                      from public.bulk_message_jobs j
                      join public.campaign_runs r on r.campaign_id = j.campaign_id and r.occurrence = j.occurrence and r.organization_id = j.organization_id
                     where j.organization_id = new.id and r.marketing
                       and (j.unknown_since is not null or j.id in (select u.id from public.lane_windows w cross join lateral unnest(w.job_ids) as u(id) where w.organization_id = new.id))
                    union all
                    select l.contact_id, l.id, l.dispatched_at
                      from public.drip_message_logs l join public.drip_campaigns d on d.id = l.campaign_id and d.organization_id = l.organization_id
                     where l.organization_id = new.id and not coalesce((d.settings ->> 'transactional')::boolean, false)
                       and (l.unknown_since is not null or l.id in (select u.id from public.lane_windows w cross join lateral unnest(w.job_ids) as u(id) where w.organization_id = new.id))) s
             where s.at is not null
             group by s.contact_id, s.id) x
     group by x.contact_id;
    return null;
  end $function$

function public.tg_portfolios__limit_since()
  CREATE OR REPLACE FUNCTION public.tg_portfolios__limit_since()
   RETURNS trigger
   LANGUAGE plpgsql
   SET search_path TO ''
  AS $function$
  begin
    new.limit_since := public.adsapp_now();
    new.reached := null;
    return new;
  end $function$
  grant execute to public

function public.tg_satisfaction_ratings__agent_days()
  CREATE OR REPLACE FUNCTION public.tg_satisfaction_ratings__agent_days()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    perform public.mark_agent_days(array(select a.conversation_id from added a), '{}', '{}');
    return null;
  end $function$

function public.tg_senders__portfolio()
  CREATE OR REPLACE FUNCTION public.tg_senders__portfolio()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  begin
    update public.portfolios p set limit_since = public.adsapp_now(), reached = null
     where p.id = new.portfolio_id and p.organization_id = new.organization_id;
    return null;
  end $function$

function public.track_drip_delivery()
  CREATE OR REPLACE FUNCTION public.track_drip_delivery()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
   SET enable_nestloop TO 'off'
  AS $function$
  declare
    jobs uuid[];
  begin
    select array_agg(a.drip_message_log_id order by a.drip_message_log_id) into jobs
      from added a
     where a.drip_message_log_id is not null and a.direction = 'outbound';
    if jobs is null then
      return null;
    end if;
    select array_agg(a.drip_message_log_id order by a.drip_message_log_id) into jobs -- what the recorder has written on the job already is no news
      from added a
     where a.drip_message_log_id is not null and a.direction = 'outbound'
       and (a.status <> 'sent' or a.delivered_at is not null or a.read_at is not null
            or (select j.message_id = a.id and j.sent_at = a.sent_at and j.status in ('sent', 'delivered', 'read') from public.drip_message_logs j
                 where j.id = a.drip_message_log_id and j.organization_id = a.organization_id) is not true);
    if jobs is null then
      return null;
    end if;
    perform from public.drip_message_logs j where j.id = any (jobs) order by j.id for no key update;
    with news as materialized (
      select distinct on (a.drip_message_log_id) a.drip_message_log_id as job_id, a.id, a.organization_id, a.attempt, a.status,
             a.sent_at, a.delivered_at, a.read_at, a.failed_at, a.error_code, a.error, o.timezone
        from added a join public.organizations o on o.id = a.organization_id
       where a.drip_message_log_id is not null and a.direction = 'outbound' and a.status in ('sent', 'failed', 'delivered', 'read')
       order by a.drip_message_log_id, greatest(public.adsapp_status_rank(a.status), 4) desc, -- delivered is, whichever attempt it was
                a.attempt desc, public.adsapp_status_rank(a.status) desc
    ), carried as (
      select j.id, n.organization_id, n.id as message_id, n.error_code, n.error,
             case when n.status in ('delivered', 'read') and (n.status = 'read' or j.status <> 'read') then n.status
                  when j.status in ('delivered', 'read') then j.status
                  when n.status = 'sent' and j.status in ('pending', 'unknown', 'cancelled', 'skipped') then 'sent' -- whichever attempt it was: the person has it
                  when n.attempt < j.attempts then j.status                   -- news of an attempt that a later one has replaced
                  when n.status = 'failed' and j.status = 'pending' and j.message_id = n.id then j.status -- no news: it waits to be tried again because of it
                  when n.status = 'sent' and j.status in ('dispatching', 'unknown', 'pending', 'cancelled', 'skipped') then 'sent'
                  when n.status = 'failed' and j.status in ('dispatching', 'unknown', 'pending', 'cancelled', 'skipped', 'sent') then 'failed'
                  else j.status end as status,
             coalesce(case when j.message_id = n.id then n.sent_at end, j.sent_at, n.sent_at, n.delivered_at, n.read_at, n.failed_at) as sent_at, -- its POST's answer may have come later
             least(j.delivered_at, n.delivered_at) as delivered_at,
             least(j.read_at, n.read_at) as read_at,
             least(j.failed_at, n.failed_at) as failed_at,
             case when j.sent_at is null then (coalesce(n.sent_at, n.delivered_at, n.read_at, n.failed_at) at time zone n.timezone)::date
                  else j.counted_on end as counted_on -- a failure without acceptance had its own day
        from public.drip_message_logs j join news n on n.job_id = j.id and n.organization_id = j.organization_id
       where j.id = any (jobs)
    )
    update public.drip_message_logs j
       set status = c.status, message_id = c.message_id, sent_at = c.sent_at, delivered_at = c.delivered_at, read_at = c.read_at,
           failed_at = case when c.status = 'failed' then c.failed_at when c.status not in ('delivered', 'read') then j.failed_at end,
           error_code = case when c.status = 'failed' then c.error_code when c.status not in ('delivered', 'read') then j.error_code end,
           error = case when c.status = 'failed' then c.error when c.status not in ('delivered', 'read') then j.error end,
           counted_on = c.counted_on,
           lane_token = case when c.status = 'dispatching' then j.lane_token end,
           unknown_since = case when c.status = 'unknown' then j.unknown_since end,
           next_attempt_at = case when c.status = 'pending' then j.next_attempt_at end,
           skip_reason = case when c.status = 'skipped' then j.skip_reason end
      from carried c
     where j.id = c.id and j.organization_id = c.organization_id and j.id = any (jobs)
       and ((j.status, j.sent_at, j.delivered_at, j.read_at) is distinct from (c.status, c.sent_at, c.delivered_at, c.read_at)
            or j.message_id is null); -- sent by the word of a person, and now there is proof
    return null;
  end $function$

function public.track_message_delivery()
  CREATE OR REPLACE FUNCTION public.track_message_delivery()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
   SET enable_nestloop TO 'off'
  AS $function$
  declare
    jobs uuid[];
  begin
    select array_agg(a.bulk_message_job_id order by a.bulk_message_job_id) into jobs
      from added a
     where a.bulk_message_job_id is not null and a.direction = 'outbound';
    if jobs is null then
      return null;
    end if;
    select array_agg(a.bulk_message_job_id order by a.bulk_message_job_id) into jobs -- what the recorder has written on the job already is no news
      from added a
     where a.bulk_message_job_id is not null and a.direction = 'outbound'
       and (a.status <> 'sent' or a.delivered_at is not null or a.read_at is not null
            or (select j.message_id = a.id and j.sent_at = a.sent_at and j.status in ('sent', 'delivered', 'read') from public.bulk_message_jobs j
                 where j.id = a.bulk_message_job_id and j.organization_id = a.organization_id) is not true);
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
                  when n.status = 'sent' and j.status in ('pending', 'unknown', 'cancelled', 'skipped') then 'sent' -- whichever attempt it was: the person has it
                  when n.attempt < j.attempts then j.status                   -- news of an attempt that a later one has replaced
                  when n.status = 'failed' and j.status = 'pending' and j.message_id = n.id then j.status -- no news: it waits to be tried again because of it
                  when n.status = 'sent' and j.status in ('dispatching', 'unknown', 'pending', 'cancelled', 'skipped') then 'sent'
                  when n.status = 'failed' and j.status in ('dispatching', 'unknown', 'pending', 'cancelled', 'skipped', 'sent') then 'failed'
                  else j.status end as status,
             coalesce(case when j.message_id = n.id then n.sent_at end, j.sent_at, n.sent_at, n.delivered_at, n.read_at, n.failed_at) as sent_at, -- its POST's answer may have come later
             least(j.delivered_at, n.delivered_at) as delivered_at,
             least(j.read_at, n.read_at) as read_at,
             least(j.failed_at, n.failed_at) as failed_at,
             case when j.sent_at is null then (coalesce(n.sent_at, n.delivered_at, n.read_at, n.failed_at) at time zone n.timezone)::date
                  else j.counted_on end as counted_on -- a failure without acceptance had its own day
        from public.bulk_message_jobs j join news n on n.job_id = j.id and n.organization_id = j.organization_id
       where j.id = any (jobs)
    )
    update public.bulk_message_jobs j
       set status = c.status, message_id = c.message_id, sent_at = c.sent_at, delivered_at = c.delivered_at, read_at = c.read_at,
           failed_at = case when c.status = 'failed' then c.failed_at when c.status not in ('delivered', 'read') then j.failed_at end,
           error_code = case when c.status = 'failed' then c.error_code when c.status not in ('delivered', 'read') then j.error_code end,
           error = case when c.status = 'failed' then c.error when c.status not in ('delivered', 'read') then j.error end,
           counted_on = c.counted_on,
           lane_token = case when c.status = 'dispatching' then j.lane_token end,
           unknown_since = case when c.status = 'unknown' then j.unknown_since end,
           next_attempt_at = case when c.status = 'pending' then j.next_attempt_at end,
           skip_reason = case when c.status = 'skipped' then j.skip_reason end
      from carried c
     where j.id = c.id and j.organization_id = c.organization_id and j.id = any (jobs)
       and ((j.status, j.sent_at, j.delivered_at, j.read_at) is distinct from (c.status, c.sent_at, c.delivered_at, c.read_at)
            or j.message_id is null); -- sent by the word of a person, and now there is proof
    return null;
  end $function$

function public.undo_contact_import(p_import_id uuid)
  CREATE OR REPLACE FUNCTION public.undo_contact_import(p_import_id uuid)
   RETURNS jsonb
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    home constant uuid := public.adsapp_organization_id();
    was_undone timestamptz;
    gone uuid[];
    back uuid[];
    left_new jsonb;
    left_old jsonb;
    tags integer;
    memberships integer;
  begin
    if coalesce(public.adsapp_profile_role(), 'viewer') = 'viewer' then
      raise exception 'viewers only read' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('adsapp import ' || home::text, 0));
    select i.undone_at into was_undone from public.contact_imports i where i.id = p_import_id and i.organization_id = home for update;
    if not found then
      return null;
    elsif was_undone is not null then
      return jsonb_build_object('undone_before', was_undone);
    end if;
    perform from public.contacts c where c.import_id = p_import_id and c.organization_id = home order by c.id for update; -- no message may point at them from here on
    perform from public.contacts c
      where c.organization_id = home and c.id in (select w.contact_id from public.contact_import_changes w where w.import_id = p_import_id and w.organization_id = home)
      order by c.id for no key update;

    with judged as materialized (
      select c.id, case
          when c.erased_at is not null then 'erased'
          when c.blocked_at is not null or c.opted_out_at is not null then 'opted out or blocked'
          when exists (select from public.messages m where m.contact_id = c.id and m.organization_id = home)
            or exists (select from public.bulk_message_jobs j where j.contact_id = c.id and j.organization_id = home)
            or exists (select from public.drip_enrollments e where e.contact_id = c.id and e.organization_id = home)
            or exists (select from public.conversations v where v.contact_id = c.id and v.organization_id = home)
            or exists (select from public.contact_events e where e.contact_id = c.id and e.organization_id = home and e.type not in ('contact_created', 'tag_added')) then 'has history'
          when c.updated_at <> c.created_at
            or exists (select from public.contact_tags t where t.contact_id = c.id and t.organization_id = home and t.import_id is distinct from p_import_id)
            or exists (select from public.contact_list_members l where l.contact_id = c.id and l.organization_id = home and l.import_id is distinct from p_import_id) then 'changed since'
        end as reason
        from public.contacts c where c.import_id = p_import_id and c.organization_id = home
    )
    select coalesce((select array_agg(j.id) from judged j where j.reason is null), '{}'),
           coalesce((select jsonb_object_agg(r.reason, r.n) from (select j.reason, count(*) as n from judged j where j.reason is not null group by 1) r), '{}')
      into gone, left_new;
    with judged as materialized (
      select c.id, case when c.erased_at is not null then 'erased' when c.updated_at <> w.changed_at then 'changed since' end as reason
        from public.contact_import_changes w join public.contacts c on c.id = w.contact_id and c.organization_id = w.organization_id
       where w.import_id = p_import_id and w.organization_id = home
    )
    select coalesce((select array_agg(j.id) from judged j where j.reason is null), '{}'),
           coalesce((select jsonb_object_agg(r.reason, r.n) from (select j.reason, count(*) as n from judged j where j.reason is not null group by 1) r), '{}')
      into back, left_old;

    delete from public.contact_tags t where t.import_id = p_import_id and t.organization_id = home;
    get diagnostics tags = row_count;
    delete from public.contact_list_members l where l.import_id = p_import_id and l.organization_id = home;
    get diagnostics memberships = row_count;
    delete from public.contacts c where c.id = any (gone) and c.organization_id = home;
    update public.contacts c
       set phone = w.phone, bsuid = w.bsuid, first_name = w.first_name, last_name = w.last_name, email = w.email, language = w.language, timezone = w.timezone,
           attributes = w.attributes, opted_in_at = w.opted_in_at, opt_in_source = w.opt_in_source, updated_at = public.adsapp_now()
      from public.contact_import_changes w
     where w.import_id = p_import_id and w.organization_id = home and c.id = w.contact_id and c.organization_id = home and c.id = any (back);
    delete from public.contact_import_changes w where w.import_id = p_import_id and w.organization_id = home;
    update public.contact_imports i set undone_at = public.adsapp_now() where i.id = p_import_id and i.organization_id = home;
    return jsonb_build_object('removed', cardinality(gone), 'reverted', cardinality(back), 'tags', tags, 'memberships', memberships,
                              'left_created', left_new, 'left_updated', left_old);
  end $function$
  grant execute to adsapp_operator

function public.united(steps drip_step_plan[], placed first_step[])
  CREATE OR REPLACE FUNCTION public.united(steps drip_step_plan[], placed first_step[])
   RETURNS TABLE(step drip_step_plan, due timestamp with time zone)
   LANGUAGE sql
   IMMUTABLE
   SET search_path TO 'public'
  AS $function$
    select (array_agg(b.step) filter (where b.is_step))[1], max(b.due)
      from (select s.id, row(s.*)::drip_step_plan as step, true as is_step, null::timestamptz as due from unnest(steps) s
            union all select p.id, null, false, p.due from unnest(placed) p) b
     group by b.id
  $function$
  grant execute to public

function public.update_drip_campaign_statistics()
  CREATE OR REPLACE FUNCTION public.update_drip_campaign_statistics()
   RETURNS trigger
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    ids uuid[];
    statuses text[];
    counts integer[];
  begin
    if tg_op = 'INSERT' then
      select array_agg(g.campaign_id), array_agg(g.status), array_agg(g.n) into ids, statuses, counts
        from (select a.campaign_id, a.status, count(*)::integer as n from added a group by 1, 2) g;
    else
      select array_agg(g.campaign_id), array_agg(g.status), array_agg(g.n) into ids, statuses, counts
        from (select s.campaign_id, s.status, sum(s.sign)::integer as n
                from (select 1 as sign, a.campaign_id, a.status from added a union all select -1, r.campaign_id, r.status from removed r) s
               group by 1, 2 having sum(s.sign) <> 0) g;
    end if;
    if ids is not null then
      perform public.adsapp_count_people(ids, statuses, counts);
    end if;
    return null;
  end $function$

function public.write_in_conversation(p_conversation_id uuid, p_agent_id uuid, p_type text, p_body text, p_payload jsonb)
  CREATE OR REPLACE FUNCTION public.write_in_conversation(p_conversation_id uuid, p_agent_id uuid, p_type text, p_body text, p_payload jsonb)
   RETURNS uuid
   LANGUAGE plpgsql
   SECURITY DEFINER
   SET search_path TO ''
  AS $function$
  declare
    said public.conversations;
    person record;
    number uuid;
    written uuid;
  begin
    select * into said from public.conversations c
     where c.id = p_conversation_id and c.organization_id = public.adsapp_organization_id() for no key update;
    if not found then
      raise exception 'conversation "%" not found', p_conversation_id using errcode = 'no_data_found';
    end if;
    if coalesce(public.adsapp_profile_role(), 'viewer') = 'viewer' then
      raise exception 'viewers only read' using errcode = 'insufficient_privilege';
    end if;
    if said.status = 'closed' then
      raise exception 'the conversation is closed' using errcode = 'object_not_in_prerequisite_state', hint = 'What the person writes next opens another one.';
    end if;
    select k.blocked_at, k.erased_at, o.timezone, k.last_inbound_at + interval '24 hours' as closes_at into person
      from public.contacts k join public.organizations o on o.id = k.organization_id
     where k.id = said.contact_id and k.organization_id = said.organization_id;
    if coalesce(person.blocked_at, person.erased_at) is not null then
      raise exception 'the contact is blocked: no message of any kind' using errcode = 'object_not_in_prerequisite_state';
    end if;
    if person.closes_at is null or person.closes_at <= public.adsapp_now() then
      raise exception 'the service window is closed: %', coalesce(format('it ended at %s (%s)', to_char(person.closes_at at time zone person.timezone, 'YYYY-MM-DD HH24:MI'), person.timezone), 'this person has not written to us')
        using errcode = 'object_not_in_prerequisite_state', hint = 'Meta takes free text within 24 hours of what the person wrote last. Send a template instead: a campaign or a drip with an approved one.';
    end if;
    select coalesce((select m.sender_id from public.messages m
                      where m.contact_id = said.contact_id and m.organization_id = said.organization_id and m.direction = 'inbound' and m.sender_id is not null
                      order by m.created_at desc, m.received_at desc limit 1),
                    (select s.id from public.senders s where s.organization_id = said.organization_id and s.is_default)) into number;
    if number is null then
      raise exception 'there is no sender to answer from' using errcode = 'object_not_in_prerequisite_state', hint = 'Run: adsapp sender add NAME --help';
    end if;
    insert into public.messages (organization_id, direction, contact_id, sender_id, agent_id, conversation_id, type, body, payload, status)
    values (said.organization_id, 'outbound', said.contact_id, number, p_agent_id, said.id, p_type, p_body, p_payload, 'pending')
    returning id into written;
    return written;
  end $function$

table public.account_notices, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  waba_id text not null
  sender_id uuid
  field text not null
  event text not null
  message text not null
  halts boolean not null default false
  details jsonb not null default '{}'::jsonb
  digest text not null generated always as (md5((details)::text)) stored
  occurred_at timestamp with time zone not null
  created_at timestamp with time zone not null default adsapp_now()
  constraint details_is_object CHECK ((jsonb_typeof(details) = 'object'::text))
  constraint waba_id_is_digits CHECK ((waba_id ~ '^[0-9]{1,32}$'::text))
  constraint account_notices_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint account_notices_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE SET NULL (sender_id)
  constraint account_notices_pkey PRIMARY KEY (id, organization_id)
  constraint account_notices_once UNIQUE (organization_id, waba_id, field, event, occurred_at, digest)
  CREATE INDEX account_notices_at_idx ON public.account_notices USING btree (organization_id, occurred_at DESC)
  CREATE INDEX account_notices_sender_idx ON public.account_notices USING btree (sender_id) WHERE (sender_id IS NOT NULL)
  policy "Users can access account notices in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  comment: what Meta told about an account, a number or a template; each does its work once, when it is new
  comment on halts: the senders of the account were halted for it

table public.agent_days_due, row level security forced
  organization_id uuid not null
  agent_id uuid not null
  date date not null
  marked_at timestamp with time zone not null default adsapp_now()
  constraint agent_days_due_agent_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES profiles(organization_id, id) ON DELETE CASCADE
  constraint agent_days_due_pkey PRIMARY KEY (agent_id, date, organization_id)
  policy "Users can access agent days in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

table public.agent_performance_metrics, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  agent_id uuid not null
  date date not null
  conversations_handled integer not null default 0
  messages_sent integer not null default 0
  avg_first_response_time numeric
  avg_response_time numeric
  avg_resolution_time numeric
  online_time integer not null default 0
  customer_satisfaction_score numeric
  business_first_response_time numeric
  business_response_time numeric
  business_resolution_time numeric
  constraint agent_performance_metrics_agent_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES profiles(organization_id, id) ON DELETE CASCADE
  constraint agent_performance_metrics_pkey PRIMARY KEY (id, organization_id)
  constraint agent_performance_metrics_day_key UNIQUE (agent_id, date, organization_id)
  CREATE INDEX idx_agent_performance_metrics_org_date ON public.agent_performance_metrics USING btree (organization_id, date DESC)
  policy "Users can access agent metrics in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on avg_first_response_time: seconds by the clock, as the other avg_ times; the business_ ones count the organization's hours only
  comment on online_time: seconds of sessions that have ended

table public.agent_sessions, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  agent_id uuid not null default auth.uid()
  online_at timestamp with time zone not null default adsapp_now()
  offline_at timestamp with time zone
  constraint goes_after_it_comes CHECK ((offline_at >= online_at))
  constraint agent_sessions_agent_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES profiles(organization_id, id) ON DELETE CASCADE
  constraint agent_sessions_pkey PRIMARY KEY (id, organization_id)
  CREATE INDEX agent_sessions_agent_idx ON public.agent_sessions USING btree (agent_id, online_at)
  CREATE UNIQUE INDEX agent_sessions_one_open ON public.agent_sessions USING btree (agent_id) WHERE (offline_at IS NULL)
  CREATE TRIGGER _300_end BEFORE UPDATE ON public.agent_sessions FOR EACH ROW WHEN ((new.offline_at IS NOT NULL)) EXECUTE FUNCTION tg_agent_sessions__end()
  CREATE TRIGGER _800_agent_days_insert AFTER INSERT ON public.agent_sessions REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_agent_sessions__agent_days()
  CREATE TRIGGER _800_agent_days_update AFTER UPDATE ON public.agent_sessions REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_agent_sessions__agent_days()
  CREATE TRIGGER _900_audit AFTER INSERT OR UPDATE ON public.agent_sessions FOR EACH ROW EXECUTE FUNCTION tg_audit('offline_at')
  policy "Agents end their own sessions" as restrictive for update to adsapp_operator using (((agent_id = COALESCE(( SELECT auth.uid() AS uid), agent_id)) OR (( SELECT adsapp_profile_role() AS adsapp_profile_role) = 'admin'::text)))
  policy "Users can access agent sessions in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id) to adsapp_operator
  grant select to adsapp_operator
  grant update (offline_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

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

table public.automation_rules, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  name text not null
  trigger_type text not null
  trigger_config jsonb not null default '{}'::jsonb
  conditions jsonb
  actions jsonb not null
  enabled boolean not null default true
  created_by uuid default auth.uid()
  created_at timestamp with time zone not null default adsapp_now()
  constraint actions_is_array CHECK ((jsonb_typeof(actions) = 'array'::text))
  constraint conditions_is_object CHECK ((jsonb_typeof(conditions) = 'object'::text))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint trigger_config_is_object CHECK ((jsonb_typeof(trigger_config) = 'object'::text))
  constraint trigger_type_is_known CHECK ((trigger_type = ANY (ARRAY['contact_created'::text, 'tag_added'::text, 'custom_event'::text, 'message_received'::text])))
  constraint automation_rules_created_by_fkey FOREIGN KEY (organization_id, created_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (created_by)
  constraint automation_rules_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint automation_rules_pkey PRIMARY KEY (id, organization_id)
  constraint automation_rules_name_key UNIQUE (organization_id, name)
  CREATE INDEX automation_rules_created_by_idx ON public.automation_rules USING btree (created_by)
  CREATE INDEX automation_rules_enabled_idx ON public.automation_rules USING btree (organization_id, trigger_type) WHERE enabled
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON public.automation_rules FOR EACH ROW EXECUTE FUNCTION tg_audit()
  policy "Users can access automation rules in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, name, trigger_type, trigger_config, conditions, actions, enabled) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, trigger_type, trigger_config, conditions, actions, enabled) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

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
  running_since timestamp with time zone
  resumed_at timestamp with time zone
  variants jsonb not null default '[]'::jsonb
  next_occurrence_at timestamp with time zone
  last_completed_at timestamp with time zone
  local_time timestamp without time zone
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
  constraint variants_is_array CHECK ((jsonb_typeof(variants) = 'array'::text))
  constraint bulk_campaigns_created_by_fkey FOREIGN KEY (organization_id, created_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (created_by)
  constraint bulk_campaigns_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint bulk_campaigns_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE RESTRICT
  constraint bulk_campaigns_pkey PRIMARY KEY (id, organization_id)
  constraint bulk_campaigns_name_key UNIQUE (organization_id, name)
  CREATE INDEX bulk_campaigns_created_by_idx ON public.bulk_campaigns USING btree (created_by)
  CREATE INDEX bulk_campaigns_open_idx ON public.bulk_campaigns USING btree (sender_id, id) WHERE (status = ANY (ARRAY['scheduled'::text, 'running'::text]))
  CREATE INDEX bulk_campaigns_sender_idx ON public.bulk_campaigns USING btree (sender_id)
  CREATE TRIGGER _200_running_since BEFORE INSERT ON public.bulk_campaigns FOR EACH ROW WHEN ((new.status = 'running'::text)) EXECUTE FUNCTION tg_bulk_campaigns__running_since()
  CREATE TRIGGER _210_running_since BEFORE UPDATE ON public.bulk_campaigns FOR EACH ROW WHEN (((new.status = 'running'::text) AND (old.status <> 'running'::text))) EXECUTE FUNCTION tg_bulk_campaigns__running_since()
  CREATE TRIGGER _220_next_occurrence BEFORE UPDATE ON public.bulk_campaigns FOR EACH ROW WHEN (((new.status = 'completed'::text) AND (old.status <> 'completed'::text) AND ((new.scheduling ->> 'type'::text) = 'recurring'::text))) EXECUTE FUNCTION tg_bulk_campaigns__next_occurrence()
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE ON public.bulk_campaigns FOR EACH ROW EXECUTE FUNCTION tg_audit()
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.bulk_campaigns FOR EACH ROW WHEN ((((((((((old.status IS DISTINCT FROM new.status) OR (old.name IS DISTINCT FROM new.name)) OR (old.type IS DISTINCT FROM new.type)) OR (old.message IS DISTINCT FROM new.message)) OR (old.target_audience IS DISTINCT FROM new.target_audience)) OR (old.scheduling IS DISTINCT FROM new.scheduling)) OR (old.rate_limiting IS DISTINCT FROM new.rate_limiting)) OR (old.settings IS DISTINCT FROM new.settings)) OR (old.sender_id IS DISTINCT FROM new.sender_id))) EXECUTE FUNCTION tg_audit()
  policy "Users can access bulk campaigns in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, name, type, target_audience, message, scheduling, rate_limiting, settings, sender_id, variants) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, type, status, target_audience, message, scheduling, rate_limiting, settings, sender_id, scheduled_at, started_at, paused_at, pause_reason, resume_as, cancelled_at, resumed_at, variants, next_occurrence_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on running_since: started, or resumed by a person, last
  comment on resumed_at: when a person last let it go on (resume, retry): what went wrong before was looked at
  comment on variants: [{"name", "weight", "message"}]: who gets which is adsapp_share of campaign and contact
  comment on next_occurrence_at: of a running recurring campaign: the planned instant after the one that runs; null: it was the last
  comment on last_completed_at: of a recurring campaign: when the occurrence before was done
  comment on local_time: of a recurring campaign by the contact's time zone: the last local time that began. Zones come and go with people, so an instant does not tell which one it was

table public.bulk_message_jobs with (fillfactor=45), row level security forced
  id uuid not null default adsapp_ordered_id()
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
  withheld_at timestamp with time zone
  resolved_as text
  constraint attempts_within_bounds CHECK (((attempts >= 0) AND (attempts <= max_attempts)))
  constraint counted_has_day CHECK (((counted_on IS NOT NULL) OR ((sent_at IS NULL) AND (failed_at IS NULL))))
  constraint dispatching_has_lane CHECK (((status = 'dispatching'::text) = (lane_token IS NOT NULL)))
  constraint failed_has_time CHECK (((status <> 'failed'::text) OR (failed_at IS NOT NULL)))
  constraint only_pending_waits CHECK (((next_attempt_at IS NULL) OR (status = 'pending'::text)))
  constraint resolved_as_is_known CHECK ((resolved_as = ANY (ARRAY['sent'::text, 'not-sent'::text])))
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
  CREATE INDEX bulk_message_jobs_waiting ON public.bulk_message_jobs USING btree (campaign_id, next_attempt_at, occurrence) WHERE (next_attempt_at IS NOT NULL)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.bulk_message_jobs FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_bulk_message_jobs__organization()
  CREATE TRIGGER _500_count_insert AFTER INSERT ON public.bulk_message_jobs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_bulk_message_jobs__count()
  CREATE TRIGGER _500_count_update AFTER UPDATE ON public.bulk_message_jobs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_bulk_message_jobs__count()
  CREATE TRIGGER _510_count_templates_insert AFTER INSERT ON public.bulk_message_jobs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_bulk_message_jobs__count_templates()
  CREATE TRIGGER _510_count_templates_update AFTER UPDATE ON public.bulk_message_jobs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_bulk_message_jobs__count_templates()
  CREATE TRIGGER _520_failures_insert AFTER INSERT ON public.bulk_message_jobs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_jobs__count_failures()
  CREATE TRIGGER _520_failures_update AFTER UPDATE ON public.bulk_message_jobs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_jobs__count_failures()
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
  comment on withheld_at: when Meta withheld it (131049): tried once more a day later, the second time is final
  comment on resolved_as: what a person said of its unknown outcome (job resolve); sent: without a message of Meta's

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
  drip_campaign_id uuid generated always as (
  CASE
      WHEN (campaign_type = 'drip'::text) THEN campaign_id
      ELSE NULL::uuid
  END) stored
  constraint campaign_type_is_known CHECK ((campaign_type = ANY (ARRAY['bulk'::text, 'drip'::text])))
  constraint campaign_analytics_bulk_fkey FOREIGN KEY (organization_id, bulk_campaign_id) REFERENCES bulk_campaigns(organization_id, id) ON DELETE CASCADE
  constraint campaign_analytics_drip_fkey FOREIGN KEY (organization_id, drip_campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint campaign_analytics_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint campaign_analytics_pkey PRIMARY KEY (id, organization_id)
  constraint campaign_analytics_day_key UNIQUE (campaign_id, date, organization_id)
  CREATE INDEX campaign_analytics_bulk_idx ON public.campaign_analytics USING btree (bulk_campaign_id)
  CREATE INDEX campaign_analytics_drip_idx ON public.campaign_analytics USING btree (drip_campaign_id)
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
  comment on drip_campaign_id: campaign_id as a key that is checked

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
  canary integer
  canary_claimed integer not null default 0
  canary_at timestamp with time zone
  looked_at timestamp with time zone
  constraint canary_is_positive CHECK ((canary > 0))
  constraint claimed_is_expanded CHECK ((next_seq <= expanded_seq))
  constraint class_is_known CHECK ((class = ANY (ARRAY[1, 2])))
  constraint per_hour_is_positive CHECK ((per_hour > 0))
  constraint campaign_runs_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES bulk_campaigns(organization_id, id) ON DELETE CASCADE
  constraint campaign_runs_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE RESTRICT
  constraint campaign_runs_pkey PRIMARY KEY (campaign_id, occurrence, organization_id)
  CREATE INDEX campaign_runs_canary_idx ON public.campaign_runs USING btree (campaign_id) WHERE (canary IS NOT NULL)
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
  comment on canary: settings.canary.messages until it is known how they went; then null
  comment on canary_claimed: people of the canary that were dispatched to
  comment on canary_at: when the last of them was
  comment on looked_at: when a claim came by last, whatever its limits let through (maxLateness)

table public.channel_sources, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  type text not null
  name text not null
  code text
  config jsonb not null default '{}'::jsonb
  daily_counts jsonb not null default '{}'::jsonb
  created_at timestamp with time zone not null default adsapp_now()
  is_fallback boolean not null default false
  constraint code_is_plain CHECK ((code ~ '^[A-Z0-9]{3,16}$'::text))
  constraint config_is_object CHECK ((jsonb_typeof(config) = 'object'::text))
  constraint daily_counts_is_object CHECK ((jsonb_typeof(daily_counts) = 'object'::text))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint type_is_known CHECK ((type = ANY (ARRAY['direct'::text, 'qr_code'::text, 'web_widget'::text, 'api'::text, 'campaign'::text])))
  constraint channel_sources_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint channel_sources_pkey PRIMARY KEY (id, organization_id)
  constraint channel_sources_code_key UNIQUE (organization_id, code)
  constraint channel_sources_name_key UNIQUE (organization_id, name)
  CREATE UNIQUE INDEX channel_sources_one_fallback ON public.channel_sources USING btree (organization_id, type) WHERE is_fallback
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE ON public.channel_sources FOR EACH ROW WHEN ((auth.uid() IS NOT NULL)) EXECUTE FUNCTION tg_audit()
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.channel_sources FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.config IS DISTINCT FROM new.config))) EXECUTE FUNCTION tg_audit('name', 'config')
  policy "Users can access channel sources in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, type, name, code, config) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, config) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on code: stands in the prefilled text of a link ("[ref: A7K2]"), which is all that tells where a person comes from
  comment on config: {"text", "campaignId", "adIds": ["1202"]}: the text of its link; whose answers and ads' people it takes
  comment on daily_counts: conversations by local day: {"2026-11-27": 12}
  comment on is_fallback: made by itself: takes what no other source of its type takes

table public.contact_events, row level security forced
  id bigint not null generated always as identity
  organization_id uuid not null default adsapp_organization_id()
  contact_id uuid not null
  type text not null
  name text
  data jsonb not null default '{}'::jsonb
  event_id text
  depth smallint not null default COALESCE(((NULLIF(current_setting('adsapp.event_depth'::text, true), ''::text))::smallint)::integer, 0)
  occurred_at timestamp with time zone not null default adsapp_now()
  processed_at timestamp with time zone
  note text
  constraint data_is_object CHECK ((jsonb_typeof(data) = 'object'::text))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint named_where_it_counts CHECK (((name IS NOT NULL) OR (type = ANY (ARRAY['contact_created'::text, 'message_received'::text]))))
  constraint type_is_known CHECK ((type = ANY (ARRAY['contact_created'::text, 'tag_added'::text, 'custom_event'::text, 'api'::text, 'message_received'::text])))
  constraint contact_events_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE CASCADE
  constraint contact_events_pkey PRIMARY KEY (id, organization_id)
  constraint contact_events_event_id_key UNIQUE (organization_id, event_id)
  CREATE INDEX contact_events_contact_idx ON public.contact_events USING btree (contact_id, type, name, occurred_at)
  CREATE INDEX contact_events_name_idx ON public.contact_events USING btree (organization_id, name, occurred_at, contact_id) WHERE (type = ANY (ARRAY['custom_event'::text, 'api'::text]))
  CREATE INDEX contact_events_waiting ON public.contact_events USING btree (depth, id) WHERE (processed_at IS NULL)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.contact_events FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_contact_events__organization()
  CREATE TRIGGER _900_audit_insert AFTER INSERT ON public.contact_events REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN (((auth.uid() IS NOT NULL) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION tg_contact_events__audit()
  policy "Users can access contact events in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, contact_id, type, name, data, event_id, occurred_at) to adsapp_operator
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on name: the tag, or the event's name
  comment on event_id: given by who sends it: the same one again changes nothing
  comment on depth: how many rules led to it; past a few nothing acts on it (guard against loops)

table public.contact_import_changes, row level security forced
  organization_id uuid not null
  import_id uuid not null
  contact_id uuid not null
  changed_at timestamp with time zone not null
  phone text
  bsuid text
  first_name text
  last_name text
  email text
  language text
  timezone text
  attributes jsonb not null
  opted_in_at timestamp with time zone
  opt_in_source text
  constraint contact_import_changes_pkey PRIMARY KEY (import_id, contact_id, organization_id)
  policy "Users can access contact import changes in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, import_id, contact_id, changed_at, phone, bsuid, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source) to adsapp_operator
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant select to adsapp_worker
  comment: contacts as they were before an import updated them. No foreign keys: a check for each of a million rows; both are deleted with their rows here only
  comment on changed_at: updated_at that the import gave the contact: while it stands, nobody changed anything since

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
  suppressed integer not null default 0
  undone_at timestamp with time zone
  constraint contact_imports_imported_by_fkey FOREIGN KEY (organization_id, imported_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (imported_by)
  constraint contact_imports_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint contact_imports_pkey PRIMARY KEY (id, organization_id)
  CREATE INDEX contact_imports_hash_idx ON public.contact_imports USING btree (organization_id, file_hash)
  CREATE INDEX contact_imports_imported_by_idx ON public.contact_imports USING btree (imported_by)
  CREATE TRIGGER _500_forget AFTER DELETE ON public.contact_imports REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tg_contact_imports__forget()
  CREATE TRIGGER _900_audit AFTER INSERT OR UPDATE ON public.contact_imports FOR EACH ROW EXECUTE FUNCTION tg_audit('rows', 'created', 'updated', 'unchanged', 'skipped', 'rejected', 'suppressed', 'undone_at')
  policy "Users can access contact imports in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, file_name, file_hash, options, rows, created, updated, unchanged, skipped, rejected, suppressed) to adsapp_operator
  grant select to adsapp_operator
  grant update (rows, created, updated, unchanged, skipped, rejected, suppressed) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on suppressed: of the skipped rows, those of people who were erased

table public.contact_list_members, row level security forced
  organization_id uuid not null
  list_id uuid not null
  contact_id uuid not null
  added_at timestamp with time zone not null default adsapp_now()
  import_id uuid
  constraint contact_list_members_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE CASCADE
  constraint contact_list_members_list_fkey FOREIGN KEY (organization_id, list_id) REFERENCES contact_lists(organization_id, id) ON DELETE CASCADE
  constraint contact_list_members_pkey PRIMARY KEY (list_id, contact_id, organization_id)
  CREATE INDEX contact_list_members_contact_idx ON public.contact_list_members USING btree (contact_id)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.contact_list_members FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_contact_tags__organization()
  CREATE TRIGGER _900_audit_delete AFTER DELETE ON public.contact_list_members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN ((CURRENT_USER = 'adsapp_operator'::name)) EXECUTE FUNCTION tg_contact_list_members__audit()
  CREATE TRIGGER _900_audit_insert AFTER INSERT ON public.contact_list_members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN ((CURRENT_USER = 'adsapp_operator'::name)) EXECUTE FUNCTION tg_contact_list_members__audit()
  policy "Users can access contact list members in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, list_id, contact_id, import_id) to adsapp_operator
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update (contact_id) to adsapp_worker
  comment on import_id: the import that added it (no key: only its undo asks)

table public.contact_lists, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  name text not null
  description text
  created_at timestamp with time zone not null default adsapp_now()
  filter jsonb
  constraint filter_is_object CHECK ((jsonb_typeof(filter) = 'object'::text))
  constraint filter_names_no_list CHECK ((NOT jsonb_path_exists(filter, '$.**."list"'::jsonpath)))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint contact_lists_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint contact_lists_pkey PRIMARY KEY (id, organization_id)
  constraint contact_lists_name_key UNIQUE (organization_id, name)
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON public.contact_lists FOR EACH ROW EXECUTE FUNCTION tg_audit()
  policy "Users can access contact lists in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, name, description, filter) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, description) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on filter: a dynamic list: whoever meets this condition now is on it, beside its members

table public.contact_tags, row level security forced
  organization_id uuid not null
  contact_id uuid not null
  tag text not null
  created_at timestamp with time zone not null default adsapp_now()
  import_id uuid
  constraint tag_is_plain CHECK (((tag = btrim(tag)) AND (tag <> ''::text) AND (length(tag) <= 100)))
  constraint contact_tags_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE CASCADE
  constraint contact_tags_pkey PRIMARY KEY (contact_id, tag, organization_id)
  CREATE INDEX contact_tags_tag_idx ON public.contact_tags USING btree (organization_id, tag, contact_id)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.contact_tags FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_contact_tags__organization()
  CREATE TRIGGER _700_event AFTER INSERT ON public.contact_tags REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_contact_tags__event()
  CREATE TRIGGER _900_audit_delete AFTER DELETE ON public.contact_tags REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN ((CURRENT_USER = 'adsapp_operator'::name)) EXECUTE FUNCTION tg_contact_tags__audit()
  CREATE TRIGGER _900_audit_insert AFTER INSERT ON public.contact_tags REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN ((CURRENT_USER = 'adsapp_operator'::name)) EXECUTE FUNCTION tg_contact_tags__audit()
  policy "Users can access contact tags in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, contact_id, tag, import_id) to adsapp_operator
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update (contact_id) to adsapp_worker
  comment on import_id: the import that added it (no key: only its undo asks)

table public.contact_touches with (fillfactor=70), row level security forced
  organization_id uuid not null
  contact_id uuid not null
  ats timestamp with time zone[] not null
  row_ids uuid[] not null
  constraint each_has_its_time CHECK ((cardinality(ats) = cardinality(row_ids)))
  constraint contact_touches_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE CASCADE
  constraint contact_touches_pkey PRIMARY KEY (contact_id, organization_id)
  policy "Users can access contact touches in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: the marketing messages of a contact within the days of settings.frequencyCap; kept by the claim while there is a cap
  comment on row_ids: jobs and logs, each once with its last attempt; the row itself says whether it may have reached the person

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
  merged_into uuid
  constraint attributes_is_object CHECK ((jsonb_typeof(attributes) = 'object'::text))
  constraint bsuid_is_well_formed CHECK ((bsuid ~ '^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$'::text))
  constraint contact_has_address CHECK (((phone IS NOT NULL) OR (bsuid IS NOT NULL) OR (erased_at IS NOT NULL)))
  constraint phone_is_e164 CHECK ((phone ~ '^\+[1-9][0-9]{6,14}$'::text))
  constraint timezone_is_iana CHECK (((timezone IS NULL) OR adsapp_is_timezone(timezone)))
  constraint contacts_import_fkey FOREIGN KEY (organization_id, import_id) REFERENCES contact_imports(organization_id, id) ON DELETE SET NULL (import_id)
  constraint contacts_merged_into_fkey FOREIGN KEY (organization_id, merged_into) REFERENCES contacts(organization_id, id) ON DELETE SET NULL (merged_into)
  constraint contacts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint contacts_pkey PRIMARY KEY (id, organization_id)
  constraint contacts_bsuid_key UNIQUE (organization_id, bsuid)
  constraint contacts_phone_key UNIQUE (organization_id, phone)
  CREATE INDEX contacts_created_idx ON public.contacts USING btree (organization_id, created_at DESC, id)
  CREATE INDEX contacts_erased_idx ON public.contacts USING btree (organization_id, id) WHERE (erased_at IS NOT NULL)
  CREATE INDEX contacts_import_idx ON public.contacts USING btree (import_id) WHERE (import_id IS NOT NULL)
  CREATE INDEX contacts_merged_into_idx ON public.contacts USING btree (merged_into) WHERE (merged_into IS NOT NULL)
  CREATE TRIGGER _300_suppressed AFTER INSERT ON public.contacts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_contacts__suppressed()
  CREATE TRIGGER _400_forget AFTER UPDATE OF erased_at ON public.contacts FOR EACH ROW WHEN (((old.erased_at IS NULL) AND (new.erased_at IS NOT NULL) AND (new.merged_into IS NULL))) EXECUTE FUNCTION tg_contacts__forget()
  CREATE TRIGGER _600_leave_drips AFTER UPDATE ON public.contacts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_contacts__leave_drips()
  CREATE TRIGGER _700_event AFTER INSERT ON public.contacts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_contacts__event()
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
  comment on opted_out_at: marketing; when it was written down here, or, of someone whom an import brought in, since when the file says. What the person or file said is in opt_out_source
  comment on blocked_at: no message of any kind
  comment on merged_into: the same person, who stays; this row keeps only what could not move, so that the ledger stands

table public.conversations, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null
  contact_id uuid not null
  status text not null default 'open'::text
  assigned_agent_id uuid
  channel_source_id uuid
  opened_at timestamp with time zone not null default adsapp_now()
  first_response_at timestamp with time zone
  resolved_at timestamp with time zone
  waiting_since timestamp with time zone
  opened_on date
  constraint closed_has_time CHECK (((status = 'closed'::text) = (resolved_at IS NOT NULL)))
  constraint status_is_known CHECK ((status = ANY (ARRAY['open'::text, 'assigned'::text, 'closed'::text])))
  constraint conversations_agent_fkey FOREIGN KEY (organization_id, assigned_agent_id) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (assigned_agent_id)
  constraint conversations_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE RESTRICT
  constraint conversations_source_fkey FOREIGN KEY (organization_id, channel_source_id) REFERENCES channel_sources(organization_id, id) ON DELETE SET NULL (channel_source_id)
  constraint conversations_pkey PRIMARY KEY (id, organization_id)
  CREATE INDEX conversations_agent_idx ON public.conversations USING btree (assigned_agent_id, resolved_at) WHERE (assigned_agent_id IS NOT NULL)
  CREATE INDEX conversations_contact_idx ON public.conversations USING btree (contact_id, opened_at)
  CREATE UNIQUE INDEX conversations_one_open ON public.conversations USING btree (contact_id) WHERE (resolved_at IS NULL)
  CREATE INDEX conversations_open_idx ON public.conversations USING btree (organization_id, waiting_since) WHERE (resolved_at IS NULL)
  CREATE INDEX conversations_opened_idx ON public.conversations USING btree (organization_id, opened_at)
  CREATE INDEX conversations_source_idx ON public.conversations USING btree (channel_source_id) WHERE (channel_source_id IS NOT NULL)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.conversations FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_conversations__organization()
  CREATE TRIGGER _300_life BEFORE INSERT OR UPDATE ON public.conversations FOR EACH ROW EXECUTE FUNCTION tg_conversations__life()
  CREATE TRIGGER _500_count_delete AFTER DELETE ON public.conversations REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tg_conversations__count()
  CREATE TRIGGER _500_count_insert AFTER INSERT ON public.conversations REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_conversations__count()
  CREATE TRIGGER _500_count_update AFTER UPDATE ON public.conversations REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_conversations__count()
  CREATE TRIGGER _800_agent_days AFTER UPDATE ON public.conversations REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_conversations__agent_days()
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.conversations FOR EACH ROW WHEN ((((old.status IS DISTINCT FROM new.status) OR (old.assigned_agent_id IS DISTINCT FROM new.assigned_agent_id)) AND (auth.uid() IS NOT NULL))) EXECUTE FUNCTION tg_audit('status', 'assigned_agent_id')
  policy "Users can access conversations in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, contact_id, assigned_agent_id, channel_source_id) to adsapp_operator
  grant select to adsapp_operator
  grant update (status, assigned_agent_id, channel_source_id) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on opened_at: when the person sent what opened it, by Meta's clock
  comment on waiting_since: when the person sent the first message that nobody has answered yet
  comment on opened_on: the local day of opened_at: sources are counted by it

table public.direct_queue with (fillfactor=70), row level security forced
  message_id uuid not null
  organization_id uuid not null
  sender_id uuid not null
  attempts smallint not null default 0
  waits smallint not null default 0
  next_attempt_at timestamp with time zone default adsapp_now()
  dispatched_at timestamp with time zone
  lane_token uuid
  constraint waits_or_is_held CHECK (((next_attempt_at IS NULL) = (lane_token IS NOT NULL)))
  constraint direct_queue_message_fkey FOREIGN KEY (organization_id, message_id) REFERENCES messages(organization_id, id) ON DELETE CASCADE
  constraint direct_queue_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE CASCADE
  constraint direct_queue_pkey PRIMARY KEY (message_id, organization_id)
  CREATE INDEX direct_queue_due_idx ON public.direct_queue USING btree (sender_id, next_attempt_at)
  policy "Users can access the direct queue in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: what the lane has to know of a pending outbound message; gone with its outcome, which is the message's status
  comment on lane_token: the worker that dispatches it now; next_attempt_at is null meanwhile

table public.drip_campaign_steps, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null
  campaign_id uuid not null
  version integer not null
  step_order integer not null
  delay_type text not null default 'minutes'::text
  delay_value integer not null default 0
  send_at time without time zone
  message_type text not null default 'text'::text
  message_content text
  message jsonb
  template_id uuid
  variables jsonb not null default '{}'::jsonb
  conditions jsonb
  created_at timestamp with time zone not null default adsapp_now()
  constraint conditions_is_object CHECK ((jsonb_typeof(conditions) = 'object'::text))
  constraint delay_is_sane CHECK (((delay_value >= 0) AND (delay_value <= 5256000)))
  constraint delay_type_is_known CHECK ((delay_type = ANY (ARRAY['minutes'::text, 'hours'::text, 'days'::text, 'weeks'::text])))
  constraint message_is_object CHECK ((jsonb_typeof(message) = 'object'::text))
  constraint message_type_is_known CHECK ((message_type = ANY (ARRAY['template'::text, 'text'::text, 'image'::text, 'document'::text, 'video'::text])))
  constraint step_order_is_positive CHECK ((step_order > 0))
  constraint variables_is_object CHECK ((jsonb_typeof(variables) = 'object'::text))
  constraint drip_campaign_steps_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint drip_campaign_steps_template_fkey FOREIGN KEY (organization_id, template_id) REFERENCES message_templates(organization_id, id) ON DELETE SET NULL (template_id)
  constraint drip_campaign_steps_pkey PRIMARY KEY (id, organization_id)
  constraint drip_campaign_steps_order_key UNIQUE (campaign_id, version, step_order, organization_id)
  CREATE INDEX drip_campaign_steps_template_idx ON public.drip_campaign_steps USING btree (template_id) WHERE (template_id IS NOT NULL)
  CREATE TRIGGER _100_fill BEFORE INSERT ON public.drip_campaign_steps FOR EACH ROW WHEN (((new.organization_id IS NULL) OR (new.version IS NULL))) EXECUTE FUNCTION tg_drip_campaign_steps__fill()
  CREATE TRIGGER _200_keep_template BEFORE UPDATE ON public.drip_campaign_steps FOR EACH ROW WHEN (((((old.message ->> 'template'::text) IS DISTINCT FROM (new.message ->> 'template'::text)) OR ((old.message ->> 'language'::text) IS DISTINCT FROM (new.message ->> 'language'::text))) OR ((new.template_id IS DISTINCT FROM old.template_id) AND (new.template_id IS NOT NULL)) OR ((old.message IS NULL) <> (new.message IS NULL)))) EXECUTE FUNCTION tg_drip_campaign_steps__keep_template()
  policy "Steps with messages stay" as restrictive for delete to adsapp_operator using ((NOT (EXISTS ( SELECT
     FROM drip_message_logs l
    WHERE (l.step_id = drip_campaign_steps.id)))))
  policy "Users can access drip campaign steps in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, campaign_id, version, step_order, delay_type, delay_value, send_at, message_type, message_content, message, template_id, variables, conditions) to adsapp_operator
  grant select to adsapp_operator
  grant update (delay_type, delay_value, send_at, message_type, message_content, message, template_id, variables, conditions) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on delay_value: from the moment the step before was sent (or skipped, or failed); minutes and hours exact, days and weeks at the same local time
  comment on send_at: local time: on the day on which the delay ends (days, weeks), or the first one after it (minutes, hours)
  comment on message: the message as a definition has it; null: message_content, or the template of template_id with variables
  comment on conditions: who does not meet them skips this step

table public.drip_campaigns with (fillfactor=70), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  name text not null
  trigger_type text not null default 'manual'::text
  trigger_config jsonb not null default '{}'::jsonb
  status text not null default 'draft'::text
  settings jsonb not null default '{}'::jsonb
  exit_when jsonb not null default '[]'::jsonb
  sender_id uuid
  current_version integer not null default 1
  created_by uuid default auth.uid()
  created_at timestamp with time zone not null default adsapp_now()
  activated_at timestamp with time zone
  paused_at timestamp with time zone
  pause_reason text
  archived_at timestamp with time zone
  total_enrolled integer not null default 0
  enrollments_active integer not null default 0
  enrollments_completed integer not null default 0
  enrollments_dropped integer not null default 0
  enrollments_opted_out integer not null default 0
  messages_sent integer not null default 0
  messages_delivered integer not null default 0
  messages_read integer not null default 0
  messages_failed integer not null default 0
  messages_skipped integer not null default 0
  replies_received integer not null default 0
  opt_outs integer not null default 0
  statistics jsonb not null generated always as (adsapp_drip_statistics(total_enrolled, enrollments_active, enrollments_completed, enrollments_dropped, enrollments_opted_out, messages_sent, messages_delivered, messages_read, messages_failed, messages_skipped, replies_received, opt_outs)) stored
  resumed_at timestamp with time zone
  constraint exit_when_is_array CHECK ((jsonb_typeof(exit_when) = 'array'::text))
  constraint max_contacts_per_day_is_positive CHECK ((((settings ->> 'maxContactsPerDay'::text))::integer > 0))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint paused_has_time CHECK (((status = 'paused'::text) = (paused_at IS NOT NULL)))
  constraint settings_is_object CHECK ((jsonb_typeof(settings) = 'object'::text))
  constraint status_is_known CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text, 'archived'::text])))
  constraint trigger_config_is_object CHECK ((jsonb_typeof(trigger_config) = 'object'::text))
  constraint trigger_type_is_known CHECK ((trigger_type = ANY (ARRAY['manual'::text, 'contact_created'::text, 'tag_added'::text, 'custom_event'::text, 'api'::text])))
  constraint version_is_positive CHECK ((current_version > 0))
  constraint drip_campaigns_created_by_fkey FOREIGN KEY (organization_id, created_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (created_by)
  constraint drip_campaigns_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint drip_campaigns_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES senders(organization_id, id) ON DELETE RESTRICT
  constraint drip_campaigns_pkey PRIMARY KEY (id, organization_id)
  constraint drip_campaigns_name_key UNIQUE (organization_id, name)
  CREATE INDEX drip_campaigns_active_idx ON public.drip_campaigns USING btree (organization_id, trigger_type) WHERE (status = 'active'::text)
  CREATE INDEX drip_campaigns_created_by_idx ON public.drip_campaigns USING btree (created_by)
  CREATE INDEX drip_campaigns_sender_idx ON public.drip_campaigns USING btree (sender_id)
  CREATE TRIGGER _200_born BEFORE INSERT ON public.drip_campaigns FOR EACH ROW WHEN ((new.status <> 'draft'::text)) EXECUTE FUNCTION tg_drip_campaigns__born()
  CREATE TRIGGER _200_stamp BEFORE UPDATE ON public.drip_campaigns FOR EACH ROW WHEN ((new.status IS DISTINCT FROM old.status)) EXECUTE FUNCTION tg_drip_campaigns__stamp()
  CREATE TRIGGER _210_resumed BEFORE UPDATE ON public.drip_campaigns FOR EACH ROW WHEN (((new.status = 'active'::text) AND (old.status = 'paused'::text))) EXECUTE FUNCTION tg_drip_campaigns__resumed()
  CREATE TRIGGER _300_follow AFTER UPDATE ON public.drip_campaigns FOR EACH ROW WHEN (((new.status IS DISTINCT FROM old.status) AND (new.status = ANY (ARRAY['active'::text, 'archived'::text])))) EXECUTE FUNCTION tg_drip_campaigns__follow()
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE ON public.drip_campaigns FOR EACH ROW EXECUTE FUNCTION tg_audit()
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.drip_campaigns FOR EACH ROW WHEN (((((((((old.status IS DISTINCT FROM new.status) OR (old.name IS DISTINCT FROM new.name)) OR (old.trigger_type IS DISTINCT FROM new.trigger_type)) OR (old.trigger_config IS DISTINCT FROM new.trigger_config)) OR (old.settings IS DISTINCT FROM new.settings)) OR (old.exit_when IS DISTINCT FROM new.exit_when)) OR (old.sender_id IS DISTINCT FROM new.sender_id)) OR (old.current_version IS DISTINCT FROM new.current_version))) EXECUTE FUNCTION tg_audit('status', 'name', 'trigger_type', 'trigger_config', 'settings', 'exit_when', 'sender_id', 'current_version', 'pause_reason')
  policy "Users can access drip campaigns in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, name, trigger_type, trigger_config, status, settings, exit_when, sender_id) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, trigger_type, trigger_config, status, settings, exit_when, sender_id, current_version, pause_reason) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on exit_when: conditions; whoever meets one of them leaves the drip
  comment on sender_id: null: the organization's default one, at the time of sending
  comment on paused_at: resume adds the time since then to every step that waits
  comment on resumed_at: when a person last let it go on: what went wrong before was looked at

table public.drip_enrollments with (fillfactor=80), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null
  campaign_id uuid not null
  contact_id uuid not null
  version integer not null
  entry_no integer not null
  status text not null default 'active'::text
  exit_reason text
  current_step_order integer not null default 0
  next_message_at timestamp with time zone
  paused_at timestamp with time zone
  messages_sent integer not null default 0
  messages_delivered integer not null default 0
  messages_read integer not null default 0
  enrolled_by uuid
  enrolled_at timestamp with time zone not null default adsapp_now()
  ended_at timestamp with time zone
  replies_received integer not null default 0
  entered_on date not null
  constraint ended_has_time CHECK (((status = ANY (ARRAY['active'::text, 'paused'::text])) = (ended_at IS NULL)))
  constraint entry_no_is_positive CHECK ((entry_no > 0))
  constraint only_active_waits CHECK (((next_message_at IS NULL) OR (status = ANY (ARRAY['active'::text, 'paused'::text]))))
  constraint paused_has_time CHECK (((status = 'paused'::text) = (paused_at IS NOT NULL)))
  constraint status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'completed'::text, 'paused'::text, 'dropped'::text, 'opted_out'::text])))
  constraint drip_enrollments_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint drip_enrollments_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE RESTRICT
  constraint drip_enrollments_enrolled_by_fkey FOREIGN KEY (organization_id, enrolled_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (enrolled_by)
  constraint drip_enrollments_pkey PRIMARY KEY (id, organization_id)
  constraint drip_enrollments_entry_key UNIQUE (campaign_id, contact_id, entry_no, organization_id)
  CREATE INDEX drip_enrollments_contact_idx ON public.drip_enrollments USING btree (contact_id)
  CREATE INDEX drip_enrollments_enrolled_by_idx ON public.drip_enrollments USING btree (enrolled_by) WHERE (enrolled_by IS NOT NULL)
  CREATE UNIQUE INDEX drip_enrollments_one_open ON public.drip_enrollments USING btree (campaign_id, contact_id) WHERE (ended_at IS NULL)
  CREATE INDEX idx_drip_enrollments_next_message ON public.drip_enrollments USING btree (next_message_at) WHERE (status = 'active'::text)
  CREATE TRIGGER _100_fill BEFORE INSERT ON public.drip_enrollments FOR EACH ROW WHEN (((new.organization_id IS NULL) OR (new.version IS NULL) OR (new.entry_no IS NULL))) EXECUTE FUNCTION tg_drip_enrollments__fill()
  CREATE TRIGGER _110_entered BEFORE INSERT ON public.drip_enrollments FOR EACH ROW WHEN ((new.entered_on IS NULL)) EXECUTE FUNCTION tg_drip_enrollments__entered()
  CREATE TRIGGER _200_stamp BEFORE UPDATE ON public.drip_enrollments FOR EACH ROW WHEN ((new.status IS DISTINCT FROM old.status)) EXECUTE FUNCTION tg_drip_enrollments__stamp()
  CREATE TRIGGER _200_statistics_insert AFTER INSERT ON public.drip_enrollments REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION update_drip_campaign_statistics()
  CREATE TRIGGER _200_statistics_update AFTER UPDATE ON public.drip_enrollments REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION update_drip_campaign_statistics()
  CREATE TRIGGER _210_entries_insert AFTER INSERT ON public.drip_enrollments REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_enrollments__count_entries()
  CREATE TRIGGER _210_entries_update AFTER UPDATE ON public.drip_enrollments REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_enrollments__count_entries()
  CREATE TRIGGER _300_enter AFTER INSERT ON public.drip_enrollments REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_enrollments__enter()
  CREATE TRIGGER _300_follow AFTER UPDATE ON public.drip_enrollments REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_enrollments__follow()
  CREATE TRIGGER _900_audit_insert AFTER INSERT ON public.drip_enrollments REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN (((auth.uid() IS NOT NULL) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION tg_drip_enrollments__audit()
  CREATE TRIGGER _900_audit_update AFTER UPDATE ON public.drip_enrollments REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT WHEN (((auth.uid() IS NOT NULL) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION tg_drip_enrollments__audit()
  policy "Users can access drip enrollments in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, campaign_id, contact_id, version, entry_no, enrolled_by, enrolled_at) to adsapp_operator
  grant select to adsapp_operator
  grant update (version, status, exit_reason, next_message_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on entry_no: the how-manieth time of this contact in this drip
  comment on next_message_at: the truth about when; the open log's scheduled_for follows it. Null: no step is planned
  comment on entered_on: the organization's local day of enrolled_at, by its time zone of then

table public.drip_entry_analytics with (fillfactor=70), row level security forced
  organization_id uuid not null
  campaign_id uuid not null
  date date not null
  enrolled integer not null default 0
  completed integer not null default 0
  dropped integer not null default 0
  opted_out integer not null default 0
  messages_sent integer not null default 0
  messages_delivered integer not null default 0
  messages_read integer not null default 0
  replies_received integer not null default 0
  constraint drip_entry_analytics_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint drip_entry_analytics_pkey PRIMARY KEY (campaign_id, date, organization_id)
  CREATE INDEX drip_entry_analytics_organization_idx ON public.drip_entry_analytics USING btree (organization_id, date DESC)
  policy "Users can access drip entry analytics in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: the people of a drip by the local day on which they entered it: what became of them, and of all their messages, until now

table public.drip_first_steps, row level security forced
  organization_id uuid not null
  campaign_id uuid not null
  date date not null
  planned integer not null default 0
  constraint drip_first_steps_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint drip_first_steps_pkey PRIMARY KEY (campaign_id, date, organization_id)
  policy "Users can access drip first steps in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker

table public.drip_message_logs with (fillfactor=45), row level security forced
  id uuid not null default adsapp_ordered_id()
  organization_id uuid not null
  enrollment_id uuid not null
  campaign_id uuid not null
  contact_id uuid not null
  step_id uuid not null
  step_order integer not null
  scheduled_for timestamp with time zone not null
  gap_shift interval not null default '00:00:00'::interval
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
  sent_at timestamp with time zone
  delivered_at timestamp with time zone
  read_at timestamp with time zone
  failed_at timestamp with time zone
  replied_at timestamp with time zone
  opted_out_at timestamp with time zone
  counted_on date
  created_at timestamp with time zone not null default adsapp_now()
  withheld_at timestamp with time zone
  resolved_as text
  constraint attempts_within_bounds CHECK (((attempts >= 0) AND (attempts <= max_attempts)))
  constraint counted_has_day CHECK (((counted_on IS NOT NULL) OR ((sent_at IS NULL) AND (failed_at IS NULL))))
  constraint dispatching_has_lane CHECK (((status = 'dispatching'::text) = (lane_token IS NOT NULL)))
  constraint failed_has_time CHECK (((status <> 'failed'::text) OR (failed_at IS NOT NULL)))
  constraint only_pending_waits CHECK (((next_attempt_at IS NULL) OR (status = 'pending'::text)))
  constraint resolved_as_is_known CHECK ((resolved_as = ANY (ARRAY['sent'::text, 'not-sent'::text])))
  constraint sent_has_time CHECK (((status <> ALL (ARRAY['sent'::text, 'delivered'::text, 'read'::text])) OR (sent_at IS NOT NULL)))
  constraint skipped_has_reason CHECK (((status = 'skipped'::text) = (skip_reason IS NOT NULL)))
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'dispatching'::text, 'unknown'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text])))
  constraint unknown_has_time CHECK (((status = 'unknown'::text) = (unknown_since IS NOT NULL)))
  constraint drip_message_logs_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint drip_message_logs_contact_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE RESTRICT
  constraint drip_message_logs_enrollment_fkey FOREIGN KEY (organization_id, enrollment_id) REFERENCES drip_enrollments(organization_id, id) ON DELETE CASCADE
  constraint drip_message_logs_step_fkey FOREIGN KEY (organization_id, step_id) REFERENCES drip_campaign_steps(organization_id, id) ON DELETE CASCADE
  constraint drip_message_logs_pkey PRIMARY KEY (id, organization_id)
  constraint drip_message_logs_once UNIQUE (enrollment_id, step_order, organization_id)
  CREATE INDEX drip_message_logs_campaign_idx ON public.drip_message_logs USING btree (campaign_id, step_order)
  CREATE INDEX drip_message_logs_contact_idx ON public.drip_message_logs USING btree (contact_id)
  CREATE INDEX drip_message_logs_due ON public.drip_message_logs USING btree (campaign_id, next_attempt_at) WHERE (next_attempt_at IS NOT NULL)
  CREATE INDEX drip_message_logs_failed ON public.drip_message_logs USING btree (campaign_id, failed_at) WHERE (failed_at IS NOT NULL)
  CREATE INDEX drip_message_logs_step_idx ON public.drip_message_logs USING btree (step_id)
  CREATE INDEX drip_message_logs_unknown ON public.drip_message_logs USING btree (unknown_since) WHERE (unknown_since IS NOT NULL)
  CREATE TRIGGER _500_count_insert AFTER INSERT ON public.drip_message_logs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_message_logs__count()
  CREATE TRIGGER _500_count_update AFTER UPDATE ON public.drip_message_logs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_message_logs__count()
  CREATE TRIGGER _510_count_steps_insert AFTER INSERT ON public.drip_message_logs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_message_logs__count_steps()
  CREATE TRIGGER _510_count_steps_update AFTER UPDATE ON public.drip_message_logs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_message_logs__count_steps()
  CREATE TRIGGER _520_failures_insert AFTER INSERT ON public.drip_message_logs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_jobs__count_failures()
  CREATE TRIGGER _520_failures_update AFTER UPDATE ON public.drip_message_logs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_jobs__count_failures()
  CREATE TRIGGER _530_replies_update AFTER UPDATE ON public.drip_message_logs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_message_logs__count_replies()
  CREATE TRIGGER _600_next AFTER UPDATE ON public.drip_message_logs REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_drip_message_logs__next()
  policy "Users can access drip message logs in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on gap_shift: by how much the change of clocks moved it; the next step in days forgets it
  comment on next_attempt_at: when to look at a pending row: its time, a retry, the end of quiet hours. Null: nobody has to

table public.drip_step_analytics with (fillfactor=70), row level security forced
  organization_id uuid not null
  campaign_id uuid not null
  step_id uuid not null
  date date not null
  messages_sent integer not null default 0
  messages_delivered integer not null default 0
  messages_read integer not null default 0
  messages_failed integer not null default 0
  replies_received integer not null default 0
  opt_outs integer not null default 0
  constraint drip_step_analytics_campaign_fkey FOREIGN KEY (organization_id, campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint drip_step_analytics_step_fkey FOREIGN KEY (organization_id, step_id) REFERENCES drip_campaign_steps(organization_id, id) ON DELETE CASCADE
  constraint drip_step_analytics_pkey PRIMARY KEY (step_id, date, organization_id)
  CREATE INDEX drip_step_analytics_campaign_idx ON public.drip_step_analytics USING btree (campaign_id, date)
  CREATE INDEX drip_step_analytics_organization_idx ON public.drip_step_analytics USING btree (organization_id, date DESC)
  policy "Users can access drip step analytics in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: the funnel of a drip: by step (of a version) and the local day on which the message was sent

table public.failure_analytics with (fillfactor=70), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  campaign_id uuid not null
  campaign_type text not null
  bulk_campaign_id uuid generated always as (
  CASE
      WHEN (campaign_type = 'bulk'::text) THEN campaign_id
      ELSE NULL::uuid
  END) stored
  drip_campaign_id uuid generated always as (
  CASE
      WHEN (campaign_type = 'drip'::text) THEN campaign_id
      ELSE NULL::uuid
  END) stored
  date date not null
  error_code text not null
  failures integer not null default 0
  constraint campaign_type_is_known CHECK ((campaign_type = ANY (ARRAY['bulk'::text, 'drip'::text])))
  constraint failure_analytics_bulk_fkey FOREIGN KEY (organization_id, bulk_campaign_id) REFERENCES bulk_campaigns(organization_id, id) ON DELETE CASCADE
  constraint failure_analytics_drip_fkey FOREIGN KEY (organization_id, drip_campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint failure_analytics_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint failure_analytics_pkey PRIMARY KEY (id, organization_id)
  constraint failure_analytics_day_key UNIQUE (campaign_id, date, error_code, organization_id)
  CREATE INDEX failure_analytics_bulk_idx ON public.failure_analytics USING btree (bulk_campaign_id)
  CREATE INDEX failure_analytics_drip_idx ON public.failure_analytics USING btree (drip_campaign_id)
  CREATE INDEX failure_analytics_org_date_idx ON public.failure_analytics USING btree (organization_id, date DESC)
  policy "Users can access failure analytics in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: messages_failed of campaign_analytics by error code; days alike
  comment on error_code: as jobs and logs have it; "none" where they have none

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
  comment on job_ids: jobs of broadcasts, or logs of drips

table public.message_pricing_analytics with (fillfactor=70), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null
  campaign_id uuid
  campaign_type text
  bulk_campaign_id uuid generated always as (
  CASE
      WHEN (campaign_type = 'bulk'::text) THEN campaign_id
      ELSE NULL::uuid
  END) stored
  drip_campaign_id uuid generated always as (
  CASE
      WHEN (campaign_type = 'drip'::text) THEN campaign_id
      ELSE NULL::uuid
  END) stored
  date date not null
  calling_code text
  category text
  pricing_type text
  messages integer not null default 0
  constraint campaign_is_whole CHECK (((campaign_id IS NULL) = (campaign_type IS NULL)))
  constraint campaign_type_is_known CHECK ((campaign_type = ANY (ARRAY['bulk'::text, 'drip'::text])))
  constraint message_pricing_analytics_bulk_fkey FOREIGN KEY (organization_id, bulk_campaign_id) REFERENCES bulk_campaigns(organization_id, id) ON DELETE CASCADE
  constraint message_pricing_analytics_drip_fkey FOREIGN KEY (organization_id, drip_campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint message_pricing_analytics_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint message_pricing_analytics_pkey PRIMARY KEY (id, organization_id)
  constraint message_pricing_analytics_day_key UNIQUE NULLS NOT DISTINCT (campaign_id, date, calling_code, category, pricing_type, organization_id)
  CREATE INDEX message_pricing_analytics_bulk_idx ON public.message_pricing_analytics USING btree (bulk_campaign_id) WHERE (bulk_campaign_id IS NOT NULL)
  CREATE INDEX message_pricing_analytics_drip_idx ON public.message_pricing_analytics USING btree (drip_campaign_id) WHERE (drip_campaign_id IS NOT NULL)
  CREATE INDEX message_pricing_analytics_organization_idx ON public.message_pricing_analytics USING btree (organization_id, date DESC)
  policy "Users can access message pricing in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: delivered messages of which Meta told the price, by the local day on which they were sent: times a rate card, what they cost
  comment on campaign_id: null: agents' answers, confirmations, tests
  comment on calling_code: of the phone when it was delivered, as Meta's rate cards go; null: known by a user id only
  comment on pricing_type: Meta's word: regular is charged, free_customer_service and free_entry_point are not

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
  status_reason text
  status_at timestamp with time zone
  quality_at timestamp with time zone
  category_at timestamp with time zone
  stale_at timestamp with time zone
  waba_id text
  rejected_reason text
  constraint category_is_known CHECK ((category = ANY (ARRAY['MARKETING'::text, 'UTILITY'::text, 'AUTHENTICATION'::text])))
  constraint components_is_array CHECK ((jsonb_typeof(components) = 'array'::text))
  constraint language_is_a_code CHECK ((language ~ '^[a-z]{2,3}(_[A-Z]{2})?$'::text))
  constraint name_is_plain CHECK (((name ~ '^[a-z0-9_]+$'::text) AND (length(name) <= 512)))
  constraint parameter_format_is_known CHECK ((parameter_format = ANY (ARRAY['POSITIONAL'::text, 'NAMED'::text])))
  constraint waba_id_is_digits CHECK ((waba_id ~ '^[0-9]{1,32}$'::text))
  constraint message_templates_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint message_templates_pkey PRIMARY KEY (id, organization_id)
  constraint message_templates_name_key UNIQUE (organization_id, name, language)
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON public.message_templates FOR EACH ROW EXECUTE FUNCTION tg_audit()
  policy "Templates with messages stay" as restrictive for delete to adsapp_operator using ((NOT (EXISTS ( SELECT
     FROM template_usage_analytics u
    WHERE (u.template_id = message_templates.id)))))
  policy "Users can access message templates in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, provider_template_id, name, language, category, status, parameter_format, components, variables, quality, waba_id, rejected_reason) to adsapp_operator
  grant select to adsapp_operator
  grant update (provider_template_id, category, status, parameter_format, components, variables, quality, updated_at, status_reason, status_at, stale_at, waba_id, rejected_reason) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on status: Meta's word; DELETED: it was in the account once, and is no more
  comment on variables: the body's variables in order: 1, 2 … or names
  comment on status_at: when Meta last told of it by webhook, by its own clock; older news changes nothing
  comment on stale_at: its text was changed at Meta then, and is not known here
  comment on waba_id: the account that template sync found it in; null: added by hand

table public.messages with (fillfactor=50), row level security forced
  id uuid not null default adsapp_ordered_id()
  organization_id uuid not null default adsapp_organization_id()
  direction text not null
  contact_id uuid not null
  sender_id uuid
  agent_id uuid
  bulk_message_job_id uuid
  drip_message_log_id uuid
  direct_contact_id uuid generated always as (
  CASE
      WHEN ((bulk_message_job_id IS NULL) AND (drip_message_log_id IS NULL)) THEN contact_id
      ELSE NULL::uuid
  END) stored
  direct_sender_id uuid generated always as (
  CASE
      WHEN ((bulk_message_job_id IS NULL) AND (drip_message_log_id IS NULL)) THEN sender_id
      ELSE NULL::uuid
  END) stored
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
  received_at timestamp with time zone
  replied_at timestamp with time zone
  consent text
  reviewed_at timestamp with time zone
  conversation_id uuid
  priced_on date
  calling_code text
  answers uuid
  constraint consent_is_known CHECK ((consent = ANY (ARRAY['opt_out'::text, 'opt_in'::text, 'review'::text])))
  constraint direction_is_known CHECK ((direction = ANY (ARRAY['outbound'::text, 'inbound'::text])))
  constraint only_people_answer CHECK (((answers IS NULL) OR (direction = 'inbound'::text)))
  constraint only_people_consent CHECK (((consent IS NULL) OR (direction = 'inbound'::text)))
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'dispatching'::text, 'unknown'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'failed'::text, 'received'::text])))
  constraint messages_agent_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (agent_id)
  constraint messages_contact_fkey FOREIGN KEY (organization_id, direct_contact_id) REFERENCES contacts(organization_id, id) ON DELETE RESTRICT
  constraint messages_conversation_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE SET NULL (conversation_id)
  constraint messages_job_fkey FOREIGN KEY (organization_id, bulk_message_job_id) REFERENCES bulk_message_jobs(organization_id, id) ON DELETE CASCADE
  constraint messages_log_fkey FOREIGN KEY (organization_id, drip_message_log_id) REFERENCES drip_message_logs(organization_id, id) ON DELETE CASCADE
  constraint messages_sender_fkey FOREIGN KEY (organization_id, direct_sender_id) REFERENCES senders(organization_id, id) ON DELETE RESTRICT
  constraint messages_pkey PRIMARY KEY (id, organization_id)
  constraint messages_provider_message_id_key UNIQUE (provider_message_id, organization_id)
  CREATE INDEX messages_agent_idx ON public.messages USING btree (agent_id, created_at) WHERE (agent_id IS NOT NULL)
  CREATE INDEX messages_answers_idx ON public.messages USING btree (answers) WHERE (answers IS NOT NULL)
  CREATE INDEX messages_contact_idx ON public.messages USING btree (contact_id, created_at)
  CREATE INDEX messages_conversation_idx ON public.messages USING btree (conversation_id) WHERE (conversation_id IS NOT NULL)
  CREATE INDEX messages_direct_contact_idx ON public.messages USING btree (direct_contact_id) WHERE (direct_contact_id IS NOT NULL)
  CREATE INDEX messages_direct_sender_idx ON public.messages USING btree (direct_sender_id) WHERE (direct_sender_id IS NOT NULL)
  CREATE INDEX messages_job_idx ON public.messages USING btree (bulk_message_job_id) WHERE (bulk_message_job_id IS NOT NULL)
  CREATE INDEX messages_log_idx ON public.messages USING btree (drip_message_log_id) WHERE (drip_message_log_id IS NOT NULL)
  CREATE INDEX messages_review_idx ON public.messages USING btree (organization_id, received_at) WHERE ((consent = 'review'::text) AND (reviewed_at IS NULL))
  CREATE INDEX messages_sender_idx ON public.messages USING btree (sender_id, sent_at)
  CREATE TRIGGER _100_organization BEFORE INSERT ON public.messages FOR EACH ROW WHEN ((new.organization_id IS NULL)) EXECUTE FUNCTION tg_messages__organization()
  CREATE TRIGGER _150_direct_sender BEFORE INSERT ON public.messages FOR EACH ROW WHEN (((new.direction = 'outbound'::text) AND (new.status = 'pending'::text) AND (new.sender_id IS NULL))) EXECUTE FUNCTION tg_messages__direct_sender()
  CREATE TRIGGER _200_only_rise BEFORE UPDATE ON public.messages FOR EACH ROW WHEN ((adsapp_status_rank(new.status) < adsapp_status_rank(old.status))) EXECUTE FUNCTION tg_messages__only_rise()
  CREATE TRIGGER _300_received BEFORE INSERT ON public.messages FOR EACH ROW WHEN (((new.direction = 'inbound'::text) AND (new.received_at IS NULL))) EXECUTE FUNCTION tg_messages__received()
  CREATE TRIGGER _300_times BEFORE INSERT OR UPDATE ON public.messages FOR EACH ROW WHEN (((new.direction = 'outbound'::text) AND
          CASE new.status
              WHEN 'sent'::text THEN (new.sent_at IS NULL)
              WHEN 'failed'::text THEN (new.failed_at IS NULL)
              WHEN 'delivered'::text THEN ((new.sent_at IS NULL) OR (new.delivered_at IS NULL))
              WHEN 'read'::text THEN ((new.sent_at IS NULL) OR (new.delivered_at IS NULL) OR (new.read_at IS NULL))
              ELSE NULL::boolean
          END)) EXECUTE FUNCTION tg_messages__times()
  CREATE TRIGGER _310_price BEFORE INSERT OR UPDATE ON public.messages FOR EACH ROW WHEN (((new.pricing IS NOT NULL) AND (new.delivered_at IS NOT NULL) AND (new.priced_on IS NULL) AND (new.direction = 'outbound'::text))) EXECUTE FUNCTION tg_messages__price()
  CREATE TRIGGER _500_track_insert AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION track_message_delivery()
  CREATE TRIGGER _500_track_update AFTER UPDATE ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION track_message_delivery()
  CREATE TRIGGER _510_track_drips_insert AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION track_drip_delivery()
  CREATE TRIGGER _510_track_drips_update AFTER UPDATE ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION track_drip_delivery()
  CREATE TRIGGER _550_queue AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__queue()
  CREATE TRIGGER _560_leave_queue AFTER UPDATE ON public.messages FOR EACH ROW WHEN (((old.status = 'pending'::text) AND (new.status <> ALL (ARRAY['pending'::text, 'dispatching'::text])))) EXECUTE FUNCTION tg_messages__leave_queue()
  CREATE TRIGGER _590_count_prices_insert AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__count_prices()
  CREATE TRIGGER _590_count_prices_update AFTER UPDATE ON public.messages REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__count_prices()
  CREATE TRIGGER _600_stop_on_reply AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__stop_on_reply()
  CREATE TRIGGER _700_converse AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__converse()
  CREATE TRIGGER _710_attribute AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__attribute()
  CREATE TRIGGER _750_unanswered AFTER UPDATE ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__unanswered()
  CREATE TRIGGER _800_agent_days_insert AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__agent_days()
  CREATE TRIGGER _800_agent_days_update AFTER UPDATE ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_messages__agent_days()
  CREATE TRIGGER _900_audit AFTER INSERT ON public.messages FOR EACH ROW WHEN (((new.direction = 'outbound'::text) AND (new.agent_id IS NOT NULL))) EXECUTE FUNCTION tg_audit()
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.messages FOR EACH ROW WHEN ((new.reviewed_at IS DISTINCT FROM old.reviewed_at)) EXECUTE FUNCTION tg_audit('reviewed_at')
  policy "Users can access messages in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant update (reviewed_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on direct_contact_id: contact_id as a key that is checked, where no job or log holds it: theirs is checked (docs/decisions/015)
  comment on direct_sender_id: likewise the sender: a campaign holds its own
  comment on webhook_at: when the first status of Meta's came in: the proof that webhooks arrive
  comment on received_at: inbound: when the person sent it, by Meta's clock
  comment on replied_at: outbound: when the first answer to it was sent
  comment on consent: inbound: what it says about marketing; review: it holds a word of no, and a person has to judge. An opt-out is no reply
  comment on reviewed_at: when a person judged that it was no opt-out
  comment on conversation_id: of what a person wrote and an agent answered; campaign messages are found by their contact and time
  comment on priced_on: outbound, once delivered and priced by Meta: the local day on which it was sent
  comment on calling_code: of the contact's phone then
  comment on answers: inbound: the message of ours that it answers, by adsapp_answered(); no key: its row is of the same contact, or of one that became the same

table public.organization_tokens, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  name text not null
  token_hash bytea not null
  created_by uuid default auth.uid()
  created_at timestamp with time zone not null default adsapp_now()
  last_used_at timestamp with time zone
  revoked_at timestamp with time zone
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint token_hash_is_sha256 CHECK ((octet_length(token_hash) = 32))
  constraint organization_tokens_created_by_fkey FOREIGN KEY (organization_id, created_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (created_by)
  constraint organization_tokens_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint organization_tokens_pkey PRIMARY KEY (id, organization_id)
  constraint organization_tokens_hash_key UNIQUE (token_hash)
  CREATE INDEX organization_tokens_created_by_idx ON public.organization_tokens USING btree (created_by)
  CREATE UNIQUE INDEX organization_tokens_one_name ON public.organization_tokens USING btree (organization_id, name) WHERE (revoked_at IS NULL)
  CREATE INDEX organization_tokens_organization_idx ON public.organization_tokens USING btree (organization_id)
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON public.organization_tokens FOR EACH ROW EXECUTE FUNCTION tg_audit('name', 'revoked_at')
  policy "Admins change tokens" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Admins make tokens" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Users can access tokens in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, name, token_hash) to adsapp_operator
  grant select (id, organization_id, name, created_by, created_at, last_used_at, revoked_at) to adsapp_operator
  grant update (revoked_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update (last_used_at) to adsapp_worker
  comment on token_hash: SHA-256; the token itself is shown once, when it is made
  comment on last_used_at: to the minute

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
  frequency_cap_since timestamp with time zone
  constraint business_hours_is_object CHECK ((jsonb_typeof(business_hours) = 'object'::text))
  constraint country_is_iso CHECK ((default_country ~ '^[A-Z]{2}$'::text))
  constraint frequency_cap_is_sane CHECK (((NOT (settings ? 'frequencyCap'::text)) OR COALESCE(((((settings #>> '{frequencyCap,messages}'::text[]))::integer > 0) AND ((((settings #>> '{frequencyCap,days}'::text[]))::integer >= 1) AND (((settings #>> '{frequencyCap,days}'::text[]))::integer <= 365))), false)))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint settings_is_object CHECK ((jsonb_typeof(settings) = 'object'::text))
  constraint slug_is_plain CHECK ((slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text))
  constraint timezone_is_iana CHECK (adsapp_is_timezone(timezone))
  constraint organizations_pkey PRIMARY KEY (id)
  constraint organizations_slug_key UNIQUE (slug)
  CREATE TRIGGER _200_frequency_cap_since BEFORE INSERT ON public.organizations FOR EACH ROW WHEN ((new.settings ? 'frequencyCap'::text)) EXECUTE FUNCTION tg_organizations__frequency_cap_since()
  CREATE TRIGGER _210_frequency_cap_since BEFORE UPDATE ON public.organizations FOR EACH ROW WHEN (((new.settings -> 'frequencyCap'::text) IS DISTINCT FROM (old.settings -> 'frequencyCap'::text))) EXECUTE FUNCTION tg_organizations__frequency_cap_since()
  CREATE TRIGGER _500_touches AFTER UPDATE ON public.organizations FOR EACH ROW WHEN (((new.settings ? 'frequencyCap'::text) AND ((new.settings -> 'frequencyCap'::text) IS DISTINCT FROM (old.settings -> 'frequencyCap'::text)))) EXECUTE FUNCTION tg_organizations__touches()
  CREATE TRIGGER _900_audit AFTER INSERT OR UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION tg_audit()
  policy "Admins change their organization" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Users can see their organization" as permissive for all to adsapp_operator using ((id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant update (name, timezone, default_country, business_hours, settings, paused_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on frequency_cap_since: since when settings.frequencyCap is what it is

table public.portfolio_reach with (fillfactor=80), row level security forced
  organization_id uuid not null
  portfolio_id uuid not null
  contact_id uuid not null
  at timestamp with time zone not null
  constraint portfolio_reach_portfolio_fkey FOREIGN KEY (organization_id, portfolio_id) REFERENCES portfolios(organization_id, id) ON DELETE CASCADE
  constraint portfolio_reach_pkey PRIMARY KEY (portfolio_id, contact_id, organization_id)
  CREATE INDEX portfolio_reach_at_idx ON public.portfolio_reach USING btree (portfolio_id, at)
  policy "Users can access portfolio reach in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: whom a portfolio with a messaging limit reached in the last 24 hours outside a service window, and when last; kept by the claim

table public.portfolios, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  name text not null
  messaging_limit integer
  created_at timestamp with time zone not null default adsapp_now()
  reached integer
  limit_since timestamp with time zone
  own_limit integer
  constraint messaging_limit_is_positive CHECK ((messaging_limit > 0))
  constraint own_limit_is_positive CHECK ((own_limit > 0))
  constraint reached_is_a_count CHECK ((reached >= 0))
  constraint portfolios_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint portfolios_pkey PRIMARY KEY (id, organization_id)
  constraint portfolios_name_key UNIQUE (organization_id, name)
  CREATE TRIGGER _200_limit_since BEFORE INSERT ON public.portfolios FOR EACH ROW WHEN ((new.messaging_limit IS NOT NULL)) EXECUTE FUNCTION tg_portfolios__limit_since()
  CREATE TRIGGER _210_limit_since BEFORE UPDATE ON public.portfolios FOR EACH ROW WHEN ((new.messaging_limit IS DISTINCT FROM old.messaging_limit)) EXECUTE FUNCTION tg_portfolios__limit_since()
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON public.portfolios FOR EACH ROW EXECUTE FUNCTION tg_audit('name', 'messaging_limit')
  policy "Admins add portfolios" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Admins change portfolios" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Admins remove portfolios" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Users can access portfolios in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, name, messaging_limit, own_limit) to adsapp_operator
  grant select to adsapp_operator
  grant update (name, messaging_limit, own_limit) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on messaging_limit: unique people in a rolling 24 h, shared by the portfolio's senders
  comment on reached: how many rows portfolio_reach has, moved under the lock of this row; null: to be counted anew
  comment on limit_since: since when messaging_limit is what it is, for its present senders
  comment on own_limit: what a person allows; messaging_limit is the lower one of this and of what Meta tells; null: whatever Meta allows

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

table public.satisfaction_ratings, row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  conversation_id uuid not null
  score smallint not null
  comment text
  rated_at timestamp with time zone not null default adsapp_now()
  rated_by uuid default auth.uid()
  constraint score_is_one_to_five CHECK (((score >= 1) AND (score <= 5)))
  constraint satisfaction_ratings_conversation_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE CASCADE
  constraint satisfaction_ratings_rated_by_fkey FOREIGN KEY (organization_id, rated_by) REFERENCES profiles(organization_id, id) ON DELETE SET NULL (rated_by)
  constraint satisfaction_ratings_pkey PRIMARY KEY (id, organization_id)
  constraint satisfaction_ratings_once UNIQUE (conversation_id, organization_id)
  CREATE INDEX satisfaction_ratings_day_idx ON public.satisfaction_ratings USING btree (organization_id, rated_at)
  CREATE INDEX satisfaction_ratings_rated_by_idx ON public.satisfaction_ratings USING btree (rated_by) WHERE (rated_by IS NOT NULL)
  CREATE TRIGGER _800_agent_days_insert AFTER INSERT ON public.satisfaction_ratings REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_satisfaction_ratings__agent_days()
  CREATE TRIGGER _800_agent_days_update AFTER UPDATE ON public.satisfaction_ratings REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tg_satisfaction_ratings__agent_days()
  CREATE TRIGGER _900_audit AFTER INSERT ON public.satisfaction_ratings FOR EACH ROW WHEN ((new.rated_by IS NOT NULL)) EXECUTE FUNCTION tg_audit()
  policy "Users can access satisfaction ratings in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant insert (organization_id, conversation_id, score, comment) to adsapp_operator
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on rated_by: who typed it in; null: the person's own answer to the survey, which replaces such a one and stays

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
  limited_until timestamp with time zone
  rate_factor real
  slowed_at timestamp with time zone
  full_rate_at timestamp with time zone
  rests_until timestamp with time zone
  told_phone text
  verified_name text
  quality text
  quality_at timestamp with time zone
  display_phone text
  templates_synced_at timestamp with time zone
  constraint app_secret_env_is_a_name CHECK ((app_secret_env ~ '^[A-Za-z_][A-Za-z0-9_]*$'::text))
  constraint cloud_sender_is_whole CHECK (((provider = 'log'::text) OR ((api_url IS NOT NULL) AND (phone_number_id IS NOT NULL) AND (num_nonnulls(token_env, token_file) = 1))))
  constraint display_phone_is_e164 CHECK ((display_phone ~ '^\+[1-9][0-9]{6,14}$'::text))
  constraint halted_has_reason CHECK (((state = 'halted'::text) = (halt_reason IS NOT NULL)))
  constraint lane_is_whole CHECK (((lane_token IS NULL) = (lane_expires_at IS NULL)))
  constraint name_is_given CHECK ((btrim(name) <> ''::text))
  constraint phone_number_id_is_digits CHECK ((phone_number_id ~ '^[0-9]{1,32}$'::text))
  constraint provider_is_known CHECK ((provider = ANY (ARRAY['whatsapp-cloud'::text, 'log'::text])))
  constraint rate_factor_is_a_share CHECK (((rate_factor > (0)::double precision) AND (rate_factor <= (1)::double precision)))
  constraint slowed_is_whole CHECK (((state <> 'slowed'::text) OR (num_nonnulls(rate_factor, slowed_at, full_rate_at) = 3)))
  constraint state_is_known CHECK ((state = ANY (ARRAY['active'::text, 'slowed'::text, 'halted'::text])))
  constraint throughput_is_sane CHECK (((throughput_per_second >= 1) AND (throughput_per_second <= 1000)))
  constraint token_env_is_a_name CHECK ((token_env ~ '^[A-Za-z_][A-Za-z0-9_]*$'::text))
  constraint told_phone_is_digits CHECK ((told_phone ~ '^[0-9]{5,20}$'::text))
  constraint waba_id_is_digits CHECK ((waba_id ~ '^[0-9]{1,32}$'::text))
  constraint senders_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint senders_portfolio_fkey FOREIGN KEY (organization_id, portfolio_id) REFERENCES portfolios(organization_id, id) ON DELETE RESTRICT
  constraint senders_pkey PRIMARY KEY (id, organization_id)
  constraint senders_name_key UNIQUE (organization_id, name)
  constraint senders_phone_number_id_key UNIQUE (organization_id, phone_number_id)
  CREATE UNIQUE INDEX senders_one_default ON public.senders USING btree (organization_id) WHERE is_default
  CREATE INDEX senders_phone_number_id_idx ON public.senders USING btree (phone_number_id)
  CREATE INDEX senders_portfolio_idx ON public.senders USING btree (portfolio_id)
  CREATE TRIGGER _500_portfolio AFTER UPDATE ON public.senders FOR EACH ROW WHEN ((new.portfolio_id IS DISTINCT FROM old.portfolio_id)) EXECUTE FUNCTION tg_senders__portfolio()
  CREATE TRIGGER _900_audit AFTER INSERT OR DELETE ON public.senders FOR EACH ROW EXECUTE FUNCTION tg_audit()
  CREATE TRIGGER _910_audit AFTER UPDATE ON public.senders FOR EACH ROW WHEN ((((((((((((old.state IS DISTINCT FROM new.state) OR (old.api_url IS DISTINCT FROM new.api_url)) OR (old.phone_number_id IS DISTINCT FROM new.phone_number_id)) OR (old.token_env IS DISTINCT FROM new.token_env)) OR (old.token_file IS DISTINCT FROM new.token_file)) OR (old.throughput_per_second IS DISTINCT FROM new.throughput_per_second)) OR (old.is_default IS DISTINCT FROM new.is_default)) OR (old.name IS DISTINCT FROM new.name)) OR (old.portfolio_id IS DISTINCT FROM new.portfolio_id)) OR (old.waba_id IS DISTINCT FROM new.waba_id)) OR (old.app_secret_env IS DISTINCT FROM new.app_secret_env))) EXECUTE FUNCTION tg_audit()
  policy "Admins add senders" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Admins change senders" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Admins remove senders" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), 'admin'::text) = 'admin'::text))
  policy "Users can access senders in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant delete to adsapp_operator
  grant insert (organization_id, portfolio_id, name, provider, api_url, phone_number_id, waba_id, token_env, token_file, app_secret_env, throughput_per_second, is_default, display_phone) to adsapp_operator
  grant select to adsapp_operator
  grant update (portfolio_id, name, api_url, phone_number_id, waba_id, token_env, token_file, app_secret_env, throughput_per_second, is_default, state, halt_reason, halted_at, display_phone, templates_synced_at) to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment on lane_expires_at: clock_timestamp(), not adsapp_now(): a lease is about processes
  comment on limited_until: the messaging limit left nothing to send: the lane is not taken before
  comment on rate_factor: slowed: the share of its throughput at slowed_at, from where it rises evenly to all of it at full_rate_at
  comment on rests_until: slowed: nobody takes the lane before (Retry-After)
  comment on told_phone: the number as webhooks of messages tell it (digits): webhooks about the number name it by nothing else
  comment on quality: the last event of phone_number_quality_update: FLAGGED, UNFLAGGED, UPGRADE …
  comment on display_phone: the number that people dial: links need it, sending does not
  comment on templates_synced_at: when its account last answered a template sync

table public.suppression_keys, row level security forced
  organization_id uuid not null
  key bytea not null default sha256(((uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) || uuid_send(gen_random_uuid())))
  constraint key_is_long CHECK ((octet_length(key) = 32))
  constraint suppression_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint suppression_keys_pkey PRIMARY KEY (organization_id)
  policy "Users can access suppression keys in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select (organization_id) to adsapp_operator
  grant select to adsapp_worker
  comment on key: people do not read it: with it the hashes could be tried against all phone numbers

table public.suppressions, row level security forced
  organization_id uuid not null
  address_hash bytea not null
  created_at timestamp with time zone not null default adsapp_now()
  constraint address_hash_is_sha256 CHECK ((octet_length(address_hash) = 32))
  constraint suppressions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
  constraint suppressions_pkey PRIMARY KEY (organization_id, address_hash)
  policy "Users can access suppressions in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select (organization_id, created_at) to adsapp_operator
  grant select to adsapp_worker
  comment: phones and user ids of erased people, as keyed hashes: no import brings them back, and who writes again gets no marketing

table public.template_usage_analytics with (fillfactor=70), row level security forced
  id uuid not null default gen_random_uuid()
  organization_id uuid not null default adsapp_organization_id()
  template_id uuid not null
  date date not null
  messages_sent integer not null default 0
  messages_delivered integer not null default 0
  messages_read integer not null default 0
  messages_failed integer not null default 0
  replies_received integer not null default 0
  campaign_id uuid
  campaign_type text
  bulk_campaign_id uuid generated always as (
  CASE
      WHEN (campaign_type = 'bulk'::text) THEN campaign_id
      ELSE NULL::uuid
  END) stored
  drip_campaign_id uuid generated always as (
  CASE
      WHEN (campaign_type = 'drip'::text) THEN campaign_id
      ELSE NULL::uuid
  END) stored
  constraint campaign_is_whole CHECK (((campaign_id IS NULL) = (campaign_type IS NULL)))
  constraint campaign_type_is_known CHECK ((campaign_type = ANY (ARRAY['bulk'::text, 'drip'::text])))
  constraint template_usage_analytics_bulk_fkey FOREIGN KEY (organization_id, bulk_campaign_id) REFERENCES bulk_campaigns(organization_id, id) ON DELETE CASCADE
  constraint template_usage_analytics_drip_fkey FOREIGN KEY (organization_id, drip_campaign_id) REFERENCES drip_campaigns(organization_id, id) ON DELETE CASCADE
  constraint template_usage_analytics_template_fkey FOREIGN KEY (organization_id, template_id) REFERENCES message_templates(organization_id, id) ON DELETE CASCADE
  constraint template_usage_analytics_pkey PRIMARY KEY (id, organization_id)
  constraint template_usage_analytics_day_key UNIQUE NULLS NOT DISTINCT (template_id, campaign_id, date, organization_id)
  CREATE INDEX idx_template_usage_analytics_org_date ON public.template_usage_analytics USING btree (organization_id, date DESC)
  CREATE INDEX template_usage_analytics_bulk_idx ON public.template_usage_analytics USING btree (bulk_campaign_id) WHERE (bulk_campaign_id IS NOT NULL)
  CREATE INDEX template_usage_analytics_drip_idx ON public.template_usage_analytics USING btree (drip_campaign_id) WHERE (drip_campaign_id IS NOT NULL)
  policy "Users can access template analytics in their org" as permissive for all to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id))) with check ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Viewers do not delete" as restrictive for delete to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not insert" as restrictive for insert to adsapp_operator with check ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Viewers do not update" as restrictive for update to adsapp_operator using ((COALESCE(( SELECT adsapp_profile_role() AS adsapp_profile_role), ''::text) <> 'viewer'::text))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant insert to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: by the local day on which the message was sent, and by the campaign that sent it: a template's day is the sum of its rows
  comment on bulk_campaign_id: campaign_id as a key that is checked
  comment on drip_campaign_id: campaign_id as a key that is checked

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
  CREATE INDEX webhook_inbox_waiting ON public.webhook_inbox USING btree (adsapp_is_of_people(body) DESC, id) WHERE ((processed_at IS NULL) AND (error IS NULL))
  policy "Users can access webhook bodies in their org" as permissive for select to adsapp_operator using ((organization_id = ( SELECT adsapp_organization_id() AS adsapp_organization_id)))
  policy "Workers serve all organizations" as permissive for all to adsapp_worker using (true) with check (true)
  grant select to adsapp_operator
  grant delete to adsapp_worker
  grant insert (body, source, received_at) to adsapp_worker
  grant select to adsapp_worker
  grant update to adsapp_worker
  comment: raw bodies as they came; the tick's inbox phase applies them. Anything may insert a body here
  comment on error: why the body could not be applied; it waits and blocks nothing
