comment on column contacts.opted_out_at is 'marketing; when it was written down here. What the person or file said is in opt_out_source';
