-- What keeps messages from going out: a limit that a person sets beside Meta's, a template that Meta does not send, a person who was erased.

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

-- Which templates a campaign sends, so that one that turns bad stops what is yet to begin too.
create function adsapp_campaign_templates(c bulk_campaigns) returns table (template text, language text) language sql stable as $$
  select m.message ->> 'template', m.message ->> 'language'
    from (select c.message where jsonb_array_length(c.variants) = 0
          union all select v -> 'message' from jsonb_array_elements(c.variants) v) m(message)
   where m.message ->> 'type' = 'template'
$$;
comment on function adsapp_campaign_templates(bulk_campaigns) is 'of its message, or of its variants: then nobody gets the message';

create function adsapp_template_fault(c bulk_campaigns) returns text language sql stable as $$
  select format('template "%s" (%s) is %s: Meta sends only APPROVED ones', t.name, t.language, t.status)
    from adsapp_campaign_templates(c) u
    join message_templates t on t.organization_id = c.organization_id and t.name = u.template and t.language = u.language and t.status <> 'APPROVED'
    join senders s on s.id = c.sender_id and s.organization_id = c.organization_id and s.provider = 'whatsapp-cloud'
   order by t.name, t.language limit 1
$$;
comment on function adsapp_template_fault(bulk_campaigns) is 'why a campaign must not begin; null: its templates are sent';

-- Who was erased, and wrote again (tg_contacts__suppressed), is told apart from who opted out.
create or replace function adsapp_contact_gate(c contacts, p_marketing boolean, p_require_opt_in boolean) returns text
language sql stable parallel safe as $$
  select case
    when c.erased_at is not null then 'erased'
    when c.blocked_at is not null then 'blocked'
    when c.phone is null and c.bsuid is null then 'no_address'
    when p_marketing and c.opted_out_at is not null then case when c.opt_out_source = 'preferences: erased before' then 'suppressed' else 'opted_out' end
    when p_marketing and p_require_opt_in and c.opted_in_at is null then 'no_opt_in'
  end
$$;
