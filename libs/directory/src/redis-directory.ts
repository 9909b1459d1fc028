import type { GatewayId, StationId } from '@busbar/domain';
import type { Logger } from '@busbar/observability';
import { Redis } from 'ioredis';
import {
  type Directory,
  type HeldStation,
  leaseMs,
  type Owner,
  operationTimeoutMs,
  type Superseded,
} from './directory.js';
import { DirectoryError } from './directory-error.js';
import { announceLua } from './lua/announce.lua.js';
import { claimLua } from './lua/claim.lua.js';
import { releaseLua } from './lua/release.lua.js';
import { Script } from './script.js';

const claimScript = new Script(claimLua);
const releaseScript = new Script(releaseLua);
const announceScript = new Script(announceLua);

const connectTimeoutMs = 1_000;
/** A connection that owes replies and is silent for this long is given up. */
const silenceMs = 1_000;
const reconnectMsMax = 1_000;
/** Operations at once; a storm beyond it is told `unavailable` rather than queued. */
const pendingMax = 20_000;
const announceAtOnce = 500;
/** Far above any difference between clocks. */
const epochKeptSeconds = 24 * 60 * 60;

export interface RedisDirectoryOptions {
  url: string;
  /** Keeps installations that share a Redis apart. */
  prefix: string;
  logger: Logger;
  /** Ten seconds unless given. */
  leaseMs?: number;
}

/**
 * The directory in Redis: `{prefix}:station:{station}` holds gateway and epoch and never expires, `{prefix}:lease:{gateway}`
 * expires and makes all entries of its gateway valid at once. Operations of one turn of the event loop travel as one
 * pipeline. Nothing waits for a Redis that is away; the connection is tried again for ever.
 */
export class RedisDirectory implements Directory {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #leaseMs: number;
  readonly #logger: Logger;
  readonly #listeners: ((available: boolean) => void)[] = [];
  /**
   * Stations whose claim got no answer: it may have happened, under an epoch that this process never learned. One
   * entry at most per station that connected while Redis was failing; gone with its next claim or release.
   */
  readonly #unanswered = new Set<StationId>();
  #pending = 0;
  #available = false;

