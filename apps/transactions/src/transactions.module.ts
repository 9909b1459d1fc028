import { type DynamicModule, Module } from '@nestjs/common';
import type { Service } from './compose.js';
import { Intake } from './domain/intake.js';
import { Persons } from './domain/persons.js';
import { Queries } from './domain/queries.js';
import { CasesHandler } from './handlers/cases.handler.js';
import { CloseHandler } from './handlers/close.handler.js';
import { GetHandler } from './handlers/get.handler.js';
import { GetCaseHandler } from './handlers/get-case.handler.js';
import { LinkRemoteStartHandler } from './handlers/link-remote-start.handler.js';
import { ListHandler } from './handlers/list.handler.js';
import { MeterValuesHandler } from './handlers/meter-values.handler.js';
import { OpenByStationHandler } from './handlers/open-by-station.handler.js';
import { ReferenceHandler } from './handlers/reference.handler.js';
import { ReportsHandler } from './handlers/reports.handler.js';
import { ResolveCaseHandler } from './handlers/resolve-case.handler.js';

@Module({})
export class TransactionsModule {
  /** The handlers, over a service that is composed already. */
  static of(service: Service): DynamicModule {
    return {
      module: TransactionsModule,
      controllers: [
        ReportsHandler,
        ListHandler,
        GetHandler,
        MeterValuesHandler,
        CloseHandler,
        CasesHandler,
        GetCaseHandler,
        ResolveCaseHandler,
        ReferenceHandler,
        OpenByStationHandler,
        LinkRemoteStartHandler,
      ],
      providers: [
        { provide: Intake, useValue: service.intake },
        { provide: Queries, useValue: service.queries },
        { provide: Persons, useValue: service.persons },
      ],
    };
  }
}
