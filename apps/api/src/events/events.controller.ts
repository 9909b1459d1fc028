import { type AskContext, type Fact, ProblemError } from '@busbar/events';
import { type Bus, readStream } from '@busbar/messaging';
import { tokens } from '@busbar/service-host';
import { Controller, Headers, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Asked } from '../http/asked.js';
import { Endpoint } from '../http/endpoint.js';
import { StreamLimit, streamEvents } from '../http/event-stream.js';
import { Services } from '../http/services.js';
import { eventsQuery } from './event-schemas.js';
import { factFilter, streamedFacts } from './streamed-facts.js';

@Controller('v1')
export class EventsController {
  constructor(
    @Inject(tokens.bus) private readonly bus: Bus,
    @Inject(Services) private readonly services: Services,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
  ) {}

  @Endpoint({
    method: 'get',
    path: 'events',
    scope: 'read',
    tag: 'Events',
    summary: 'Follow facts as Server-Sent Events',
    description:
      '`id:` is where to resume: send it back as `Last-Event-ID` or `after`. Without either, only what is new comes. ' +
      'In order for each station; kept 7 days.',
    query: eventsQuery,
    status: 200,
    stream: true,
  })
  async follow(
    @Query() query: { type?: string; station?: string; after?: number },
    @Headers('last-event-id') lastEventId: string | undefined,
    @Asked() context: AskContext,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = await this.#filter(query, context);
    const after = query.after ?? (lastEventId === undefined ? undefined : sequenceOf(lastEventId));
    const release = this.limit.take(context.caller);
    const abort = new AbortController();
    try {
      const facts = readStream<Fact>(this.bus, {
        stream: 'FACTS',
        filter,
        signal: abort.signal,
        ...(after === undefined ? {} : { after }),
      });
      await streamEvents(reply, streamedFacts(facts), abort);
    } finally {
      release();
    }
  }

  async #filter(query: { type?: string; station?: string }, context: AskContext): Promise<string> {
    if (query.station === undefined) {
      return factFilter(this.bus.subjects, context.tenant, '*', query.type);
    }
    const { station } = await this.services.station(query.station, context);
    return factFilter(this.bus.subjects, context.tenant, station, query.type);
  }
}

function sequenceOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new ProblemError({ status: 400, code: 'query-invalid', detail: 'Last-Event-ID is not one of our ids.' });
  }
  return Number(text);
}
