create table part (id text primary key, tenant_id text not null);
