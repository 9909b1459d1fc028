import type { Clock, CommandId } from '@busbar/domain';
import type { Receipt, Report, ReportBatch, ReportType } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import { DatabaseError } from '@busbar/persistence';
import type { Command } from '../domain/command.js';
import type { CommandEvent } from '../domain/command-event.js';
import type { CommandStore } from '../domain/command-store.js';
import type { QueueStore, ReadyConnection } from '../domain/queue-store.js';
import { verdictOf } from '../protocol/protocol.js';
import type { CommandChanges } from './command-changes.js';
import type { Losses } from './losses.js';
import type { StationQueues } from './station-queues.js';

type CallReport = Report<'call.written'> | Report<'call.ended'>;

/** How many commands of one batch are changed at the same time. */
const atOnce = 8;
/**
 * A CALL that is not known to be written may still be refused by the old connection's gateway, which says more than
 * giving it up; that takes milliseconds, so after this long the new connection decides.
 */
const refusalWithinMs = 2_000;

/**
 * Takes the gateways' reports: what became of CALLs, also when whoever asked has died, and which stations may be
 * sent to. When it returns, everything is committed; when it throws, the gateway sends the batch again, and repeats
 * change nothing.
 */
export class ReportIntake {
  constructor(
    private readonly store: CommandStore,
    private readonly queue: QueueStore,
    private readonly changes: CommandChanges,
    private readonly losses: Losses,
    private readonly queues: StationQueues,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async take(batch: ReportBatch): Promise<Receipt[]> {
    if (batch.reports.length === 0) await this.queue.probe();
    const calls = batch.reports.filter(isCallReport);
    if (calls.length > 0) await this.#takeCalls(calls);
    const ready = batch.reports.filter((report) => isA(report, 'station.ready')).map(connectionOf);
    if (ready.length > 0) await this.#takeReady(ready);
    return batch.reports.map(() => ({ answer: {} }));
  }

  async #takeCalls(reports: readonly CallReport[]): Promise<void> {
    const byCommand = new Map<CommandId, CallReport[]>();
    for (const report of reports) {
      const { command } = report.data;
      byCommand.set(command, [...(byCommand.get(command) ?? []), report]);
    }
    const commands = await this.store.read([...byCommand.keys()]);
    for (let from = 0; from < commands.length; from += atOnce) {
      const some = commands.slice(from, from + atOnce);
      await Promise.all(some.map((command) => this.#takeOne(command, byCommand.get(command.id) ?? [])));
    }
  }

  async #takeOne(command: Command, reports: readonly CallReport[]): Promise<void> {
    const own = reports.filter((report) => report.station === command.station);
    try {
      await this.changes.applyTo(command, (now) => own.map((report) => eventOf(report, now)));
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== 'poison') throw error;
      // What the station said can never be stored; that it said it still ends the CALL.
      this.logger.error({ err: error, command: command.id }, 'an answer could not be stored and is left out');
      await this.changes.applyTo(command, (now) => own.map((report) => withoutContent(eventOf(report, now))));
    }
  }

  async #takeReady(connections: readonly ReadyConnection[]): Promise<void> {
    const epochs = new Map(connections.map(({ station, epoch }) => [station, epoch]));
    // The connection that these went to is over; its gateway may be as well, so nobody else might say so.
    const sendingBefore = new Date(this.clock.now().getTime() - refusalWithinMs);
    const orphaned = await this.queue.inFlightBefore(connections, sendingBefore);
    await this.losses.giveUp(orphaned, 'connection-lost', (command) => {
      return command.epoch !== null && command.epoch < (epochs.get(command.station) ?? 0);
    });
    const waiting = new Set(await this.queue.withQueue(connections.map(({ station }) => station)));
    for (const { station, gateway, epoch } of connections) {
      if (waiting.has(station)) this.queues.wake(station, { gateway, epoch });
    }
  }
}

function isA<T extends ReportType>(report: Report, type: T): report is Report<T> {
  return report.type === type;
}

function isCallReport(report: Report): report is CallReport {
  return report.type === 'call.written' || report.type === 'call.ended';
}

function connectionOf({ station, source }: Report<'station.ready'>): ReadyConnection {
  return { station, gateway: source.gateway, epoch: source.epoch };
}

function eventOf(report: CallReport, command: Command): CommandEvent {
  const at = new Date(report.occurredAt);
  const { messageId } = report.data;
  if (isA(report, 'call.written')) return { kind: 'written', messageId, at };
  const action = command.calls.find((call) => call.messageId === messageId)?.action ?? '';
  return { kind: 'answered', messageId, sentAt: null, at, verdict: verdictOf(action, report.data.ending) };
}

function withoutContent(event: CommandEvent): CommandEvent {
  if (event.kind !== 'answered') return event;
  return { ...event, verdict: { ...event.verdict, detail: 'answer-unstorable', response: null, error: null } };
}
