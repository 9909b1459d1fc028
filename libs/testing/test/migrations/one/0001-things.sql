create table thing (id text primary key, tenant_id text not null, name text not null);
create table setting (name text primary key, value text not null);
