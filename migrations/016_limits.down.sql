drop trigger _210_running_since on bulk_campaigns;
drop trigger _200_running_since on bulk_campaigns;
drop function tg_bulk_campaigns__running_since();
alter table bulk_campaigns drop column running_since;

drop index campaign_runs_canary_idx;
alter table campaign_runs drop column looked_at;
alter table campaign_runs drop column canary_at;
alter table campaign_runs drop column canary_claimed;
alter table campaign_runs drop column canary;

drop trigger _500_touches on organizations;
drop function tg_organizations__touches();
drop trigger _210_frequency_cap_since on organizations;
drop trigger _200_frequency_cap_since on organizations;
drop function tg_organizations__frequency_cap_since();
drop table contact_touches;
alter table organizations drop constraint frequency_cap_is_sane;
alter table organizations drop column frequency_cap_since;

drop trigger _500_portfolio on senders;
drop function tg_senders__portfolio();
drop trigger _210_limit_since on portfolios;
drop trigger _200_limit_since on portfolios;
drop function tg_portfolios__limit_since();
alter table senders drop column limited_until;
drop table portfolio_reach;
alter table portfolios drop column limit_since;
alter table portfolios drop column reached;
