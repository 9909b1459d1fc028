import { createLogger } from '@busbar/observability';
import { JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { describe, expect, it } from 'vitest';
import { ensureStream, type StreamShape } from './ensure-streams.js';

type Streams = JetStreamManager['streams'];

/** A server with so much room and no more; real ones share it with everybody on the machine. */
class SmallServer implements Pick<Streams, 'add' | 'update'> {
  bytesMax: number | undefined;

  constructor(private readonly roomBytes: number) {}

  async add(config: Parameters<Streams['add']>[0]): Promise<StreamInfo> {
    return this.#take(config.max_bytes);
  }

  async update(_name: string, config: Parameters<Streams['update']>[1] = {}): Promise<StreamInfo> {
    if (this.bytesMax === undefined) throw refusal(10_059, 'stream not found');
    return this.#take(config.max_bytes);
  }

  async #take(bytes: number = 0): Promise<StreamInfo> {
    if (bytes > this.roomBytes) throw refusal(10_047, 'insufficient storage resources available');
    this.bytesMax = bytes;
    return {} as StreamInfo;
  }
}

function refusal(code: number, description: string): JetStreamApiError {
  return new JetStreamApiError({ code: 500, err_code: code, description });
}

function recorder() {
  const messages: unknown[] = [];
  const write = (line: string) => messages.push((JSON.parse(line) as { msg: string }).msg);
  return { messages, logger: createLogger({ app: 'test', level: 'info', destination: { write } }) };
}

const mebibyte = 1024 * 1024;
const shape: StreamShape = { name: 'FACTS', subjects: ['a.>'], max_bytes: 64 * mebibyte };

describe('ensureStream', () => {
  // A stream that fits is made as asked for, in silence.
  it('makes what fits', async () => {
    const server = new SmallServer(64 * mebibyte);
    const { messages, logger } = recorder();
    await ensureStream(server, shape, logger);
    expect({ bytesMax: server.bytesMax, messages }).toEqual({ bytesMax: 64 * mebibyte, messages: [] });
  });

  // Less room than asked for gives a smaller stream, and says so; it is never a reason to have none.
  it('makes a smaller one where there is no room', async () => {
    const server = new SmallServer(20 * mebibyte);
    const { messages, logger } = recorder();
    await ensureStream(server, shape, logger);
    expect(server.bytesMax).toBe(16 * mebibyte);
    await ensureStream(server, shape, logger);
    expect(server.bytesMax).toBe(16 * mebibyte);
    expect(messages).toEqual([
      'the server has no room; a stream is made smaller',
      'the server has no room; a stream is made smaller',
      'the server has no room to enlarge a stream',
    ]);
  });

  // Without room for even a mebibyte it gives up with the server's own refusal.
  it('gives up on a full server', async () => {
    const { logger } = recorder();
    await expect(ensureStream(new SmallServer(1000), shape, logger)).rejects.toMatchObject({ code: 10_047 });
  });
});
