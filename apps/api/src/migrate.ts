import { runMigrations } from '@busbar/service-host';

await runMigrations({ schema: 'api', directory: new URL('../migrations/', import.meta.url) });
