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
