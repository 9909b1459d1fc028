import type { ServerResponse } from 'node:http';
import { ProblemError } from '@busbar/events';
import type { FastifyReply } from 'fastify';

/** One Server-Sent Event; `id` is where a reader resumes. */
export interface StreamedEvent {
  id?: string;
  event: string;
  data: object;
}

/** How long a stream may be silent before a comment shows intermediaries that it lives. */
const keepAliveMs = 15_000;
/** A reader who is this far behind is cut off; it resumes by its last id. */
const unsentBytesMax = 1024 * 1024;

/**
 * Writes events to the reader until the source ends or the reader goes away. Slow readers hold nobody up: past
 * 1 MiB unsent the stream ends. `source` is told to stop through `abort`.
 */
export async function streamEvents(
  reply: FastifyReply,
  source: AsyncIterable<StreamedEvent>,
  abort: AbortController,
): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': reply.request.id,
  });
  response.write(': open\n\n');
  const keepAlive = setInterval(() => response.write(': alive\n\n'), keepAliveMs);
  response.on('close', () => abort.abort());
  try {
    for await (const event of source) {
      if (abort.signal.aborted || response.writableLength > unsentBytesMax) {
        break;
      }
      response.write(format(event));
    }
  } finally {
    clearInterval(keepAlive);
    abort.abort();
    end(response);
  }
}

/** JSON has no raw line breaks, so one `data:` line is enough. */
function format(event: StreamedEvent): string {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`;
  return `${id}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

function end(response: ServerResponse): void {
  if (!response.writableEnded) {
    response.end();
  }
}

/** How many streams one key may hold open at once, so that one caller cannot take every socket. */
export class StreamLimit {
  readonly #open = new Map<string, number>();

  constructor(readonly max: number) {}

  /** Takes a place and gives the function that returns it. Throws a 429 when there is none. */
  take(key: string): () => void {
    const open = this.#open.get(key) ?? 0;
    if (open >= this.max) {
      throw new ProblemError({
        status: 429,
        code: 'streams-exhausted',
        detail: `An API key may hold ${this.max} streams open.`,
        retryAfterSeconds: 5,
      });
    }
    this.#open.set(key, open + 1);
    return () => {
      const left = (this.#open.get(key) ?? 1) - 1;
      if (left === 0) {
        this.#open.delete(key);
      } else {
        this.#open.set(key, left);
      }
    };
  }
}
