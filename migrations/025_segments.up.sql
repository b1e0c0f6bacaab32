-- Segments: what a filter can ask beside what conditions could (011), and lists that are one.

alter table contact_lists add column filter jsonb constraint filter_is_object check (jsonb_typeof(filter) = 'object');
-- A list that asks for a list could ask for itself.
alter table contact_lists add constraint filter_names_no_list check (not jsonb_path_exists(filter, '$.**.list'));
comment on column contact_lists.filter is 'a dynamic list: whoever meets this condition now is on it, beside its members';
grant insert (filter) on contact_lists to adsapp_operator;

create index contact_events_name_idx on contact_events (organization_id, name, occurred_at, contact_id)
  where type in ('custom_event', 'api'); -- a segment asks who had an event, not what a contact had

-- How phones begin, by country: calling codes, and what comes after them where countries share one (libphonenumber's metadata).
create function adsapp_country_prefixes() returns jsonb language sql immutable parallel safe as $$
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
$$;

create function adsapp_country(p_phone text) returns text language sql immutable parallel safe as $$
  select coalesce(public.adsapp_country_prefixes() ->> substr(p_phone, 2, 6), public.adsapp_country_prefixes() ->> substr(p_phone, 2, 5),
                  public.adsapp_country_prefixes() ->> substr(p_phone, 2, 4), public.adsapp_country_prefixes() ->> substr(p_phone, 2, 3),
                  public.adsapp_country_prefixes() ->> substr(p_phone, 2, 2), public.adsapp_country_prefixes() ->> substr(p_phone, 2, 1))
$$;
comment on function adsapp_country(text) is 'the country of an E.164 phone (NL), by its longest known prefix; null: of none';

-- A date that an import brought along, in the last days; ISO 8601 only, compared as text since a date that is none must not stop a batch.
create function adsapp_is_day_within(p_date text, p_interval interval) returns boolean language sql stable parallel safe as $$
  select p_date ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' and left(p_date, 10) collate "C" between to_char(public.adsapp_now() - p_interval, 'YYYY-MM-DD') and to_char(public.adsapp_now(), 'YYYY-MM-DD')
$$;

-- As in 011, and: dynamic lists, { received|opened|replied: CAMPAIGN, within_days }, the field country, dates among attributes;
-- text is more or less by its bytes, so a date that is written as one compares as one in every database.
create or replace function adsapp_meets(p_contact contacts, p_condition jsonb, p_since timestamptz) returns boolean
language plpgsql stable set search_path = '' as $$
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
end $$;
