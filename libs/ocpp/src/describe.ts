import type { OcppVersion } from '@busbar/events';
import { type ActionRow, catalogueOf, supportedVersions } from './catalogue.js';
import type { Schema } from './schema.js';

/** One action as documentation shows it. */
export interface MessageDescription {
  version: OcppVersion;
  action: string;
  sender: ActionRow['sender'];
  block: string;
  section: string;
  /** False for what stands in the catalogue and is not served yet. */
  served: boolean;
  answeredBy: string | null;
  report: string | null;
  command: string | null;
  timeoutSeconds: number | null;
  request: string;
  response: string;
}

/** Every action of every version that we speak, in the catalogue's order. */
export function describeActions(): MessageDescription[] {
  return supportedVersions.flatMap((version) => {
    const catalogue = catalogueOf(version);
    return [...catalogue.rows.values()].map((row) => ({
      version,
      action: row.action,
      sender: row.sender,
      block: row.block,
      section: row.section,
      served: !catalogue.notYet.has(row.action),
      answeredBy: row.answeredBy ?? null,
      report: row.report ?? null,
      command: row.command ?? null,
      timeoutSeconds: row.timeoutMs === undefined ? null : row.timeoutMs / 1000,
      request: describeSchema(row.request),
      response: describeSchema(row.response),
    }));
  });
}

/** docs/messages.md, whole. */
export function describeMessages(): string {
  const lines = [
    '# Messages',
    '',
    'Generated from the catalogue in `libs/ocpp`; do not edit. `?` = optional, `≤n` = longest text, `×n` = multiple of.',
    'Payloads are closed to other members; what is tolerated beyond that is in [ocpp-1.6.md](ocpp-1.6.md).',
  ];
  for (const version of supportedVersions) {
    const actions = describeActions().filter((action) => action.version === version);
    const inbound = actions.filter((action) => action.sender !== 'central');
    const outbound = actions.filter((action) => action.sender !== 'station');
    lines.push('', `## OCPP ${version}`, '', '### Sent by stations', '', ...table(inboundColumns, inbound));
    lines.push('', '### Sent by the central system', '', ...table(outboundColumns, outbound));
    lines.push('', '### Payloads', '', ...actions.flatMap(payloads));
  }
  return `${lines.join('\n')}\n`;
}

type Column = readonly [title: string, cell: (action: MessageDescription) => string];

const common: readonly Column[] = [
  ['action', (action) => action.action],
  ['block', (action) => action.block],
  ['section', (action) => action.section],
  ['served', (action) => (action.served ? 'yes' : 'not yet')],
];
const inboundColumns: readonly Column[] = [
  ...common,
  ['answered by', (action) => action.answeredBy ?? ''],
  ['report', (action) => (action.report === null ? '' : `\`${action.report}\``)],
];
const outboundColumns: readonly Column[] = [
  ...common,
  ['command', (action) => action.command ?? ''],
  ['call time-out', (action) => `${action.timeoutSeconds ?? 30} s`],
];

function table(columns: readonly Column[], actions: readonly MessageDescription[]): string[] {
  return [
    `| ${columns.map(([title]) => title).join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...actions.map((action) => `| ${columns.map(([, cell]) => cell(action)).join(' | ')} |`),
  ];
}

function payloads(action: MessageDescription): string[] {
  return [`- **${action.action}** \`${action.request}\` → \`${action.response}\``];
}

/** A schema in one line. */
function describeSchema(schema: Schema): string {
  switch (schema.type) {
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(
        ([name, member]) => `${name}${schema.required?.includes(name) ? '' : '?'}: ${describeSchema(member)}`,
      );
      return `{${members.join(', ')}}`;
    }
    case 'array':
      return `${schema.items === undefined ? '' : describeSchema(schema.items)}[]${schema.minItems === undefined ? '' : ` min ${schema.minItems}`}`;
    default:
      return describeScalar(schema);
  }
}

const wordsMax = 9;

function describeScalar(schema: Schema): string {
  if (schema.enum !== undefined) {
    return schema.enum.length > wordsMax ? `one of ${schema.enum.length}` : schema.enum.join(' / ');
  }
  const limit = schema.maxLength === undefined ? '' : ` ≤${schema.maxLength}`;
  const step = schema.multipleOf === undefined ? '' : ` ×${schema.multipleOf}`;
  return `${schema.format ?? schema.type}${limit}${step}`;
}
