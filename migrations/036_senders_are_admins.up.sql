-- A sender names where a token is found, and its portfolio how many people Meta lets it message: theirs who answer for the account.

do $$
declare
  thing text;
begin
  foreach thing in array array['senders', 'portfolios'] loop
    execute format('create policy %I on %I as restrictive for insert to adsapp_operator with check (coalesce((select adsapp_profile_role()), ''admin'') = ''admin'')',
                   'Admins add ' || thing, thing);
    execute format('create policy %I on %I as restrictive for update to adsapp_operator using (coalesce((select adsapp_profile_role()), ''admin'') = ''admin'')',
                   'Admins change ' || thing, thing);
    execute format('create policy %I on %I as restrictive for delete to adsapp_operator using (coalesce((select adsapp_profile_role()), ''admin'') = ''admin'')',
                   'Admins remove ' || thing, thing);
  end loop;
end $$;
