/**
 * Functions that make, fill and drop the monthly partitions of a table. They run with the rights of the owner, so
 * that a service can keep partitions ahead without being allowed any other DDL; they touch only tables of their own
 * schema that are partitioned by range on one column. Months are UTC.
 *
 * A new partition is always made detached, given the rows of its month that the default partition holds, and then
 * attached, in one transaction: a row that came early would otherwise forbid the partition that it belongs to.
 */
export const partitionsSql = `
create function partition_column(parent text) returns name
language plpgsql stable set search_path from current as $$
declare
  found name;
begin
  select a.attname into found
    from pg_partitioned_table p
    join pg_class c on c.oid = p.partrelid
    join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
   where c.relname = parent and c.relnamespace = current_schema()::regnamespace
     and p.partstrat = 'r' and p.partnatts = 1;
  if found is null then
    raise exception 'table % of schema % is not partitioned by range on one column', parent, current_schema()
      using errcode = '42P01';
  end if;
  return found;
end $$;

create function make_month_partition(parent text, month date) returns bigint
language plpgsql set search_path from current as $$
declare
  key_column name := partition_column(parent);
  partition text := parent || to_char(month, '_YYYY_MM');
  lower_bound text := to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00';
  upper_bound text := to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
  column_list text;
  moved bigint := 0;
begin
  execute format('create table %I (like %I including defaults including constraints including indexes'
    ' including storage including generated including comments including compression)', partition, parent);
  if to_regclass(quote_ident(parent || '_default')) is not null then
    select string_agg(quote_ident(attname), ', ' order by attnum) into column_list
      from pg_attribute
     where attrelid = quote_ident(parent)::regclass and attnum > 0 and not attisdropped and attgenerated = '';
    execute format('lock table %I in access exclusive mode', parent || '_default');
    execute format('with moved as (delete from %I where %I >= %L and %I < %L returning %s)'
      ' insert into %I (%s) select %s from moved',
      parent || '_default', key_column, lower_bound, key_column, upper_bound, column_list,
      partition, column_list, column_list);
    get diagnostics moved = row_count;
  end if;
  execute format('alter table %I attach partition %I for values from (%L) to (%L)',
    parent, partition, lower_bound, upper_bound);
  return moved;
end $$;

create function ensure_monthly_partitions(parent text, first_month date, months int) returns setof text
language plpgsql security definer set search_path from current as $$
declare
  month date;
  partition text;
begin
  perform partition_column(parent);
  perform pg_advisory_xact_lock(hashtextextended('busbar.partitions.' || current_schema() || '.' || parent, 0));
  if to_regclass(quote_ident(parent || '_default')) is null then
    execute format('create table %I partition of %I default', parent || '_default', parent);
  end if;
  for step in 0 .. months - 1 loop
    month := (date_trunc('month', first_month) + make_interval(months => step))::date;
    partition := parent || to_char(month, '_YYYY_MM');
    continue when to_regclass(quote_ident(partition)) is not null;
    perform make_month_partition(parent, month);
    return next partition;
  end loop;
end $$;

create function empty_default_partition(parent text, first_month date, after_last_month date)
returns table (partition text, row_count bigint)
language plpgsql security definer set search_path from current as $$
declare
  key_column name := partition_column(parent);
  month date;
begin
  perform pg_advisory_xact_lock(hashtextextended('busbar.partitions.' || current_schema() || '.' || parent, 0));
  for month in execute format('select distinct date_trunc(''month'', %I at time zone ''UTC'')::date from %I'
    ' where %I >= %L and %I < %L order by 1', key_column, parent || '_default',
    key_column, to_char(first_month, 'YYYY-MM-DD') || ' 00:00:00+00',
    key_column, to_char(after_last_month, 'YYYY-MM-DD') || ' 00:00:00+00')
  loop
    partition := parent || to_char(month, '_YYYY_MM');
    row_count := make_month_partition(parent, month);
    return next;
  end loop;
end $$;

create function drop_partitions_before(parent text, before date) returns setof text
language plpgsql security definer set search_path from current as $$
declare
  partition text;
begin
  perform partition_column(parent);
  perform pg_advisory_xact_lock(hashtextextended('busbar.partitions.' || current_schema() || '.' || parent, 0));
  for partition in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = quote_ident(parent)::regclass
       and c.relname ~ ('^' || parent || '_[0-9]{4}_[0-9]{2}$')
       and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= date_trunc('month', before)
     order by 1
  loop
    execute format('drop table %I', partition);
    return next partition;
  end loop;
end $$;

revoke all on function partition_column(text), make_month_partition(text, date),
  ensure_monthly_partitions(text, date, int), empty_default_partition(text, date, date),
  drop_partitions_before(text, date) from public;
`;
