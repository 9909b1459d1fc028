import { type PrivateStores, type StoreName, type System, startStores, startSystem, waitUntil } from '@busbar/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booted, connect, type Registered, readingOf, register, startOf, token } from './fixture.js';

const stations = 6;
const healMs = 15_000;

let stores: PrivateStores<StoreName>;
let system: System;

beforeAll(async () => {
  stores = await startStores('postgres', 'nats', 'redis');
  system = await startSystem({
    counts: { transactions: 2 },
    postgresUrl: stores.stores.postgres.url,
    natsUrl: stores.stores.nats.url,
    redisUrl: stores.stores.redis.url,
  });
});
afterAll(async () => {
  await system?.stop();
  await stores?.stop();
});

/** A station that charges for ever: what is not answered is sent again, on a new connection if need be. */
class Charging {
  readonly answered: string[] = [];
  readonly wrong: string[] = [];
  /** How often it was hung up on. */
  hangUps = 0;
  transactionId = 0;
  #running = true;
  #wh = 1000;

  constructor(
    private readonly registered: Registered,
    private readonly idToken: string,
    private readonly gateway: number,
  ) {}

  async run(): Promise<void> {
    const start = startOf(this.idToken);
    let owed: [string, object] = ['StartTransaction', start];
    await (await booted(system, this.registered, this.gateway)).close();
    while (this.#running) {
      const connected = await connect(system, this.registered, this.gateway);
      try {
        while (this.#running) {
          const answer = await connected.call(owed[0], owed[1], { timeoutMs: 20_000 });
          if (answer.kind === 'error') {
            this.wrong.push(`${owed[0]}: ${answer.code}`);
            continue;
          }
          if (owed[0] === 'StartTransaction') this.transactionId = Number(answer.payload['transactionId']);
          else this.answered.push(String(this.#wh));
          this.#wh += 1;
          owed = ['MeterValues', readingOf(this.transactionId, String(this.#wh))];
        }
        await connected.close();
      } catch {
        // As it should be while nothing can be stored: connect again and repeat.
        this.hangUps += 1;
      }
    }
  }

  stop(): void {
    this.#running = false;
  }
}

/** The registers that Postgres holds of a transaction, each with how often. */
async function stored(transactionId: number): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: system.database.adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ wh: string; times: string }>(
      `select energy_wh::text as wh, count(*) as times from transactions.reading
       where ocpp_transaction_id = $1 group by energy_wh`,
      [String(transactionId)],
    );
    return new Map(rows.map(({ wh, times }) => [wh, Number(times)]));
  } finally {
    await client.end();
  }
}

describe('a store that is killed while stations charge', () => {
  // Nothing answered is missing, nothing is doubled, nobody is told an error, and it heals without hands.
  it.each(['postgres', 'nats', 'redis'] as const)('%s', async (name) => {
    const charging = await Promise.all(
      Array.from({ length: stations }, async (_, at) => {
        return new Charging(await register(system), await token(system), at % 2);
      }),
    );
    const running = charging.map((station) => station.run());
    const allCharge = (since: number[]) => charging.every(({ answered }, at) => answered.length > (since[at] ?? 0) + 3);
    await waitUntil('every station charges', () => allCharge([]), { timeoutMs: 20_000 });

    await stores.stores[name].kill();
    const before = charging.map(({ answered }) => answered.length);
    if (name === 'redis') {
      await waitUntil('Redis is not missed', () => allCharge(before));
    } else {
      await waitUntil('stations are hung up on', () => charging.every(({ hangUps }) => hangUps > 0), {
        timeoutMs: 30_000,
      });
    }
    await stores.stores[name].start();
    const healed = performance.now();
    const sinceHeal = charging.map(({ answered }) => answered.length);
    await waitUntil('every station charges again', () => allCharge(sinceHeal), { timeoutMs: 60_000 });
    expect(performance.now() - healed).toBeLessThan(healMs);

    for (const station of charging) station.stop();
    await Promise.all(running);
    for (const { transactionId, answered, wrong } of charging) {
      const kept = await stored(transactionId);
      expect(answered.filter((wh) => !kept.has(wh))).toEqual([]);
      expect([...kept].filter(([, times]) => times > 1)).toEqual([]);
      expect(wrong).toEqual([]);
    }
  });
});
