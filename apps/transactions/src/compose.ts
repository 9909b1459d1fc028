import type { Clock, IdSource } from '@busbar/domain';
import type { Bus } from '@busbar/messaging';
import type { Logger, Metrics } from '@busbar/observability';
import type { Database } from '@busbar/persistence';
import { BusAuthorizer } from './bus/bus-authorizer.js';
import { BusReadingFeed } from './bus/bus-reading-feed.js';
import { LearntIdentities } from './bus/learnt-identities.js';
import { CaseBook } from './domain/case-book.js';
import { EndingBook } from './domain/ending.js';
import { Gate } from './domain/gate.js';
import { Intake } from './domain/intake.js';
import { OrphanBook } from './domain/orphans.js';
import { Persons } from './domain/persons.js';
import { PersonsBook } from './domain/persons-book.js';
import { QuarantineBook } from './domain/quarantine-book.js';
import { Queries } from './domain/queries.js';
import { ReadingLane } from './domain/reading-lane.js';
import { SessionLane } from './domain/session-lane.js';
import { StartBook } from './domain/start.js';
import { StopBook } from './domain/stop.js';
import { Suspicion } from './domain/suspicion.js';
import { armedFault } from './faults.js';
import { observe } from './observe.js';
import { PostgresIdentityMemory } from './store/postgres-identity-memory.js';
import { PostgresLedger } from './store/postgres-ledger.js';
import { PostgresReader } from './store/postgres-reader.js';
import { PostgresReadingStore } from './store/postgres-reading-store.js';

/** What the service is built from. */
export interface Parts {
  database: Database;
  bus: Bus;
  clock: Clock;
  ids: IdSource;
  logger: Logger;
  metrics: Metrics;
  settings: {
    fault: string;
    authorizationTimeoutMs: number;
    readingRowsPerCommit: number;
    readingCommitsAtOnce: number;
    readingRowsWaitingMax: number;
    sessionsAtOnce: number;
    postgresPoolMax: number;
  };
}

/** The service without its way in: for `main.ts`, and for tests that call it directly. */
export interface Service {
  intake: Intake;
  queries: Queries;
  persons: Persons;
}

/** The connections that the two lanes leave; one at least. */
function readsAtOnce(settings: Parts['settings']): number {
  const { postgresPoolMax, sessionsAtOnce, readingCommitsAtOnce } = settings;
  return Math.max(1, postgresPoolMax - sessionsAtOnce - readingCommitsAtOnce);
}

export function composeService(parts: Parts): Service {
  const { database, bus, clock, ids, logger, metrics, settings } = parts;
  const observer = observe(metrics, logger);
  const reach = armedFault(settings.fault);
  const ledger = new PostgresLedger(database, reach);
  const identities = new LearntIdentities(new PostgresIdentityMemory(database), bus, clock, logger);
  const cases = new CaseBook(ids);
  const endings = new EndingBook(ids, cases);
  const orphans = new OrphanBook(ids, cases, endings);
  const quarantine = new QuarantineBook(ids, cases);
  const suspicion = new Suspicion(clock);

  const readings = new ReadingLane(
    new PostgresReadingStore(database, reach),
    ledger,
    quarantine,
    suspicion,
    new BusReadingFeed(bus, metrics),
    observer,
    clock,
    {
      rowsPerCommit: settings.readingRowsPerCommit,
      commitsAtOnce: settings.readingCommitsAtOnce,
      rowsWaitingMax: settings.readingRowsWaitingMax,
    },
  );
  const sessions = new SessionLane(
    ledger,
    new StartBook(ids, cases, orphans),
    new StopBook(ids, endings, orphans),
    quarantine,
    new BusAuthorizer(bus, observer, settings.authorizationTimeoutMs),
    identities,
    suspicion,
    observer,
    clock,
    new Gate(settings.sessionsAtOnce),
  );
  const queries = new Queries(new PostgresReader(database, new Gate(readsAtOnce(settings))), identities, identities);
  const book = new PersonsBook(ids, cases, endings, orphans);
  return {
    intake: new Intake(ledger, readings, sessions),
    queries,
    persons: new Persons(ledger, book, queries, clock, ids),
  };
}