  constructor(options: RedisDirectoryOptions) {
    this.#prefix = options.prefix;
    this.#leaseMs = options.leaseMs ?? leaseMs;
    this.#logger = options.logger;
    this.#redis = new Redis(options.url, {
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      // A claim that was in flight when the connection broke must not happen later, when nobody waits for it.
      autoResendUnfulfilledCommands: false,
      // Fails what was in flight as soon as the connection is gone. Otherwise it never ends, and with it the pipeline
      // that it travelled in: nothing would be sent on the next connection.
      maxRetriesPerRequest: 0,
      connectTimeout: connectTimeoutMs,
      socketTimeout: silenceMs,
      keepAlive: 5_000,
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), reconnectMsMax) * (0.5 + Math.random() / 2),
      // After a fail-over the old primary refuses writes: look the primary up again.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.#redis.on('ready', () => this.#setAvailable(true));
    this.#redis.on('close', () => this.#setAvailable(false));
    this.#redis.on('error', (error) => this.#logger.debug({ err: error }, 'connection to Redis'));
  }

  async claim(station: StationId, gateway: GatewayId, epochAtLeast: number) {
    const key = this.#stationKey(station);
    const least = epochText(epochAtLeast);
    this.#unanswered.delete(station);
    const reply = await this.#within(() => claimScript.run(this.#redis, key, gateway, least)).catch(
      (error: unknown) => {
        this.#unanswered.add(station);
        throw error;
      },
    );
    const [epoch, previousGateway, previousEpoch] = texts(reply);
    return { epoch: epochOf(epoch), previous: ownerFrom(previousGateway, previousEpoch) };
  }

  async release(station: StationId, gateway: GatewayId, epoch: number): Promise<boolean> {
    const key = this.#stationKey(station);
    const exactly = epochText(epoch);
    this.#unanswered.delete(station);
    const reply = await this.#within(() =>
      releaseScript.run(this.#redis, key, gateway, exactly, String(epochKeptSeconds)),
    );
    return reply === 1;
  }

  async ownerOf(station: StationId): Promise<Owner | null> {
    return this.#within(async () => {
      const [gateway, epoch] = await this.#redis.hmget(this.#stationKey(station), 'gateway', 'epoch');
      const owner = ownerFrom(gateway, epoch);
      return owner && (await this.#redis.exists(this.#leaseKey(owner.gateway))) === 1 ? owner : null;
    });
  }

  async announce(sessions: readonly HeldStation[], gateway: GatewayId): Promise<Superseded[]> {
    const superseded: Superseded[] = [];
    for (let start = 0; start < sessions.length; start += announceAtOnce) {
      const batch = sessions.slice(start, start + announceAtOnce);
      const replies = await this.#within(() =>
        Promise.all(
          batch.map(({ station, epoch }) =>
            announceScript.run(this.#redis, this.#stationKey(station), gateway, epochText(epoch), this.#doubt(station)),
          ),
        ),
      );
      batch.forEach((session, index) => {
        const [standingGateway, standingEpoch] = texts(replies[index]);
        if (standingEpoch != null) superseded.push({ ...session, by: ownerFrom(standingGateway, standingEpoch) });
      });
    }
    return superseded;
  }

  async renewLease(gateway: GatewayId): Promise<void> {
    await this.#within(() => this.#redis.set(this.#leaseKey(gateway), '1', 'PX', this.#leaseMs));
  }

  async endLease(gateway: GatewayId): Promise<void> {
    await this.#within(() => this.#redis.del(this.#leaseKey(gateway)));
  }

  async livingGateways(gateways: readonly GatewayId[]): Promise<Set<GatewayId>> {
    const living = await this.#within(() =>
      Promise.all(gateways.map((gateway) => this.#redis.exists(this.#leaseKey(gateway)))),
    );
    return new Set(gateways.filter((_, index) => living[index] === 1));
  }

  onStatus(listener: (available: boolean) => void): void {
    this.#listeners.push(listener);
    if (this.#available) listener(true);
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  #stationKey(station: StationId): string {
    return `${this.#prefix}:station:${station}`;
  }

  #leaseKey(gateway: GatewayId): string {
    return `${this.#prefix}:lease:${gateway}`;
  }

  #doubt(station: StationId): '0' | '1' {
    return this.#unanswered.has(station) ? '1' : '0';
  }

  #setAvailable(available: boolean): void {
    if (available === this.#available) return;
    this.#available = available;
    if (available) this.#logger.info('Redis is there');
    else this.#logger.warn('Redis is away');
    for (const listener of this.#listeners) listener(available);
  }

  async #within<T>(operation: () => Promise<T>): Promise<T> {
    if (!this.#available) throw new DirectoryError('Redis is not connected');
    if (this.#pending >= pendingMax) throw new DirectoryError(`${pendingMax} operations already wait`);
    this.#pending += 1;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DirectoryError(`no answer in ${operationTimeoutMs} ms`)), operationTimeoutMs);
    });
    // Counted until Redis answers or the connection is given up, so that a Redis that hangs can't pile up work.
    const reply = operation().finally(() => {
      this.#pending -= 1;
    });
    // When the deadline wins nobody waits for this any more.
    reply.catch(() => undefined);
    try {
      return await Promise.race([reply, silence]);
    } catch (cause) {
      if (cause instanceof DirectoryError) throw cause;
      throw new DirectoryError(cause instanceof Error ? cause.message : String(cause), { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

function epochText(epoch: number): string {
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw new RangeError('an epoch is a whole number below 2^53');
  return epoch.toFixed(0);
}

function epochOf(text: string | null | undefined): number {
  const epoch = Number(text);
  if (!Number.isSafeInteger(epoch)) throw new RangeError('Redis holds an epoch that is no number');
  return epoch;
}

function ownerFrom(gateway?: string | null, epoch?: string | null): Owner | null {
  return gateway == null || epoch == null ? null : { gateway: gateway as GatewayId, epoch: epochOf(epoch) };
}

/** A script's reply: texts and nils. */
function texts(reply: unknown): (string | null)[] {
  if (!Array.isArray(reply)) return [];
  return reply.map((entry: unknown) => (typeof entry === 'string' ? entry : null));
}
