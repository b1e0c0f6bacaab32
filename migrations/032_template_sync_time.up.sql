-- When a sender's account was last asked for its templates: unchanged ones leave no other trace.

alter table senders add column templates_synced_at timestamptz;
comment on column senders.templates_synced_at is 'when its account last answered a template sync';
grant update (templates_synced_at) on senders to adsapp_operator;
