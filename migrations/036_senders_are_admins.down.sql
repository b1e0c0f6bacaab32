drop policy "Admins remove portfolios" on portfolios;
drop policy "Admins change portfolios" on portfolios;
drop policy "Admins add portfolios" on portfolios;
drop policy "Admins remove senders" on senders;
drop policy "Admins change senders" on senders;
drop policy "Admins add senders" on senders;
