import { commandOperations } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { accepted, silence } from './fake-gateway.js';
import { CommandsFixture } from './fixture.js';

let fixture: CommandsFixture | undefined;
afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});

async function begin(replicas: number): Promise<CommandsFixture> {
  fixture = await CommandsFixture.start({ replicas });
  return fixture;
}

describe('two replicas', () => {
  it('never send a command twice', async () => {
    // Goal: with creates, reports, wake-ups and sweeps on both, every command is on a wire once, one per station at a time.
    const commands = await begin(2);
    const stations = await Promise.all(Array.from({ length: 5 }, () => commands.connected()));
    const flying = new Map<string, number>();
    let most = 0;
    for (const { gateway } of stations) {
      gateway.reaction = async ({ station }) => {
        flying.set(station, (flying.get(station) ?? 0) + 1);
        most = Math.max(most, flying.get(station) ?? 0);
        await new Promise((resolve) => setTimeout(resolve, 2));
        flying.set(station, (flying.get(station) ?? 0) - 1);
        return accepted();
      };
    }
    const made = await Promise.all(
      stations.flatMap(({ gateway, station }) =>
        Array.from({ length: 30 }, async (_, index) => {
          if (index % 5 === 0) await gateway.ready(station.station);
          return commands.create(station, { whenOffline: 'wait' });
        }),
      ),
    );
    for (const { id } of made) expect((await commands.ended(id, 20_000)).outcome).toBe('accepted');
    const wire = stations.flatMap(({ gateway }) => gateway.wire);
    expect(wire.map(({ command }) => command).sort()).toEqual(made.map(({ id }) => id).sort());
    expect(most).toBe(1);
  });

  it('wake each other’s callers', async () => {
    // Goal: a caller is answered at the end wherever the report of it went; 20 tries hit both ways.
    const commands = await begin(2);
    for (let round = 0; round < 20; round += 1) {
      const { gateway, station } = await commands.connected();
      gateway.reaction = silence;
      const { id } = await commands.create(station);
      const begun = performance.now();
      const waiting = Promise.all([1, 2, 3].map(() => commands.ask(commandOperations.get, { id, waitSeconds: 30 })));
      const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
      if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
      expect((await waiting).map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
      expect(performance.now() - begun).toBeLessThan(5_000);
    }
  });
});

describe('a replica that is killed', () => {
  it('leaves its CALL to the report', async () => {
    // Goal: the answer survives the death of who asked for it, and the queue goes on.
    const commands = await begin(1);
    const { gateway, station } = await commands.connected();
    gateway.reaction = silence;
    const command = await commands.create(station);
    const next = await commands.create(station);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    await commands.killReplica();
    await commands.addReplica();
    gateway.reaction = () => accepted();
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Rejected' } });
    expect((await commands.ended(command.id)).outcome).toBe('rejected');
    expect((await commands.ended(next.id)).outcome).toBe('accepted');
    expect(gateway.wire.map((sent) => sent.command)).toEqual([command.id, next.id]);
  });

  it('leaves nothing in flight for ever', async () => {
    // Goal: without any word a command is unknown once none is to be expected, and is not sent again.
    const commands = await begin(1);
    const { gateway, station } = await commands.connected();
    gateway.reaction = silence;
    const command = await commands.create(station);
    await waitUntil('the CALL is out', () => gateway.wire.length > 0);
    await commands.killReplica();
    await commands.addReplica();
    // As if the call's time-out and the grace were over.
    await commands.rows(sql`update commands.command set settle_by = now() where id = ${command.id}`);
    const ended = await commands.ended(command.id);
    expect([ended.outcome, ended.detail, gateway.wire.length]).toEqual(['unknown', 'timed-out', 1]);
  });
});

describe('a replica that loses the bus', () => {
  it('sends nothing again that may have been written', async () => {
    // Goal: a request without a reply is in doubt; only the report says what became of it.
    const commands = await begin(1);
    const { gateway, station } = await commands.connected();
    gateway.reaction = silence;
    const command = await commands.create(station);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    await commands.dropBus();
    await waitUntil('the doubt was noticed', () => commands.log.lines.some((line) => line.includes('did not reply')));
    await commands.until(command.id, 'the replica is back', ({ state }) => state === 'sending');
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Rejected' } });
    expect((await commands.ended(command.id)).outcome).toBe('rejected');
    expect(gateway.received).toHaveLength(1);
  });
});

describe('a replica that stops', () => {
  it('lets its callers go and finishes in time', async () => {
    // Goal: SIGTERM is not held up by callers that wait, and they learn how things stand.
    const commands = await begin(1);
    const { gateway, station } = await commands.connected();
    gateway.reaction = silence;
    const waiting = commands.create(station, { waitSeconds: 60 });
    await waitUntil('the CALL is out', () => gateway.wire.length > 0);
    const begun = performance.now();
    await commands.stopReplica();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect((await waiting).state).toBe('sending');
  });
});
