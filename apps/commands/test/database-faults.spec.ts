import { ProblemError } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accepted, silence } from './fake-gateway.js';
import { CommandsFixture } from './fixture.js';

let fixture: CommandsFixture;
beforeAll(async () => {
  fixture = await CommandsFixture.start();
});
afterAll(() => fixture.close());

/** The reply to the nth next statement of this name is lost. */
function loseReplyOnce(prefix: string, nth = 1): void {
  const { faults } = fixture;
  if (faults === undefined) throw new Error('no replica runs');
  let left = nth;
  faults.losesReply = (name) => {
    if (name.startsWith(prefix)) left -= 1;
    return name.startsWith(prefix) && left === 0;
  };
}

describe('a commit whose reply is lost', () => {
  it('of a new command: it is put back and sent once, not given up as unknown', async () => {
    // Goal: the caller is told that nobody knows; the command stands, certainly unsent, and goes out once.
    const { gateway, station } = await fixture.connected();
    loseReplyOnce('command_insert_direct');
    const refused = await fixture.create(station).catch((error: unknown) => error);
    expect(refused instanceof ProblemError && refused.problem.status).toBe(503);
    const [row] = await fixture.rows<{ id: string }>(
      sql`select id from commands.command where station = ${station.station}`,
    );
    expect((await fixture.ended(row?.id ?? '')).outcome).toBe('accepted');
    expect(gateway.wire).toHaveLength(1);
  });

  it('of a claim: the command is put back and sent once', async () => {
    // Goal: a queued command that was taken in doubt is not lost and not doubled.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const first = await fixture.create(station);
    const second = await fixture.create(station);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    gateway.reaction = () => accepted();
    // The first save is the end of the first command, the next one the claim of the second.
    loseReplyOnce('command_save', 2);
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
    expect((await fixture.ended(first.id)).outcome).toBe('accepted');
    expect((await fixture.ended(second.id)).outcome).toBe('accepted');
    expect(gateway.wire.map(({ command }) => command)).toEqual([first.id, second.id]);
    const put = (await fixture.get(second.id)).timeline.map(({ state }) => state);
    expect(put).toEqual(['queued', 'sending', 'queued', 'sending', 'sent', 'ended']);
  });

  it('of an end: the report finds it ended, and it was told once', async () => {
    // Goal: the gateway sends its report again until it has a receipt; the outcome and its fact stay one.
    const { gateway, station } = await fixture.connected();
    loseReplyOnce('command_save');
    const command = await fixture.create(station);
    const ended = await fixture.ended(command.id);
    const [call] = gateway.wire;
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
    expect(await fixture.get(command.id)).toEqual(ended);
    const facts = (await fixture.facts()).filter(({ data }) => data['command'] === command.id);
    expect(facts.map(({ type, data }) => [type, data['outcome']])).toEqual([['command.ended', 'accepted']]);
  });
});
