import { runMigrations } from '@busbar/service-host';

await runMigrations({ schema: 'authorization', directory: new URL('../migrations/', import.meta.url) });
