import type { Clock } from '@busbar/domain';
import { type AskContext, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { invalidBody } from '../domain/settings/station-settings.js';
import { StationWrites } from '../domain/station-store.js';
import { SessionPush } from '../gateways/session-push.js';

const secondsMax = 3_600;

@Controller()
export class WatchStationHandler {
  constructor(
    @Inject(StationWrites) private readonly writes: StationWrites,
    @Inject(SessionPush) private readonly sessions: SessionPush,
    @Inject(tokens.clock) private readonly clock: Clock,
  ) {}

  @Serves(stationOperations.watch)
  async watch(
    { identity, seconds }: { identity: string; seconds: number },
    { tenant }: AskContext,
  ): Promise<{ watchedUntil: string }> {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > secondsMax) {
      throw invalidBody([{ pointer: '/seconds', detail: `must be a whole number from 0 to ${secondsMax}` }]);
    }
    const until = new Date(this.clock.now().getTime() + seconds * 1000);
    const station = await this.writes.watch(tenant, identity, until);
    const watchedUntil = until.toISOString();
    await this.sessions.push({ station: station.id, watchedUntil: seconds === 0 ? null : watchedUntil });
    return { watchedUntil };
  }
}
