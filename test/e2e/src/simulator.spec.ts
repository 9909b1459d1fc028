import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type System, startSystem } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register, token, transactionsOf } from './fixture.js';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

/** Plays a scenario in a process of its own; gives its exit code and what it printed. */
async function play(scenario: string, args: string[]): Promise<{ code: number | null; output: string }> {
  const main = fileURLToPath(new URL('../../../apps/simulator/dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'play', scenario, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

describe('the simulator', () => {
  // Each scenario plays to its end, leaves one ended transaction, and its energy is what the meter counted.
  it.each(['charge', 'card-first', 'offline', 'lost-answer'])('plays %s', async (scenario) => {
    const station = await register(system);
    const idToken = await token(system);
    const { code, output } = await play(scenario, [
      ...['--url', system.stationsUrl(), '--identity', station.identity, '--key', station.key.toString('hex')],
      ...['--token', idToken, '--charge', '2', '--power', '1000000'],
    ]);
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    const stopped = output.split('\n').find((line) => line.includes('"msg":"stopped"'));
    const { energyWh } = JSON.parse(stopped ?? '{}') as { energyWh: number };
    expect(energyWh).toBeGreaterThan(400);
    expect(await transactionsOf(system, station)).toMatchObject([{ state: 'ended', energyWh, idToken }]);
  });

  it('plays refused-token', async () => {
    const station = await register(system);
    const { code, output } = await play('refused-token', [
      ...['--url', system.stationsUrl(1), '--identity', station.identity, '--key', station.key.toString('hex')],
    ]);
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    expect(await transactionsOf(system, station)).toEqual([]);
  });
});
