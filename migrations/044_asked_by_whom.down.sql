create or replace function schedule_next_drip_message(enrollment_id uuid) returns timestamptz language plpgsql security definer set search_path = '' as $$
declare
  due timestamptz;
begin
  if not exists (select from public.drip_enrollments e where e.id = enrollment_id and public.adsapp_may_write(e.organization_id)) then
    raise no_data_found using message = 'no such enrollment';
  end if;
  perform public.schedule_next_drip_messages(array[enrollment_id]);
  select e.next_message_at into due from public.drip_enrollments e where e.id = enrollment_id;
  return due;
end $$;
