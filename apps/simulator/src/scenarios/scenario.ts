import { setTimeout as pause } from 'node:timers/promises';
import type { ChargingStation } from '../station/charging-station.js';
import type { Connector } from '../station/connector.js';

/** What a scenario plays with. */
export interface Stage {
  station: ChargingStation;
  connector: Connector;
  idTag: string;
  chargeSeconds: number;
}

/** A named course of events; it throws when the central system does not play along. */
export interface Scenario {
  name: string;
  summary: string;
  play(stage: Stage): Promise<void>;
}

/** Waits for something to become true; the reason is what the failure says. */
export async function until(reason: string, condition: () => boolean, timeoutSeconds: number = 60): Promise<void> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutSeconds} s in vain: ${reason}`);
    }
    await pause(50);
  }
}

export async function untilBooted(stage: Stage): Promise<void> {
  await until('the central system accepts the boot', () => stage.station.booted);
}

export async function untilNothingOwed(stage: Stage): Promise<void> {
  await until('every transaction message is answered', () => stage.station.owed === 0);
}

/** Shows the card and expects that the session starts. */
export async function startByCard(stage: Stage): Promise<void> {
  const status = await stage.station.present(stage.connector, stage.idTag);
  if (status !== 'Accepted') {
    throw new Error(`the token was answered ${status}`);
  }
  await until('the session starts', () => stage.connector.session !== undefined);
}

export function charge(stage: Stage): Promise<void> {
  return pause(stage.chargeSeconds * 1000);
}
