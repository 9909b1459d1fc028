import { createHash, randomBytes } from 'node:crypto';
import { migrate, readerRole, writerRole } from '@busbar/persistence';
import { readMigrations, rolesSql } from '@busbar/persistence/internal';
import pg from 'pg';
import { sharedStores } from './stores.js';

/** A schema and the folder of its migrations. */
export interface TestSchema {
  schema: string;
  directory: URL | string;
}

/** A database of a test's own, with its schemas migrated. */
export interface TestDatabase {
  name: string;
  /** Logs in as the writer of its schemas: the rights that a service has. */
  url: string;
  /** Logs in as the reader of its (first) schema: sees one tenant's rows at most. */
  readerUrl: string;
  /** Logs in as the owner, for what a test must arrange or look at behind the service's back. */
  adminUrl: string;
  urlAs(role: string): string;
  /** Ends its connections and drops it. */
  drop(): Promise<void>;
}

const staleAfterMs = 60 * 60 * 1_000;

/**
 * Makes a database by cloning a template, which is migrated once for each set of schemas and texts of their files.
 * Many test processes may call this at once.
 */
export async function testDatabase({
  schemas,
  postgresUrl = sharedStores.postgresUrl(),
}: {
  schemas: TestSchema[];
  /** Another server than the shared one, such as a private one that the test will kill. */
  postgresUrl?: string;
}): Promise<TestDatabase> {
  const digest = await digestOf(schemas);
  const template = `busbar_template_${digest}`;
  const writer = schemas.length === 1 && schemas[0] ? writerRole(schemas[0].schema) : `busbar_test_${digest}`;
  const name = `busbar_test_${Date.now().toString(36)}_${randomBytes(5).toString('hex')}`;
  await asAdmin(postgresUrl, async (admin) => {
    await ensureTemplate(admin, postgresUrl, template, writer, schemas);
    await admin.query(`create database ${name} template ${template}`);
  });
  const adminUrl = databaseUrl(postgresUrl, name);
  const urlAs = (role: string) => roleUrl(adminUrl, role);
  return {
    name,
    url: urlAs(writer),
    readerUrl: urlAs(readerRole(schemas[0]?.schema ?? '')),
    adminUrl,
    urlAs,
    drop: () => asAdmin(postgresUrl, (admin) => dropDatabase(admin, name)),
  };
}

async function digestOf(schemas: readonly TestSchema[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { schema, directory } of schemas) {
    hash.update(`${schema}\n${rolesSql(schema)}`);
    for (const migration of await readMigrations(directory)) hash.update(`${migration.name}\n${migration.checksum}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

async function ensureTemplate(
  admin: pg.Client,
  postgresUrl: string,
  template: string,
  writer: string,
  schemas: readonly TestSchema[],
): Promise<void> {
  // Held by whoever makes a template, whichever it is: the roles belong to the whole server.
  await admin.query(`select pg_advisory_lock(hashtextextended('busbar.template', 0))`);
  try {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
    if (rowCount === 1) return;
    await dropStale(admin);
    // Renamed when complete, so that a template that exists is always whole.
    const unfinished = `${template}_unfinished`;
    await dropDatabase(admin, unfinished);
    await admin.query(`create database ${unfinished}`);
    for (const { schema, directory } of schemas) {
      await migrate({ url: databaseUrl(postgresUrl, unfinished), schema, directory });
    }
    if (schemas.length > 1) await makeJointWriter(admin, writer, schemas);
    await admin.query(`alter database ${unfinished} rename to ${template}`);
  } finally {
    await admin.query(`select pg_advisory_unlock(hashtextextended('busbar.template', 0))`);
  }
}

/** One login for several schemas, as a test has that runs several services on one URL. */
async function makeJointWriter(admin: pg.Client, writer: string, schemas: readonly TestSchema[]): Promise<void> {
  const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [writer]);
  if (rowCount === 0) await admin.query(`create role ${writer} nologin`);
  const roles = schemas.flatMap(({ schema }) => [writerRole(schema), readerRole(schema)]);
  await admin.query(`grant ${roles.join(', ')} to ${writer}`);
}

/** What test processes left behind that were killed. */
async function dropStale(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    `select datname from pg_database where datname ~ '^busbar_test_[0-9a-z]+_[0-9a-f]{10}$'`,
  );
  for (const { datname } of rows) {
    const madeAt = Number.parseInt(datname.split('_')[2] ?? '', 36);
    if (madeAt < Date.now() - staleAfterMs) await dropDatabase(admin, datname);
  }
}

async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  await admin.query(`drop database if exists ${name} with (force)`);
}

async function asAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url, application_name: 'busbar-test-database' });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function databaseUrl(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Acts as a role from the first statement on, by way of the session's options, so that the role needs no password. */
function roleUrl(url: string, role: string): string {
  const changed = new URL(url);
  const option = `options=${encodeURIComponent(`-c role=${role}`)}`;
  changed.search = [changed.search.slice(1), option].filter((part) => part !== '').join('&');
  return changed.href;
}
