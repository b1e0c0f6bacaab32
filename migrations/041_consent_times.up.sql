-- A file that says since when somebody agreed or said no is believed, of people whom it brings in.
comment on column contacts.opted_out_at is 'marketing; when it was written down here, or, of someone whom an import brought in, since when the file says. What the person or file said is in opt_out_source';
