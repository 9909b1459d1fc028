import { runMigrations } from '@busbar/service-host';

await runMigrations({ schema: 'stations', directory: new URL('../migrations/', import.meta.url) });
