-- What people say is applied before statuses that wait: a STOP stops its contact within seconds, however much else came in before it.

create function adsapp_is_of_people(p_body text) returns boolean language sql immutable parallel safe as $$
  select strpos(p_body, '"messages":[') > 0 or strpos(p_body, '"messages": [') > 0 or strpos(p_body, '"user_preferences":[') > 0 or strpos(p_body, '"user_preferences": [') > 0
$$;
comment on function adsapp_is_of_people(text) is 'of a raw webhook body, unread: does it seem to hold what people wrote, or their preferences';

drop index webhook_inbox_waiting;
create index webhook_inbox_waiting on webhook_inbox (adsapp_is_of_people(body) desc, id) where processed_at is null and error is null;
