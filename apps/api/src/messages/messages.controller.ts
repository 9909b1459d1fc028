import type { StationId } from '@busbar/domain';
import {
  type AskContext,
  type Page,
  type PageRequest,
  ProblemError,
  type RecordedFrame,
  stationOperations,
} from '@busbar/events';
import { type Bus, BusError, busProblem, readHeld, readStream } from '@busbar/messaging';
import { tokens } from '@busbar/service-host';
import { Controller, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Asked } from '../http/asked.js';
import { Endpoint } from '../http/endpoint.js';
import { type StreamedEvent, StreamLimit, streamEvents } from '../http/event-stream.js';
import { instant, pageOf, pageQuery, text } from '../http/json-schema.js';
import { Services } from '../http/services.js';
import { messageAnswer } from '../stations/station-schemas.js';
import { type MessageFilter, type MessageView, matches, messageView } from './recorded-messages.js';

/** While someone follows, the watch is set again before it runs out. */
const watchSeconds = 120;
const renewWatchMs = 60_000;

type MessagesQuery = PageRequest & MessageFilter & { follow?: boolean };

/** The flight recorder: the last frames of a station, as they were on the wire. */
@Controller('v1')
export class MessagesController {
  constructor(
    @Inject(tokens.bus) private readonly bus: Bus,
    @Inject(Services) private readonly services: Services,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
  ) {}

  @Endpoint({
    method: 'get',
    path: 'stations/:station/messages',
    scope: 'read',
    tag: 'Stations',
    summary: 'Read the last frames of a station, or follow them',
    description:
      'At most 500 frames and 24 h are kept. With `follow=true` they come as Server-Sent Events, and heartbeats and ' +
      'meter values are recorded too for as long as somebody follows.',
    params: { station: 'The OCPP identity, percent-encoded.' },
    query: { ...pageQuery, action: text(100), from: instant, to: instant, follow: { type: 'boolean' } },
    status: 200,
    answer: pageOf(messageAnswer),
    problems: { 404: 'No such station.' },
  })
  async messages(
    @Param('station') identity: string,
    @Query() query: MessagesQuery,
    @Asked() context: AskContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<MessageView> | undefined> {
    const { station } = await this.services.station(identity, context);
    if (query.follow === true) {
      await this.#follow({ identity, station, query, context, reply });
      return undefined;
    }
    return this.#page(station, query);
  }

  async #page(station: StationId, query: MessagesQuery): Promise<Page<MessageView>> {
    const before = cursorOf(query.cursor);
    const held = await this.#held(station);
    const wanted = held
      .filter(({ sequence, message }) => sequence < before && matches(message, query))
      .sort((left, right) => right.sequence - left.sequence);
    const items = wanted.slice(0, query.limit);
    return {
      items: items.map(({ message }) => messageView(message)),
      nextCursor: wanted.length > items.length ? String(items.at(-1)?.sequence) : null,
    };
  }

  async #held(station: StationId): Promise<{ sequence: number; message: RecordedFrame }[]> {
    try {
      return await readHeld<RecordedFrame>(this.bus, {
        stream: 'FRAMES',
        filter: this.bus.subjects.frames(station),
        timeoutMs: 3_000,
      });
    } catch (error) {
      throw error instanceof BusError ? new ProblemError(busProblem(error)) : error;
    }
  }

  async #follow(following: {
    identity: string;
    station: StationId;
    query: MessagesQuery;
    context: AskContext;
    reply: FastifyReply;
  }): Promise<void> {
    const { identity, station, query, context, reply } = following;
    const release = this.limit.take(context.caller);
    const watch = async (): Promise<void> => {
      await this.services.ask(stationOperations.watch, { identity, seconds: watchSeconds }, context);
    };
    // A watch that could not be renewed shows as silence, which the next renewal mends.
    const renew = setInterval(() => void watch().catch(() => undefined), renewWatchMs);
    const abort = new AbortController();
    try {
      await watch();
      const frames = readStream<RecordedFrame>(this.bus, {
        stream: 'FRAMES',
        filter: this.bus.subjects.frames(station),
        signal: abort.signal,
      });
      await streamEvents(reply, streamedMessages(frames, query), abort);
    } finally {
      clearInterval(renew);
      release();
    }
  }
}

async function* streamedMessages(
  frames: AsyncIterable<{ sequence: number; message: RecordedFrame }>,
  filter: MessageFilter,
): AsyncIterable<StreamedEvent> {
  for await (const { sequence, message } of frames) {
    if (matches(message, filter)) {
      yield { id: String(sequence), event: 'message', data: messageView(message) };
    }
  }
}

function cursorOf(cursor: string | undefined): number {
  if (cursor === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  if (!/^\d{1,15}$/.test(cursor)) {
    throw new ProblemError({ status: 400, code: 'query-invalid', detail: 'The cursor is not one of ours.' });
  }
  return Number(cursor);
}
