drop table organization_tokens;
