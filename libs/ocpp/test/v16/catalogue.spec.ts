import { commandTypes } from '@busbar/events';
import { actionRow, callTimeoutOf, checkCall, lowerCommand, supportedVersions } from '@busbar/ocpp';
import { catalogueOf, validatorOf } from '@busbar/ocpp/internal';
import { describe, expect, it } from 'vitest';
import { inboundTables, outboundTables } from './tables.js';

const catalogue = catalogueOf('1.6');
const rows = [...catalogue.rows.values()];
const served = rows.filter((row) => !catalogue.notYet.has(row.action));
const names = (chosen: typeof rows) => chosen.map((row) => row.action).sort();

describe('the 1.6 catalogue', () => {
  it('has the 28 actions of edition 2 and the 11 of the security paper', () => {
    // Goal: no action is missing or invented.
    expect(rows.filter((row) => row.block !== 'Security')).toHaveLength(28);
    expect(rows.filter((row) => row.block === 'Security')).toHaveLength(11);
    expect(rows).toHaveLength(39);
  });

  it('knows who sends what', () => {
    // Goal: rules §17: ten actions of the station and DataTransfer of both, four more by the security paper.
    expect(names(rows.filter((row) => row.sender === 'both'))).toEqual(['DataTransfer']);
    expect(names(rows.filter((row) => row.sender === 'station'))).toEqual([
      'Authorize',
      'BootNotification',
      'DiagnosticsStatusNotification',
      'FirmwareStatusNotification',
      'Heartbeat',
      'LogStatusNotification',
      'MeterValues',
      'SecurityEventNotification',
      'SignCertificate',
      'SignedFirmwareStatusNotification',
      'StartTransaction',
      'StatusNotification',
      'StopTransaction',
    ]);
  });

  it('says who answers, after which commit', () => {
    // Goal: the column that decides whether a message is safe is the one that the design settled.
    const answeredBy = Object.fromEntries(
      rows.flatMap((row) => (row.answeredBy ? [[row.action, row.answeredBy]] : [])),
    );
    expect(answeredBy).toEqual({
      Heartbeat: 'gateway',
      StartTransaction: 'transactions',
      StopTransaction: 'transactions',
      MeterValues: 'transactions',
      BootNotification: 'stations',
      StatusNotification: 'stations',
      FirmwareStatusNotification: 'stations',
      DiagnosticsStatusNotification: 'stations',
      LogStatusNotification: 'stations',
      SecurityEventNotification: 'stations',
      SignedFirmwareStatusNotification: 'stations',
      Authorize: 'authorization',
      DataTransfer: 'stations',
      SignCertificate: 'stations',
    });
  });

  it('compiles the schemas of every row', () => {
    // Goal: a broken schema is found here and not at the first message of a station.
    const compiled = rows.flatMap((row) => [validatorOf(row.request), validatorOf(row.response)]);
    expect(compiled).toHaveLength(78);
  });

  it('gives long calls more time', () => {
    // Goal: M-13: 60 s where the station has much to do, 30 s otherwise, also for what it does not know.
    const long = rows.filter((row) => callTimeoutOf('1.6', row.action) === 60_000);
    expect(names(long)).toEqual(['GetConfiguration', 'SendLocalList', 'SignedUpdateFirmware', 'UpdateFirmware']);
    expect(callTimeoutOf('1.6', 'Reset')).toBe(30_000);
    expect(callTimeoutOf('1.6', 'Unknown')).toBe(30_000);
  });
});

describe('coverage', () => {
  it('serves exactly the Core profile until the other rows leave the list', () => {
    // Goal: a row cannot be served by accident, nor Core be unserved.
    expect(names(served)).toEqual(names(rows.filter((row) => row.block === 'Core')));
    expect([...catalogue.notYet].filter((action) => !catalogue.rows.has(action))).toEqual([]);
  });

  it('has lift and answer for every served row of a station', () => {
    // Goal: names the row that lacks its lift or its answer.
    const lacking = served
      .filter((row) => row.sender !== 'central' && row.answeredBy !== 'gateway')
      .filter(
        (row) => row.lift === undefined || row.report === undefined || catalogue.answers[row.report] === undefined,
      );
    expect(names(lacking)).toEqual([]);
  });

  it('has a lowering for every served row of the central system', () => {
    // Goal: names the row whose command is lowered nowhere.
    const lacking = served
      .filter((row) => row.sender !== 'station')
      .filter((row) => row.command === undefined || catalogue.commands[row.command] === undefined);
    expect(names(lacking)).toEqual([]);
  });

  it('has a table of payloads for every served row, each with payloads that pass and that fail', () => {
    // Goal: names the row without a table. What is always answered has nothing that fails, and says so by its rule.
    const inbound = served.filter((row) => row.sender !== 'central');
    const outbound = served.filter((row) => row.sender !== 'station');
    expect(names(inbound.filter((row) => !(row.action in inboundTables)))).toEqual([]);
    expect(names(outbound.filter((row) => !(row.action in outboundTables)))).toEqual([]);
    const alwaysAnswered = new Set(['MeterValues', 'StatusNotification', 'StopTransaction']);
    const thin = [
      ...Object.entries(inboundTables).filter(
        ([action, table]) =>
          table.passes.length === 0 ||
          table.coerced.length === 0 ||
          (table.fails.length === 0) !== alwaysAnswered.has(action),
      ),
      ...Object.entries(outboundTables).filter(
        ([, table]) => table.lowers.length === 0 || table.fails.length === 0 || table.badAnswers.length === 0,
      ),
    ];
    expect(thin.map(([action]) => action)).toEqual([]);
  });
});

describe('what is not served', () => {
  it('is NotSupported when a station sends it', () => {
    // Goal: M-17: known and switched off is not unknown.
    const unserved = rows.filter((row) => catalogue.notYet.has(row.action));
    const refused = unserved.filter((row) => {
      const checked = checkCall('1.6', row.action, {});
      return !checked.ok && checked.error.code === 'NotSupported';
    });
    expect(names(refused)).toEqual(names(unserved));
  });

  it('is not-supported when a command needs it', () => {
    // Goal: each command type of the HTTP contract is either lowered or says that it is not supported.
    const lowered = commandTypes.filter((type) => catalogue.commands[type] !== undefined);
    const refused = commandTypes.filter((type) => 'notSupported' in lowerCommand('1.6', type, {}));
    expect([...lowered, ...refused].sort()).toEqual([...commandTypes].sort());
    expect(lowered).toHaveLength(9);
  });

  it('is told apart from what nobody knows and what is not for this side to send', () => {
    // Goal: M-05, M-17: names are case-sensitive; the other side's actions are known.
    expect(checkCall('1.6', 'heartbeat', {})).toMatchObject({ error: { code: 'NotImplemented' } });
    expect(checkCall('1.6', '__proto__', {})).toMatchObject({ error: { code: 'NotImplemented' } });
    expect(checkCall('1.6', 'Reset', { type: 'Hard' })).toMatchObject({ error: { code: 'NotSupported' } });
    expect(checkCall('1.6', 'Heartbeat', {}, { from: 'central' })).toMatchObject({ error: { code: 'NotSupported' } });
    expect(actionRow('1.6', 'constructor')).toBeUndefined();
  });

  it('is said for versions too', () => {
    // Goal: a version without tables cannot be looked up in silence.
    expect(supportedVersions).toEqual(['1.6']);
    expect(() => catalogueOf('2.1')).toThrow('OCPP 2.1 is not spoken here');
  });
});
