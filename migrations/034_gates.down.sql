create or replace function adsapp_contact_gate(c contacts, p_marketing boolean, p_require_opt_in boolean) returns text
language sql stable parallel safe as $$
  select case
    when c.erased_at is not null then 'erased'
    when c.blocked_at is not null then 'blocked'
    when c.phone is null and c.bsuid is null then 'no_address'
    when p_marketing and c.opted_out_at is not null then 'opted_out'
    when p_marketing and p_require_opt_in and c.opted_in_at is null then 'no_opt_in'
  end
$$;

drop function adsapp_template_fault(bulk_campaigns);
drop function adsapp_campaign_templates(bulk_campaigns);

alter table portfolios drop column own_limit;
