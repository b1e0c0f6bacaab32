drop table senders;
drop table portfolios;
