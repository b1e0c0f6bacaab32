drop trigger _200_keep_template on drip_campaign_steps;
drop function tg_drip_campaign_steps__keep_template();
drop trigger _510_count_steps_update on drip_message_logs;
drop trigger _510_count_steps_insert on drip_message_logs;
drop function tg_drip_message_logs__count_steps();
drop trigger _510_count_templates_update on bulk_message_jobs;
drop trigger _510_count_templates_insert on bulk_message_jobs;
drop function tg_bulk_message_jobs__count_templates();
drop function adsapp_count_steps(usage_delta[]);
drop function adsapp_count_templates(usage_delta[], text);
drop type usage_delta;
drop function adsapp_frozen_template_of(jsonb, text);
drop table drip_step_analytics;
drop policy "Templates with messages stay" on message_templates;
alter table template_usage_analytics no force row level security;
alter table message_templates no force row level security;
comment on table template_usage_analytics is 'by the local day on which the message was sent';
alter table template_usage_analytics
  drop constraint template_usage_analytics_day_key,
  drop constraint campaign_is_whole,
  drop column bulk_campaign_id,
  drop column drip_campaign_id;
with rows as (
  delete from template_usage_analytics returning *
)
insert into template_usage_analytics (organization_id, template_id, date, messages_sent, messages_delivered, messages_read, messages_failed, replies_received)
select organization_id, template_id, date, sum(messages_sent), sum(messages_delivered), sum(messages_read), sum(messages_failed), sum(replies_received)
  from rows group by 1, 2, 3;
alter table template_usage_analytics
  drop column campaign_id,
  drop column campaign_type;
alter table template_usage_analytics add constraint template_usage_analytics_day_key unique (template_id, date, organization_id);
alter table template_usage_analytics force row level security;
alter table message_templates force row level security;
