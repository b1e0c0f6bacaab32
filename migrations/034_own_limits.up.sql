-- A messaging limit that a person sets holds beside Meta's: the lower one counts.

alter table portfolios add column own_limit integer constraint own_limit_is_positive check (own_limit > 0);
comment on column portfolios.own_limit is 'what a person allows; messaging_limit is the lower one of this and of what Meta tells; null: whatever Meta allows';
grant insert (own_limit), update (own_limit) on portfolios to adsapp_operator;

-- What stands there is Meta's where Meta has told of one.
alter table portfolios no force row level security;
alter table senders no force row level security;
alter table account_notices no force row level security;
update portfolios p set own_limit = p.messaging_limit
 where p.messaging_limit is not null
   and not exists (select from account_notices n join senders s on s.organization_id = n.organization_id and s.waba_id = n.waba_id
                    where s.portfolio_id = p.id and s.organization_id = p.organization_id
                      and n.field in ('phone_number_quality_update', 'business_capability_update'));
alter table portfolios force row level security;
alter table senders force row level security;
alter table account_notices force row level security;
