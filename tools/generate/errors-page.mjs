import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../process/places.mjs';
import { Refusal } from '../process/refusal.mjs';
import { built } from './built.mjs';
import { problems } from './problems.mjs';

/** docs/errors.md: every code that a caller, a station or a log can show. Refuses when a code has no meaning, or a meaning no code. */
export async function errorsPage() {
  const sources = sourceTexts();
  const { closes } = await built('apps/gateway', 'connection/close-codes');
  const { refusals } = await built('apps/gateway', 'handshake/refusals');
  const { rpcErrorCodes, spellErrorCode } = await built('libs/ocpp', 'index');
  const spelled = rpcErrorCodes.map((code) => [code, spellErrorCode('1.6', code)]);
  return [
    '# Errors and closes',
    '',
    'Generated from the sources (`npm run generate`); do not edit.',
    '',
    '## Answers of the HTTP API',
    '',
    'Every refusal is `application/problem+json` with one of these in `code`. Compare the code, never the text.',
    '',
    ...table(['code', 'status', 'what it means'], problemRows(sources)),
    '',
    '## Refused upgrades of stations',
    '',
    ...table(
      ['reason (in logs and metrics)', 'answer'],
      Object.entries(refusals).map(([reason, { status, retry }]) => [
        `\`${reason}\``,
        retry ? `${status}, with Retry-After` : status,
      ]),
    ),
    '',
    '## Closes of stations’ connections',
    '',
    '1006 means that the connection is dropped without a close frame.',
    '',
    ...table(
      ['code', 'reason', 'why', 'served when it comes back unchanged'],
      Object.values(closes).map(({ code, reason, why, mayReconnect }) => [
        String(code),
        `\`${reason}\``,
        why,
        mayReconnect ? 'yes' : 'no',
      ]),
    ),
    '',
    '## CALLERRORs that stations get',
    '',
    ...table(['code', 'as OCPP 1.6 spells it'], spelled),
    '',
    '## Codes in our logs',
    '',
    ...families(sources).flatMap(({ lib, rows }) => [`### ${lib}`, '', ...table(['code', 'what happened'], rows), '']),
  ].join('\n');
}

/** All sources but tests: `[{ project, path, text }]`. */
function sourceTexts() {
  return ['apps', 'libs'].flatMap((group) =>
    readdirSync(join(ROOT, group)).flatMap((project) => {
      const folder = join(ROOT, group, project, 'src');
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile() && /(?<!\.spec)\.ts$/.test(entry.name),
      );
      return files.map((entry) => ({
        project: `${group}/${project}`,
        path: join(entry.parentPath, entry.name),
        text: readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      }));
    }),
  );
}

/** A problem in the sources is an object with a status and a code beside each other. */
function problemRows(sources) {
  const statuses = new Map();
  for (const { text } of sources) {
    for (const [, status, code] of text.matchAll(/status: (\d{3}),\s*code: '([a-z-]+)'/g)) {
      statuses.set(code, new Set([...(statuses.get(code) ?? []), status]));
    }
  }
  const nameless = [...statuses.keys()].filter((code) => problems[code] === undefined);
  if (nameless.length > 0)
    throw new Refusal(`Say in tools/generate/problems.mjs what these codes mean: ${nameless.join(', ')}.`);
  const all = sources.map(({ text }) => text).join('\n');
  const gone = Object.keys(problems).filter((code) => !all.includes(`'${code}'`));
  if (gone.length > 0)
    throw new Refusal(`tools/generate/problems.mjs explains codes that no source has: ${gone.join(', ')}.`);
  return Object.entries(problems).map(([code, given]) => {
    const { status, means } = typeof given === 'string' ? { means: given } : given;
    const shown = statuses.has(code)
      ? [...statuses.get(code)].toSorted((a, b) => a.localeCompare(b, 'en')).join(', ')
      : status;
    if (shown === undefined) throw new Refusal(`Say in tools/generate/problems.mjs which status ${code} has.`);
    return [`\`${code}\``, String(shown), means];
  });
}

/** The error families of the libs: a union of codes with a list in its docstring, or a class with one code. */
function families(sources) {
  const byProject = new Map();
  for (const { project, text } of sources.toSorted((a, b) => a.path.localeCompare(b.path, 'en'))) {
    const rows = [
      ...[...text.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export type \w*ErrorCode =/g)].flatMap(([, comment]) =>
        listed(comment),
      ),
      ...[
        ...text.matchAll(
          /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export class \w+ extends Error \{\s*readonly code = '([^']+)'/g,
        ),
      ].map(([, comment, code]) => [`\`${code}\``, plain(comment).replace(`\`${code}\`: `, '')]),
    ];
    if (rows.length > 0) byProject.set(project, [...(byProject.get(project) ?? []), ...rows]);
  }
  return [...byProject].map(([lib, rows]) => ({ lib, rows }));
}

function listed(comment) {
  return plain(comment)
    .split(/ - (?=`)/)
    .slice(1)
    .map((item) => /^(`[^`]+`): (.*)$/.exec(item)?.slice(1) ?? [item, '']);
}

function plain(comment) {
  return comment
    .replaceAll(/\n\s*\*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
