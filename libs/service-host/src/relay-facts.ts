import type { SettingsSchema } from '@busbar/config';
import { StreamPublisher } from '@busbar/messaging';
import { FactRelay } from '@busbar/outbox';
import { StreamKeeper } from './keep-streams.js';
import type { Lifecycle } from './lifecycle.js';
import type { ServiceParts } from './parts.js';
import { directUrl } from './settings.js';

/** The way of the service's facts from its outbox to the stream: the streams, a publisher, and the relay. */
export async function relayFacts<Own extends SettingsSchema>(
  parts: ServiceParts<Own>,
  lifecycle: Lifecycle,
): Promise<void> {
  const { bus, settings, logger, metrics } = parts;
  if (settings.manageStreams) {
    const { factsBytesMax, readingsBytesMax, framesBytesMax, streamReplicas } = settings;
    const limits = { factsBytesMax, readingsBytesMax, framesBytesMax, replicas: streamReplicas };
    const keeper = new StreamKeeper(bus, limits, logger);
    lifecycle.add('streams', () => keeper.stop());
    await keeper.start();
  }
  const publisher = new StreamPublisher(bus);
  lifecycle.add('publisher', () => publisher.close());
  const relay = new FactRelay({
    url: directUrl(settings),
    schema: parts.name,
    publisher,
    subjects: bus.subjects,
    logger,
    metrics,
  });
  relay.start();
  lifecycle.add('relay', () => relay.stop());
}
