-- Who did what, for everything that people change: things by row, as before, and people by statement, counted. What jobs and messages go
-- through by themselves is told by their own rows. Commands that work as adsapp_worker for a person write their entry themselves.

create trigger _900_audit after insert or update or delete on organization_tokens for each row execute function tg_audit('name', 'revoked_at');
create trigger _900_audit after insert or update or delete on portfolios for each row execute function tg_audit('name', 'messaging_limit');
create trigger _900_audit after insert or update or delete on contact_lists for each row execute function tg_audit();
create trigger _900_audit after insert or update on contact_imports for each row
  execute function tg_audit('rows', 'created', 'updated', 'unchanged', 'skipped', 'rejected', 'suppressed', 'undone_at');
create trigger _900_audit after insert or update or delete on automation_rules for each row execute function tg_audit();
create trigger _900_audit after insert or delete on drip_campaigns for each row execute function tg_audit();
create trigger _910_audit after update on drip_campaigns for each row
  when ((old.status, old.name, old.trigger_type, old.trigger_config, old.settings, old.exit_when, old.sender_id, old.current_version)
        is distinct from (new.status, new.name, new.trigger_type, new.trigger_config, new.settings, new.exit_when, new.sender_id, new.current_version))
  execute function tg_audit('status', 'name', 'trigger_type', 'trigger_config', 'settings', 'exit_when', 'sender_id', 'current_version', 'pause_reason');
create trigger _900_audit after insert or delete on channel_sources for each row when (auth.uid() is not null) execute function tg_audit();
create trigger _910_audit after update on channel_sources for each row
  when ((old.name, old.config) is distinct from (new.name, new.config)) execute function tg_audit('name', 'config');

-- Of conversations, what people do: what the person's own messages do to them is in messages.
create trigger _910_audit after update on conversations for each row
  when ((old.status, old.assigned_agent_id) is distinct from (new.status, new.assigned_agent_id) and auth.uid() is not null)
  execute function tg_audit('status', 'assigned_agent_id');
create trigger _900_audit after insert on messages for each row
  when (new.direction = 'outbound' and new.agent_id is not null) execute function tg_audit();
create trigger _910_audit after update on messages for each row
  when (new.reviewed_at is distinct from old.reviewed_at) execute function tg_audit('reviewed_at');
create trigger _900_audit after insert on satisfaction_ratings for each row when (new.rated_by is not null) execute function tg_audit();
create trigger _900_audit after insert or update on agent_sessions for each row execute function tg_audit('offline_at');

-- A statement may touch a million people: one entry for each thing that they were put on or taken from, with how many;
-- not with whom, since the log outlives an erased person's data. What an import adds, and what an erasing or an undo takes away (functions
-- of their owner's), is told by their own entries.
create function tg_contact_tags__audit() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.audit_log (organization_id, actor, action, subject_type, details)
  select c.organization_id, auth.uid(), lower(tg_op), tg_table_name,
         jsonb_build_object('tag', c.tag, 'contacts', count(*))
    from changed c where c.import_id is null or tg_op = 'DELETE'
   group by c.organization_id, c.tag order by c.tag;
  return null;
end $$;
revoke execute on function tg_contact_tags__audit() from public;
create trigger _900_audit_insert after insert on contact_tags referencing new table as changed
  for each statement when (current_user = 'adsapp_operator') execute function tg_contact_tags__audit();
create trigger _900_audit_delete after delete on contact_tags referencing old table as changed
  for each statement when (current_user = 'adsapp_operator') execute function tg_contact_tags__audit();

create function tg_contact_list_members__audit() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.audit_log (organization_id, actor, action, subject_type, subject_id, details)
  select c.organization_id, auth.uid(), lower(tg_op), tg_table_name, c.list_id,
         jsonb_build_object('contacts', count(*))
    from changed c where c.import_id is null or tg_op = 'DELETE'
   group by c.organization_id, c.list_id order by c.list_id;
  return null;
end $$;
revoke execute on function tg_contact_list_members__audit() from public;
create trigger _900_audit_insert after insert on contact_list_members referencing new table as changed
  for each statement when (current_user = 'adsapp_operator') execute function tg_contact_list_members__audit();
create trigger _900_audit_delete after delete on contact_list_members referencing old table as changed
  for each statement when (current_user = 'adsapp_operator') execute function tg_contact_list_members__audit();

create function tg_drip_enrollments__audit() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into public.audit_log (organization_id, actor, action, subject_type, subject_id, details)
    select a.organization_id, auth.uid(), 'insert', tg_table_name, a.campaign_id,
           jsonb_build_object('contacts', count(*))
      from added a group by a.organization_id, a.campaign_id order by a.campaign_id;
  else
    insert into public.audit_log (organization_id, actor, action, subject_type, subject_id, details)
    select s.organization_id, auth.uid(), 'update', tg_table_name, s.campaign_id, jsonb_build_object('status', s.status, 'contacts', sum(s.sign))
      from (select 1 as sign, a.organization_id, a.campaign_id, a.status from added a
            union all select -1, r.organization_id, r.campaign_id, r.status from removed r) s
     group by s.organization_id, s.campaign_id, s.status having sum(s.sign) > 0 order by s.campaign_id, s.status;
  end if;
  return null;
end $$;
revoke execute on function tg_drip_enrollments__audit() from public;
create trigger _900_audit_insert after insert on drip_enrollments referencing new table as added
  for each statement when (auth.uid() is not null and pg_trigger_depth() = 0) execute function tg_drip_enrollments__audit();
create trigger _900_audit_update after update on drip_enrollments referencing new table as added old table as removed
  for each statement when (auth.uid() is not null and pg_trigger_depth() = 0) execute function tg_drip_enrollments__audit();

create function tg_contact_events__audit() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.audit_log (organization_id, actor, action, subject_type, details)
  select a.organization_id, auth.uid(), 'insert', tg_table_name,
         jsonb_build_object('name', a.name, 'events', count(*))
    from added a where a.type in ('custom_event', 'api') -- the others follow from what has its entry
   group by a.organization_id, a.name order by a.name;
  return null;
end $$;
revoke execute on function tg_contact_events__audit() from public;
create trigger _900_audit_insert after insert on contact_events referencing new table as added
  for each statement when (auth.uid() is not null and pg_trigger_depth() = 0) execute function tg_contact_events__audit();
