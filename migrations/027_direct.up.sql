-- The direct queue: outbound messages that are pending (answers of agents, confirmations, tests). They go before all else in their lane.

create function adsapp_direct_attempts() returns integer language sql immutable parallel safe as $$ select 3 $$;

create table direct_queue (
  message_id uuid not null,
  organization_id uuid not null,
  sender_id uuid not null,
  attempts smallint not null default 0,
  waits smallint not null default 0,
  next_attempt_at timestamptz default adsapp_now(),
  dispatched_at timestamptz,
  lane_token uuid,
  primary key (message_id, organization_id),
  constraint direct_queue_message_fkey foreign key (organization_id, message_id) references messages (organization_id, id) on delete cascade,
  constraint direct_queue_sender_fkey foreign key (organization_id, sender_id) references senders (organization_id, id) on delete cascade,
  constraint waits_or_is_held check ((next_attempt_at is null) = (lane_token is not null))
) with (fillfactor = 70);
create index direct_queue_due_idx on direct_queue (sender_id, next_attempt_at);
comment on table direct_queue is 'what the lane has to know of a pending outbound message; gone with its outcome, which is the message''s status';
comment on column direct_queue.lane_token is 'the worker that dispatches it now; next_attempt_at is null meanwhile';
call adsapp_wall('direct_queue', 'Users can access the direct queue in their org');
grant select on direct_queue to adsapp_operator;
grant select, insert, update, delete on direct_queue to adsapp_worker;

create function tg_messages__direct_sender() returns trigger language plpgsql set search_path = '' as $$
begin
  select s.id into new.sender_id from public.senders s where s.organization_id = new.organization_id and s.is_default;
  return new;
end $$;
create trigger _150_direct_sender before insert on messages for each row
  when (new.direction = 'outbound' and new.status = 'pending' and new.sender_id is null) execute function tg_messages__direct_sender();

-- Whoever writes a pending message has it sent.
create function tg_messages__queue() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.direct_queue (message_id, organization_id, sender_id)
  select a.id, a.organization_id, a.sender_id
    from added a
   where a.direction = 'outbound' and a.status = 'pending' and a.bulk_message_job_id is null and a.drip_message_log_id is null
   order by a.id;
  return null;
end $$;
revoke execute on function tg_messages__queue() from public;
create trigger _550_queue after insert on messages referencing new table as added
  for each statement execute function tg_messages__queue();

-- And whoever writes what became of it takes it out again.
create function tg_messages__leave_queue() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from public.direct_queue q where q.message_id = new.id and q.organization_id = new.organization_id;
  return null;
end $$;
revoke execute on function tg_messages__leave_queue() from public;
create trigger _560_leave_queue after update on messages for each row
  when (old.status = 'pending' and new.status not in ('pending', 'dispatching')) execute function tg_messages__leave_queue();
