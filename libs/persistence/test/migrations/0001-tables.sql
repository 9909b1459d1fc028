create table thing (
  id text primary key,
  tenant_id text not null default 'a',
  size int check (size < 100),
  name varchar(10)
);

-- A COMMIT that takes as long as a test wants.
create table slow (id text primary key, seconds numeric not null);
create function sleep_at_commit() returns trigger language plpgsql as $$
begin
  perform pg_sleep(new.seconds);
  return null;
end $$;
create constraint trigger slow_commit after insert on slow deferrable initially deferred
  for each row execute function sleep_at_commit();

-- A COMMIT that Postgres refuses.
create table child (parent text not null references thing (id) deferrable initially deferred);

create table reading (
  id bigint generated always as identity,
  tenant_id text not null,
  sampled_at timestamptz not null,
  received_at timestamptz not null default now(),
  value numeric,
  doubled numeric generated always as (value * 2) stored,
  unique (tenant_id, sampled_at)
) partition by range (sampled_at);
create table reading_default partition of reading default;
