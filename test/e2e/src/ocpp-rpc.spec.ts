import { type System, startSystem, waitUntil } from '@busbar/testing';
import { RPCClient } from 'ocpp-rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, register, token, transactionsOf } from './fixture.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({ counts: { gateway: 1 } });
});
afterAll(() => system?.stop());

describe('a station that others wrote', () => {
  // ocpp-rpc checks every message of both directions against the schemas (strict mode).
  it('charges through Busbar', async () => {
    const station = await register(system);
    const idTag = await token(system);
    // Its types want every option, and a text as password; it takes bytes as well, and a key is bytes.
    const client: RPCClient = Reflect.construct(RPCClient, [
      {
        endpoint: system.stationsUrl().replace(/\/$/, ''),
        identity: station.identity,
        password: station.key,
        protocols: ['ocpp1.6'],
        strictMode: true,
        reconnect: false,
      },
    ]);
    const violations: unknown[] = [];
    client.on('strictValidationFailure', (violation: unknown) => violations.push(violation));
    await client.connect();
    const boot = await client.call('BootNotification', { chargePointVendor: 'ocpp-rpc', chargePointModel: 'strict' });
    expect(boot).toMatchObject({ status: 'Accepted' });
    await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' });
    expect(await client.call('Authorize', { idTag })).toMatchObject({ idTagInfo: { status: 'Accepted' } });
    const timestamp = new Date().toISOString();
    const { transactionId } = (await client.call('StartTransaction', {
      connectorId: 1,
      idTag,
      meterStart: 10,
      timestamp,
    })) as {
      transactionId: number;
    };
    await client.call('MeterValues', {
      connectorId: 1,
      transactionId,
      meterValue: [{ timestamp, sampledValue: [{ value: '510', unit: 'Wh' }] }],
    });
    await waitUntil('the energy is seen', async () => (await transactionsOf(system, station))[0]?.energyWh === 500);

    client.handle('RemoteStopTransaction', async () => ({ status: 'Accepted' }));
    client.handle('GetConfiguration', async () => ({
      configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
    }));
    expect(
      await command(system, station, { type: 'RequestStopTransaction', params: { ocppTransactionId: transactionId } }),
    ).toMatchObject({
      outcome: 'accepted',
    });
    expect(await command(system, station, { type: 'GetVariables' })).toMatchObject({ outcome: 'accepted' });
    await client.call('StopTransaction', {
      transactionId,
      meterStop: 1010,
      timestamp: new Date().toISOString(),
      reason: 'Remote',
    });
    expect(await transactionsOf(system, station)).toMatchObject([
      { state: 'ended', energyWh: 1000, stopReason: 'Remote' },
    ]);
    await waitUntil('the configuration is shown', async () => {
      const { variables } = await system.api<{ variables: { key: string; value: string }[] }>(
        'GET',
        `/stations/${station.identity}/configuration`,
      );
      return variables.some(({ key, value }) => key === 'HeartbeatInterval' && value === '300');
    });
    expect(violations).toEqual([]);
    await client.close();
  });
});
