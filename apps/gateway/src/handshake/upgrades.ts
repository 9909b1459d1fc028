import type { HttpRequest, HttpResponse, us_socket_context_t } from 'uWebSockets.js';
import type { Clock } from '@busbar/domain';
import type { ConnectAttempt, OcppVersion, StationSession } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import type { GatewayMetrics } from '../metrics.js';
import type { AcceptLine } from './accept-line.js';
import type { Authenticator } from './authenticator.js';
import { basicOfHeader } from './basic.js';
import type { FailedAttempts } from './failed-attempts.js';
import type { Flapping } from './flapping.js';
import { identityOfPath } from './path.js';
import { type Refusal, type RefusalReason, refusals, retryAfterSeconds } from './refusals.js';
import { chooseProtocol, type ProtocolChoice, subprotocols } from './subprotocol.js';

const deadlineMs = 5000;

/** What an upgraded socket begins with. */
export interface Upgraded {
  session: StationSession;
  /** Null when no version is in common: the socket is opened only to be closed with 1002. */
  version: OcppVersion | null;
  remoteAddress: string;
}

export interface UpgradeParts {
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly acceptLine: AcceptLine;
  readonly failedAttempts: FailedAttempts;
  readonly flapping: Flapping;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Why nobody is let in now, if so. */
  readonly closedFor: () => RefusalReason | null;
}

/** One request to upgrade, copied out of the engine's own objects, which do not outlive their callback. */
interface Upgrade {
  readonly response: HttpResponse;
  readonly context: us_socket_context_t;
  readonly key: string;
  readonly protocol: ProtocolChoice;
  readonly attempt: ConnectAttempt;
  /** Monotonic. */
  readonly deadline: number;
  aborted: boolean;
}

/** Lets stations in, or says why not. The order of the checks is DESIGN §12's. */
export class Upgrades {
  constructor(
    private readonly parts: UpgradeParts,
    private readonly listener: 'plain' | 'tls',
    /** A socket is open, and the engine is done with its upgrade. */
    private readonly opened: (upgraded: Upgraded) => void,
  ) {}

  /** The engine's callback. Everything that is needed later is copied before it returns. */
  readonly begin = (response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void => {
    const identity = identityOfPath(request.getUrl());
    if (identity === null) {
      this.#refuse(response, 'bad-path');
      return;
    }
    const basic = basicOfHeader(request.getHeader('authorization'));
    const upgrade: Upgrade = {
      response,
      context,
      key: request.getHeader('sec-websocket-key'),
      protocol: chooseProtocol(request.getHeader('sec-websocket-protocol')),
      attempt: {
        identity,
        listener: this.listener,
        remoteAddress: Buffer.from(response.getRemoteAddressAsText()).toString('latin1'),
        ...(basic === undefined ? {} : { basic }),
      },
      deadline: this.parts.clock.monotonicMs() + deadlineMs,
      aborted: false,
    };
    response.onAborted(() => {
      upgrade.aborted = true;
    });
    // Nobody can be authenticated while everything is away, so this comes before the question who it is; and a
    // storm waits in line before it, so that the answer is not asked for faster than it can be given.
    const closed = this.parts.closedFor();
    if (closed !== null) this.#refuse(response, closed);
    else if (!this.parts.acceptLine.enter(() => this.#turn(upgrade))) this.#refuse(response, 'accept-rate');
  };

  /** A station's turn in the line. What goes wrong with one station must not end the gateway for all. */
  #turn(upgrade: Upgrade): void {
    this.#admit(upgrade).catch((error: unknown) => {
      this.parts.logger.error({ err: error, identity: upgrade.attempt.identity }, 'an upgrade failed');
    });
  }

  async #admit(upgrade: Upgrade): Promise<void> {
    if (upgrade.aborted) return;
    const closed = this.parts.closedFor();
    if (closed !== null) {
      this.#answer(upgrade, closed);
      return;
    }
    const { attempt, deadline } = upgrade;
    const result = await this.parts.authenticator.authenticate(attempt, deadline);
    if (upgrade.aborted) return;
    if (result === null) this.#answer(upgrade, 'authentication-unavailable');
    else if (result.outcome === 'refused') this.#unauthorized(upgrade, result.reason);
    else this.#authenticated(upgrade, result.session);
  }

  #unauthorized(upgrade: Upgrade, reason: string): void {
    const { failedAttempts, logger } = this.parts;
    const { identity, remoteAddress } = upgrade.attempt;
    const tooMany = failedAttempts.record(remoteAddress);
    // Beyond the limit only the metric counts: whoever guesses must not fill the log.
    if (!tooMany) logger.warn({ identity, remoteAddress, reason }, 'a station was not let in');
    this.#answer(upgrade, tooMany ? 'too-many-failures' : 'unauthorized');
  }

  #authenticated(upgrade: Upgrade, session: StationSession): void {
    const { protocol } = upgrade;
    const closed = this.parts.closedFor();
    if (protocol.kind === 'not-offered') {
      const version = subprotocols.get(session.assumeProtocol?.toLowerCase() ?? ''); // T-07
      if (version === undefined) this.#answer(upgrade, 'no-subprotocol');
      else if (closed !== null) this.#answer(upgrade, closed);
      else this.#accept(upgrade, session, version, '');
    } else if (closed !== null) {
      this.#answer(upgrade, closed);
    } else if (protocol.kind === 'chosen') {
      this.#accept(upgrade, session, protocol.version, protocol.spelling);
    } else {
      this.parts.metrics.refusedUpgrade('no-common-version');
      this.#upgrade(upgrade, { session, version: null, remoteAddress: upgrade.attempt.remoteAddress }, ''); // T-06
    }
  }

  #accept(upgrade: Upgrade, session: StationSession, version: OcppVersion, spelling: string): void {
    const { flapping, metrics, logger } = this.parts;
    const { remoteAddress } = upgrade.attempt;
    const { held, begins } = flapping.connects(session.station);
    if (begins) {
      metrics.flapping('held');
      logger.error({ identity: session.identity, remoteAddress }, 'a station connects again and again and is held');
    }
    if (held) this.#answer(upgrade, 'flapping');
    else this.#upgrade(upgrade, { session, version, remoteAddress }, spelling);
  }

  #upgrade(upgrade: Upgrade, upgraded: Upgraded, spelling: string): void {
    const { response, key, context } = upgrade;
    // When an upgrade is corked, this engine looks once more at the memory of the request after the socket has taken
    // it over, and closes the socket for what it may find there. So nothing may be allocated in between: no data is
    // handed over, the open callback is no JavaScript (listener.ts), and all work follows after the cork. Without
    // the cork an upgrade is 28 system calls instead of one.
    // No extension is agreed to: OCPP-J 1.6 advises against compression. // T-10
    response.cork(() => response.upgrade({}, key, spelling, '', context));
    this.opened(upgraded);
  }

  /** After the callback has returned. */
  #answer(upgrade: Upgrade, reason: RefusalReason): void {
    upgrade.response.cork(() => this.#refuse(upgrade.response, reason));
  }

  #refuse(response: HttpResponse, reason: RefusalReason): void {
    this.parts.metrics.refusedUpgrade(reason);
    refuse(response, refusals[reason]);
  }
}

export function refuse(response: HttpResponse, refusal: Refusal): void {
  response.writeStatus(refusal.status);
  if (refusal.challenge) response.writeHeader('WWW-Authenticate', 'Basic realm="Busbar"');
  if (refusal.retry) response.writeHeader('Retry-After', String(retryAfterSeconds(Math.random())));
  response.writeHeader('Content-Type', 'text/plain').end(refusal.body, true);
}
