-- A drip sends a few messages a tick: whether its definition is at fault shows over many ticks (design: sending, outcomes, FIX).

alter table drip_campaigns add column resumed_at timestamptz;
comment on column drip_campaigns.resumed_at is 'when a person last let it go on: what went wrong before was looked at';

create index drip_message_logs_failed on drip_message_logs (campaign_id, failed_at) where failed_at is not null; -- what failed last, among all that went well

create function tg_drip_campaigns__resumed() returns trigger language plpgsql set search_path = '' as $$
begin
  new.resumed_at := public.adsapp_now();
  return new;
end $$;
create trigger _210_resumed before update on drip_campaigns for each row
  when (new.status = 'active' and old.status = 'paused') execute function tg_drip_campaigns__resumed();
