import type { Clock } from '@busbar/domain';
import { type AskContext, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { StationWrites } from '../domain/station-store.js';
import { SessionPush } from '../gateways/session-push.js';

@Controller()
export class DeleteStationHandler {
  constructor(
    @Inject(StationWrites) private readonly writes: StationWrites,
    @Inject(SessionPush) private readonly sessions: SessionPush,
    @Inject(tokens.clock) private readonly clock: Clock,
  ) {}

  @Serves(stationOperations.delete)
  async delete({ identity }: { identity: string }, { tenant }: AskContext): Promise<Record<string, never>> {
    const { station, gateway } = await this.writes.delete(tenant, identity, this.clock.now());
    await this.sessions.push({ station: station.id, close: { code: 1008, reason: 'not-registered' } }, gateway);
    return {};
  }
}
