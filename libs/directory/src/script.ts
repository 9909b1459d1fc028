import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script on one key: sent as its digest, and in full to a Redis that does not know it yet. */
export class Script {
  readonly #digest: string;

  constructor(readonly lua: string) {
    this.#digest = createHash('sha1').update(lua).digest('hex');
  }

  async run(redis: Redis, key: string, ...values: string[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#digest, 1, key, ...values);
    } catch (error) {
      // A restarted Redis has forgotten all scripts; it refused before running anything.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(this.lua, 1, key, ...values);
    }
  }
}
