import { FakeClock } from '@busbar/testing';
import { LocalDirectory, leaseMs } from '../src/index.js';
import { directoryContract } from './directory-contract.js';

directoryContract('LocalDirectory', async () => {
  const clock = new FakeClock(new Date());
  const directory = new LocalDirectory({ clock });
  return { one: directory, two: directory, expireLeases: async () => clock.advance(leaseMs) };
});
