import type { TenantId } from '@busbar/domain';
import type { Database } from './database.js';
import { sql } from './sql.js';
import type { Transaction } from './transaction.js';

/** The role that may write a schema's rows, of all tenants, and nothing else. */
export function writerRole(schema: string): string {
  return `busbar_${schema}_writer`;
}

/** The role that may read a schema's rows of the one tenant that its transaction names; without a tenant, none. */
export function readerRole(schema: string): string {
  return `busbar_${schema}_reader`;
}

/** Runs `work` in a read-only transaction that can see the rows of one tenant only, whatever its statements say. */
export function readAsTenant<T>(
  database: Database,
  schema: string,
  tenant: TenantId,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return database.transaction(work, { role: readerRole(schema), tenant, readOnly: true });
}

/**
 * SQL that makes the two roles of a schema, where the migrating login may make roles, and gives them their rights.
 * A table with a `tenant_id` gets row-level security: the reader sees its tenant's rows, the writer all. A table
 * without one is closed to the reader. Runs after every migration, so that no table can be forgotten.
 */
export function rolesSql(schema: string): string {
  const name = sql.identifier(schema).text;
  const writer = sql.identifier(writerRole(schema)).text;
  const reader = sql.identifier(readerRole(schema)).text;
  return `
do $$
declare
  wanted text;
begin
  foreach wanted in array array['${writerRole(schema)}', '${readerRole(schema)}'] loop
    -- Roles belong to the whole cluster: another database's migration may be making the same one now.
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception
        when duplicate_object or unique_violation then null;
        when insufficient_privilege then
          raise notice 'role % is missing and may not be made by this login', wanted;
      end;
    end if;
  end loop;
end $$;

do $$
declare
  target record;
begin
  if (select count(*) from pg_roles where rolname in ('${writerRole(schema)}', '${readerRole(schema)}')) < 2 then
    return;
  end if;
  grant usage on schema ${name} to ${writer}, ${reader};
  grant usage on all sequences in schema ${name} to ${writer};
  grant execute on all functions in schema ${name} to ${writer};
  for target in
    select c.oid::regclass as name,
           exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as has_tenant
      from pg_class c
     where c.relnamespace = '${schema}'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> 'migration'
  loop
    execute format('grant select, insert, update, delete on %s to ${writer}', target.name);
    continue when not target.has_tenant;
    execute format('grant select on %s to ${reader}', target.name);
    execute format('alter table %s enable row level security', target.name);
    execute format('drop policy if exists busbar_reader on %s', target.name);
    execute format('create policy busbar_reader on %s for select to ${reader}'
      ' using (tenant_id = current_setting(''busbar.tenant'', true))', target.name);
    execute format('drop policy if exists busbar_writer on %s', target.name);
    execute format('create policy busbar_writer on %s for all to ${writer} using (true) with check (true)', target.name);
  end loop;
end $$;
`;
}
