-- A recurring campaign at each contact's local time: the occurrence is a local time, and begins where the day begins first.

alter table bulk_campaigns add column local_time timestamp;
comment on column bulk_campaigns.local_time is 'of a recurring campaign by the contact''s time zone: the last local time that began. Zones come and go with people, so an instant does not tell which one it was';

create function adsapp_first_zone(p_organization_id uuid) returns text language sql stable as $$
  select z.timezone
    from (select distinct c.timezone from contacts c where c.organization_id = p_organization_id and c.timezone is not null and c.erased_at is null
          union select o.timezone from organizations o where o.id = p_organization_id) z
   order by adsapp_now() at time zone z.timezone desc, z.timezone limit 1
$$;
comment on function adsapp_first_zone(uuid) is 'the time zone of an organization''s people where it is latest now';
