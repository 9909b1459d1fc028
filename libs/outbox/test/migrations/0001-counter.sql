create table counter (station text primary key, value int not null default 0);
