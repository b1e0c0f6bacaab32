drop table template_usage_analytics;
drop table agent_performance_metrics;
drop table satisfaction_ratings;
drop table agent_sessions;
drop table conversations;
drop function tg_conversations__organization();
drop table channel_sources;
