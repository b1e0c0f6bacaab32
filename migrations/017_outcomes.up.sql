-- What an outcome does beside its row: lanes that slow down and rest, messages that Meta withholds once, what a person settled.

alter table senders
  add column rate_factor real constraint rate_factor_is_a_share check (rate_factor > 0 and rate_factor <= 1),
  add column slowed_at timestamptz,
  add column full_rate_at timestamptz,
  add column rests_until timestamptz,
  add constraint slowed_is_whole check (state <> 'slowed' or num_nonnulls(rate_factor, slowed_at, full_rate_at) = 3);
comment on column senders.rate_factor is 'slowed: the share of its throughput at slowed_at, from where it rises evenly to all of it at full_rate_at';
comment on column senders.rests_until is 'slowed: nobody takes the lane before (Retry-After)';

-- How fast a sender may go at this moment, as a share of its throughput: whichever host takes the lane.
create function adsapp_rate_factor(s senders) returns double precision language sql stable parallel safe as $$
  select case when s.state <> 'slowed' or s.full_rate_at <= adsapp_now() then 1
              else s.rate_factor + (1 - s.rate_factor) * extract(epoch from adsapp_now() - s.slowed_at) / nullif(extract(epoch from s.full_rate_at - s.slowed_at), 0) end::double precision
$$;

alter table bulk_campaigns add column resumed_at timestamptz;
comment on column bulk_campaigns.resumed_at is 'when a person last let it go on (resume, retry): what went wrong before was looked at';
grant update (resumed_at) on bulk_campaigns to adsapp_operator;

alter table bulk_message_jobs
  add column withheld_at timestamptz,
  add column resolved_as text constraint resolved_as_is_known check (resolved_as in ('sent', 'not-sent'));
comment on column bulk_message_jobs.withheld_at is 'when Meta withheld it (131049): tried once more a day later, the second time is final';
comment on column bulk_message_jobs.resolved_as is 'what a person said of its unknown outcome (job resolve); sent: without a message of Meta''s';

alter table drip_message_logs
  add column withheld_at timestamptz,
  add column resolved_as text constraint resolved_as_is_known check (resolved_as in ('sent', 'not-sent'));
