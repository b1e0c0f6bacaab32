-- name: syncTemplates
-- What the accounts list, by name and language; what they list no more is marked. $1 organization, $2 the accounts that answered; then one
-- array a column: account, Meta's id, name, language, category, status, parameter format, components, the body's variables, quality, reason of a rejection.
with said as materialized (
  select * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::jsonb[], $12::text[], $13::text[])
    as s(waba_id, provider_template_id, name, language, category, status, parameter_format, components, variables, quality, rejected_reason)
), before as materialized (
  select t.* from message_templates t where t.organization_id = $1
), saved as (
  insert into message_templates as t (organization_id, waba_id, provider_template_id, name, language, category, status, parameter_format, components,
                                      variables, quality, rejected_reason)
  select $1, s.waba_id, s.provider_template_id, s.name, s.language, s.category, s.status, s.parameter_format, s.components,
         array(select jsonb_array_elements_text(s.variables)), s.quality, s.rejected_reason
    from said s
   order by s.name, s.language
  on conflict (organization_id, name, language) do update
     set waba_id = excluded.waba_id, provider_template_id = excluded.provider_template_id, category = excluded.category, status = excluded.status,
         parameter_format = excluded.parameter_format, components = excluded.components, variables = excluded.variables,
         quality = excluded.quality, rejected_reason = excluded.rejected_reason, stale_at = null, updated_at = adsapp_now()
   where (t.waba_id, t.provider_template_id, t.category, t.status, t.parameter_format, t.components, t.variables, t.quality, t.rejected_reason)
         is distinct from (excluded.waba_id, excluded.provider_template_id, excluded.category, excluded.status, excluded.parameter_format,
                           excluded.components, excluded.variables, excluded.quality, excluded.rejected_reason)
      or t.stale_at is not null
  returning t.name, t.language
), gone as (
  update message_templates t set status = 'DELETED', updated_at = adsapp_now()
   where t.organization_id = $1 and t.waba_id = any ($2::text[]) and t.status <> 'DELETED'
     and not exists (select from said s where s.name = t.name and s.language = t.language)
  returning t.name, t.language, t.waba_id, t.category
)
select case when b.id is null then 'created' when n.name is not null then 'updated' else 'unchanged' end as action,
       s.name, s.language, s.category, s.status, b.status as status_before, s.quality, s.rejected_reason, s.waba_id,
       case when n.name is not null and b.id is not null
            then array_remove(array[case when b.status <> s.status then 'status' end, case when b.category <> s.category then 'category' end,
                                    case when b.components <> s.components or b.parameter_format <> s.parameter_format then 'components' end,
                                    case when b.quality is distinct from s.quality then 'quality' end,
                                    case when b.rejected_reason is distinct from s.rejected_reason then 'rejectedReason' end,
                                    case when (b.waba_id, b.provider_template_id) is distinct from (s.waba_id, s.provider_template_id) then 'account' end], null)
            else '{}' end as changed
  from said s
  left join before b on b.name = s.name and b.language = s.language
  left join saved n on n.name = s.name and n.language = s.language
union all
select 'gone', g.name, g.language, g.category, 'DELETED', b.status, b.quality, b.rejected_reason, g.waba_id, array['status']
  from gone g join before b on b.name = g.name and b.language = g.language
 order by 2, 3

-- name: rememberSync
-- $1 organization, $2 the accounts that answered.
update senders set templates_synced_at = adsapp_now() where organization_id = $1 and waba_id = any ($2::text[])
