import type { Clock } from '@busbar/domain';
import { type AskContext, type StationSettings, type StationView, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { sessionUpdateFor } from '../domain/settings/session-update.js';
import { checkedSettings } from '../domain/settings/station-settings.js';
import { StationWrites } from '../domain/station-store.js';
import { SessionPush } from '../gateways/session-push.js';

@Controller()
export class UpdateStationHandler {
  constructor(
    @Inject(StationWrites) private readonly writes: StationWrites,
    @Inject(SessionPush) private readonly sessions: SessionPush,
    @Inject(tokens.clock) private readonly clock: Clock,
  ) {}

  @Serves(stationOperations.update)
  async update(
    { identity, changes }: { identity: string; changes: Partial<StationSettings> },
    { tenant }: AskContext,
  ): Promise<StationView> {
    const checked = checkedSettings({ ...changes });
    const { before, after, view } = await this.writes.update(tenant, identity, checked, this.clock.now());
    const update = sessionUpdateFor(before, after);
    if (update && view.connected) await this.sessions.push(update);
    return view;
  }
}
