import 'reflect-metadata';
import { runService } from '@busbar/service-host';
import { backgroundOf } from './background/background.js';
import { composeService } from './compose.js';
import { transactionSettings } from './settings.js';
import { TransactionsModule } from './transactions.module.js';

await runService({
  name: 'transactions',
  settings: transactionSettings,
  module: (parts) => TransactionsModule.of(composeService(parts)),
  background: backgroundOf,
});
