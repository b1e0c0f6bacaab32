-- What a campaign plans beside one message for everyone at one time: variants, people held out, occurrences.

alter table bulk_campaigns add column variants jsonb not null default '[]' constraint variants_is_array check (jsonb_typeof(variants) = 'array');
comment on column bulk_campaigns.variants is '[{"name", "weight", "message"}]: who gets which is adsapp_share of campaign and contact';
grant insert (variants), update (variants) on bulk_campaigns to adsapp_operator;

-- A number from 0 up to 1 that is the same each time: md5, since hashtext may change with a release of PostgreSQL.
create function adsapp_share(p_campaign_id uuid, p_contact_id uuid, p_salt text) returns double precision language sql immutable parallel safe as $$
  select ('x' || left(md5(p_salt || p_campaign_id::text || p_contact_id::text), 13))::bit(52)::bigint / 4503599627370496.0::double precision
$$;
comment on function adsapp_share(uuid, uuid, text) is 'where a contact lies in a campaign: the same whenever it is asked, even between contacts';

-- What a run keeps of a template, whatever becomes of it later.
create function adsapp_frozen_template(t message_templates) returns jsonb language sql stable parallel safe as $$
  select case when t.id is not null then jsonb_build_object('name', t.name, 'language', t.language, 'category', t.category,
                'parameterFormat', t.parameter_format, 'components', t.components, 'variables', t.variables) end
$$;

-- A recurring campaign is scheduled between two occurrences. The plan (cron) is read in TypeScript; what follows from it holds whoever completes.
alter table bulk_campaigns add column next_occurrence_at timestamptz;
alter table bulk_campaigns add column last_completed_at timestamptz;
comment on column bulk_campaigns.next_occurrence_at is 'of a running recurring campaign: the planned instant after the one that runs; null: it was the last';
comment on column bulk_campaigns.last_completed_at is 'of a recurring campaign: when the occurrence before was done';
grant update (next_occurrence_at) on bulk_campaigns to adsapp_operator;

create function tg_bulk_campaigns__next_occurrence() returns trigger language plpgsql set search_path = '' as $$
begin
  new.last_completed_at := public.adsapp_now();
  if new.next_occurrence_at is not null then
    new.status := 'scheduled';
    new.scheduled_at := new.next_occurrence_at;
    new.completed_at := null;
    new.next_occurrence_at := null;
  end if;
  return new;
end $$;
create trigger _220_next_occurrence before update on bulk_campaigns for each row
  when (new.status = 'completed' and old.status <> 'completed' and new.scheduling ->> 'type' = 'recurring')
  execute function tg_bulk_campaigns__next_occurrence();
