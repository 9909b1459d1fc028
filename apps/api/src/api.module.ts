import type { Clock, IdSource } from '@busbar/domain';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Database } from '@busbar/persistence';
import { tokens } from '@busbar/service-host';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { CommandsController } from './commands/commands.controller.js';
import { EventsController } from './events/events.controller.js';
import { CheckedInput } from './http/checked-input.js';
import { StreamLimit } from './http/event-stream.js';
import { ProblemFilter } from './http/problem-filter.js';
import { Services } from './http/services.js';
import { IdTokensController } from './id-tokens/id-tokens.controller.js';
import { ApiKeysController } from './keys/api-keys.controller.js';
import { KeyStore } from './keys/key-store.js';
import { ScopeGuard } from './keys/scope-guard.js';
import { MessagesController } from './messages/messages.controller.js';
import type { ApiSettings } from './settings.js';
import { StationsController } from './stations/stations.controller.js';
import { CasesController } from './transactions/cases.controller.js';
import { TransactionsController } from './transactions/transactions.controller.js';

/** Everything that answers HTTP. Guard, checks and problems are global: a new controller cannot forget them. */
@Module({})
export class ApiModule {
  static with(keys: KeyStore): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        StationsController,
        MessagesController,
        TransactionsController,
        CasesController,
        IdTokensController,
        CommandsController,
        EventsController,
        ApiKeysController,
      ],
      providers: [
        { provide: KeyStore, useValue: keys },
        { provide: Services, useFactory: (bus: Bus) => new Services(bus), inject: [tokens.bus] },
        {
          provide: StreamLimit,
          useFactory: (settings: ApiSettings) => new StreamLimit(settings.streamsPerKeyMax),
          inject: [tokens.settings],
        },
        { provide: APP_GUARD, useFactory: (reflector: Reflector) => new ScopeGuard(reflector), inject: [Reflector] },
        {
          provide: APP_INTERCEPTOR,
          useFactory: (reflector: Reflector) => new CheckedInput(reflector),
          inject: [Reflector],
        },
        { provide: APP_FILTER, useFactory: (logger: Logger) => new ProblemFilter(logger), inject: [tokens.logger] },
      ],
    };
  }
}

/** The keys are needed before Nest is up: the first hook of the server asks them. */
export function keyStoreOf(parts: { database: Database; ids: IdSource; clock: Clock }): KeyStore {
  return new KeyStore(parts.database, parts.ids, parts.clock);
}
