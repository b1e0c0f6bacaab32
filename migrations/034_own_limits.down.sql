alter table portfolios drop column own_limit;
