drop function adsapp_template_fault(bulk_campaigns);
drop function adsapp_campaign_templates(bulk_campaigns);
