import { runMigrations } from '@busbar/service-host';

await runMigrations({ schema: 'commands', directory: new URL('../migrations/', import.meta.url) });
