import { runMigrations } from '@busbar/service-host';

await runMigrations({ schema: 'transactions', directory: new URL('../migrations/', import.meta.url) });
