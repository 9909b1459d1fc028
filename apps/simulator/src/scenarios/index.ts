import { setTimeout as pause } from 'node:timers/promises';
import { charge, type Scenario, startByCard, until, untilBooted, untilNothingOwed } from './scenario.js';

/** Every scenario that can be played by name. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'charge',
    summary: 'Cable, card, charge, card, leave',
    play: async (stage) => {
      await untilBooted(stage);
      await stage.station.plugIn(stage.connector);
      await startByCard(stage);
      await charge(stage);
      await stage.station.present(stage.connector, stage.idTag);
      await stage.station.unplug(stage.connector);
      await untilNothingOwed(stage);
    },
  },
  {
    name: 'card-first',
    summary: 'Card, cable, charge, cable out (EVDisconnected)',
    play: async (stage) => {
      await untilBooted(stage);
      const status = await stage.station.present(stage.connector, stage.idTag);
      if (status !== 'Accepted') {
        throw new Error(`the token was answered ${status}`);
      }
      await stage.station.plugIn(stage.connector);
      await charge(stage);
      await stage.station.unplug(stage.connector);
      await untilNothingOwed(stage);
    },
  },
  {
    name: 'remote',
    summary: 'Waits for a remote start, then for a remote stop',
    play: async (stage) => {
      await untilBooted(stage);
      await until('a remote start', () => stage.station.connectors.some((one) => one.session !== undefined), 600);
      await until('a remote stop', () => stage.station.connectors.every((one) => one.session === undefined), 600);
      await untilNothingOwed(stage);
    },
  },
  {
    name: 'offline',
    summary: 'Goes offline while it charges, stops offline, comes back and delivers what it owes',
    play: async (stage) => {
      await untilBooted(stage);
      await stage.station.plugIn(stage.connector);
      await startByCard(stage);
      await charge(stage);
      stage.station.goOffline(stage.chargeSeconds * 1000);
      await pause((stage.chargeSeconds * 1000) / 2);
      await stage.station.unplug(stage.connector);
      await until('the connection is back', () => stage.station.connected);
      await untilNothingOwed(stage);
    },
  },
  {
    name: 'lost-answer',
    summary: 'Loses the connection right after StartTransaction was sent; repeats it on the next',
    play: async (stage) => {
      await untilBooted(stage);
      await stage.station.plugIn(stage.connector);
      await startByCard(stage);
      stage.station.goOffline(500);
      await until('the connection is back', () => stage.station.connected);
      await untilNothingOwed(stage);
      await charge(stage);
      await stage.station.unplug(stage.connector);
      await untilNothingOwed(stage);
    },
  },
  {
    name: 'refused-token',
    summary: 'Shows a token that nobody knows and expects it refused',
    play: async (stage) => {
      await untilBooted(stage);
      await stage.station.plugIn(stage.connector);
      const status = await stage.station.present(stage.connector, 'NOBODY-KNOWS-ME');
      await stage.station.unplug(stage.connector);
      if (status !== 'Invalid') {
        throw new Error(`an unknown token was answered ${status}`);
      }
    },
  },
];
