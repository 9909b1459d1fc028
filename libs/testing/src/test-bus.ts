import { streamName, streamNames } from '@busbar/events';
import { type Bus, connectBus } from '@busbar/messaging';
import { sharedStores } from './stores.js';
import { testLogger } from './test-logger.js';
import { testPrefix } from './test-prefix.js';

/** A bus of a test's own on the shared NATS server. */
export interface TestBus {
  bus: Bus;
  prefix: string;
  url: string;
  /** Deletes the prefix's streams and closes the connection. */
  close(): Promise<void>;
}

export async function testBus({
  prefix = testPrefix(),
  url = sharedStores.natsUrl(),
}: {
  prefix?: string;
  url?: string;
} = {}): Promise<TestBus> {
  const bus = await connectBus({ url, name: prefix, prefix, logger: testLogger().logger });
  return {
    bus,
    prefix,
    url,
    close: async () => {
      await deleteStreams(bus, prefix);
      await bus.close();
    },
  };
}

/** Deletes the streams of a prefix; those that were never made are fine. */
export async function deleteStreams(bus: Bus, prefix: string): Promise<void> {
  for (const name of streamNames) {
    await bus.connection.request(`$JS.API.STREAM.DELETE.${streamName(prefix, name)}`, '', { timeout: 5_000 });
  }
}
