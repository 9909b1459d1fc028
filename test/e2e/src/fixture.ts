import { randomUUID } from 'node:crypto';
import type { CommandView, TransactionView } from '@busbar/events';
import { StationClient as Station, type StationClient, type System, waitUntil } from '@busbar/testing';

/** A registered station and what it needs to connect. */
export interface Registered {
  identity: string;
  key: Buffer;
}

/** Registers a station under a name that no other test has. */
export async function register(system: System, settings: object = {}): Promise<Registered> {
  const identity = `CP-${randomUUID().slice(0, 13)}`;
  const made = await system.api<{ key: string }>('POST', '/stations', { identity, key: 'generate', ...settings });
  return { identity, key: Buffer.from(made.key, 'hex') };
}

/** A token that may charge, once at a time unless told otherwise. */
export async function token(system: System, settings: object = {}): Promise<string> {
  const idToken = `T${randomUUID().replaceAll('-', '').slice(0, 15).toUpperCase()}`;
  await system.api('PUT', `/id-tokens/${idToken}`, settings);
  return idToken;
}

/** Connects to a gateway, without a boot. Tries again while the gateway says 503. */
export async function connect(system: System, station: Registered, gateway = 0): Promise<StationClient> {
  return waitUntil(
    'the station may connect',
    () => Station.connect({ url: system.stationsUrl(gateway), identity: station.identity, key: station.key }),
    { timeoutMs: 30_000 },
  );
}

/** Connects and boots. */
export async function booted(system: System, station: Registered, gateway = 0): Promise<StationClient> {
  const connected = await connect(system, station, gateway);
  const answer = await connected.ask('BootNotification', { chargePointVendor: 'Test', chargePointModel: 'End to end' });
  if (answer['status'] !== 'Accepted') throw new Error(`the boot was answered ${String(answer['status'])}`);
  return connected;
}

/** A StartTransaction's payload; the same call gives the same natural key only with the same time. */
export function startOf(idTag: string, timestamp: Date = new Date(), meterStart = 1000, connectorId = 1) {
  return { connectorId, idTag, meterStart, timestamp: timestamp.toISOString() };
}

/** One register reading. */
export function readingOf(transactionId: number, wh: string, timestamp: Date = new Date(), connectorId = 1) {
  const sampledValue = [{ value: wh, measurand: 'Energy.Active.Import.Register', unit: 'Wh' }];
  return { connectorId, transactionId, meterValue: [{ timestamp: timestamp.toISOString(), sampledValue }] };
}

export async function transactionsOf(system: System, { identity }: Registered): Promise<TransactionView[]> {
  const path = `/transactions?station=${encodeURIComponent(identity)}&limit=500`;
  return (await system.api<{ items: TransactionView[] }>('GET', path)).items;
}

/** Sends a command and waits for its end. */
export async function command(
  system: System,
  { identity }: Registered,
  body: { type: string; params?: object; whenOffline?: string; deadlineSeconds?: number },
  waitSeconds = 20,
): Promise<CommandView> {
  const response = await fetch(`${system.apiUrl}/v1/stations/${encodeURIComponent(identity)}/commands`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${system.apiKey}`,
      'content-type': 'application/json',
      prefer: `wait=${waitSeconds}`,
    },
    body: JSON.stringify({ params: {}, ...body }),
  });
  if (!response.ok) throw new Error(`the command was answered with ${response.status}: ${await response.text()}`);
  return (await response.json()) as CommandView;
}

/** The answer to a start, as a station reads it. */
export function decisionOf(answer: Record<string, unknown>): { transactionId: number; status: string } {
  const { status } = answer['idTagInfo'] as { status: string };
  return { transactionId: Number(answer['transactionId']), status };
}
