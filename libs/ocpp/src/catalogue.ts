import type {
  Answers,
  CommandType,
  Deviation,
  OcppVersion,
  ReportData,
  ReportService,
  ReportType,
} from '@busbar/events';
import type { Lowering } from './lowering.js';
import type { Schema } from './schema.js';
import type { Leniency } from './tolerance/leniency.js';
import type { Notes } from './tolerance/notes.js';
import { catalogue16 } from './v16/catalogue.js';

export type Sender = 'station' | 'central' | 'both';

/** What surrounds a payload when it is lifted. */
export interface LiftContext {
  /** The gateway's clock at receipt, RFC 3339 UTC with milliseconds. */
  receivedAt: string;
  /** The whole frame, for `raw`; without it a report carries none. */
  text?: string;
  /** What was tolerated before: the frame's and the payload's. */
  deviations?: readonly Deviation[];
}

/** The part of a report that a message's content gives; the gateway adds the envelope. */
export type LiftedReport = {
  [T in ReportType]: {
    type: T;
    evseId?: number;
    connectorId?: number;
    occurredAt: string;
    data: ReportData[T];
    deviations?: Deviation[];
    raw?: string;
  };
}[ReportType];

type LiftedContent = {
  [T in ReportType]: { type: T; evseId?: number; connectorId?: number; occurredAt?: string; data: ReportData[T] };
}[ReportType];

/** Turns a payload that passed `checkCall` into a report's content. Never throws on one that did. */
export type Lift = (payload: Record<string, unknown>, receivedAt: string, notes: Notes) => LiftedContent;

/** What an answer needs beside its content. */
export interface AnswerContext {
  now: Date;
}

export type LowerAnswer<T extends ReportType> = (answer: Answers[T], context: AnswerContext) => Record<string, unknown>;

/** One action of one version. Everything that is known of it hangs here. */
export interface ActionRow {
  readonly action: string;
  readonly sender: Sender;
  /** The functional block, in the version's own words (1.6: feature profile). */
  readonly block: string;
  /** Where the specification describes it. */
  readonly section: string;
  readonly request: Schema;
  readonly response: Schema;
  /** What a station's CALL of it becomes; absent when the gateway answers by itself, or a station never sends it. */
  readonly report?: ReportType;
  /** Who answers a station's CALL of it, after the commit. */
  readonly answeredBy?: 'gateway' | ReportService;
  /** How long a CALL of ours may take, where the default of 30 s is too short. */ // M-13
  readonly timeoutMs?: number;
  readonly leniency?: Leniency;
  readonly lift?: Lift;
  /** The command that is lowered to it. */
  readonly command?: CommandType;
}

/** One version's tables. */
export interface Catalogue {
  readonly version: OcppVersion;
  readonly rows: ReadonlyMap<string, ActionRow>;
  /** Actions that stand in the catalogue and are not served: a station's CALL is NotSupported, a command too. */
  readonly notYet: ReadonlySet<string>;
  readonly answers: { readonly [T in ReportType]?: LowerAnswer<T> };
  /** The answer to what the gateway answers by itself: the Heartbeat. */
  readonly heartbeat: (context: AnswerContext) => Record<string, unknown>;
  readonly commands: { readonly [T in CommandType]?: Lowering };
}

const catalogues: { readonly [V in OcppVersion]?: Catalogue } = { '1.6': catalogue16 };

/** The versions that a station may speak with us. */
export const supportedVersions: readonly OcppVersion[] = ['1.6'];

/** The tables of a version; throws on one that we do not speak, which the handshake has ruled out. */
export function catalogueOf(version: OcppVersion): Catalogue {
  const found = catalogues[version];
  if (found === undefined) throw new Error(`OCPP ${version} is not spoken here`);
  return found;
}

/** The row of an action; undefined when the version does not know it. Names are case-sensitive. */ // M-05
export function actionRow(version: OcppVersion, action: string): ActionRow | undefined {
  return catalogueOf(version).rows.get(action);
}

const callTimeoutMs = 30_000;

/** How long to wait for the answer to a CALL of ours. */ // M-13
export function callTimeoutOf(version: OcppVersion, action: string): number {
  return actionRow(version, action)?.timeoutMs ?? callTimeoutMs;
}
