import { join } from 'node:path';
import { FREE_EVSE, TOKEN } from './demo.mjs';

/** What to open and type next, as text for the terminal. Every command can be pasted as it stands. */
export function closingTable({ urls, key, stations, state, stores }) {
  const auth = `-H 'Authorization: Bearer ${key}'`;
  const identity = stations[0]?.identity;
  const rows = [
    ['API, to read and try', `${urls.api}/docs`],
    ['Stations connect to', urls.stations.map((url) => `${url}{identity}`).join('\n')],
    ...stores.map(({ name, origin }) => [name, origin]),
    ['Logs', join(state, 'logs')],
    ['What runs, with pids', join(state, 'ready.json')],
  ];
  const commands =
    identity === undefined
      ? [
          [
            'Register a station:',
            `curl -s -X POST ${urls.api}/v1/stations ${auth} -H 'Content-Type: application/json' -d '{"identity":"CP-0042"}'`,
          ],
        ]
      : [
          [
            `Start a charge on ${identity} (it is over within a minute):`,
            `curl -s -X POST ${urls.api}/v1/stations/${identity}/commands ${auth} -H 'Content-Type: application/json' -H 'Prefer: wait=20' ` +
              `-d '{"type":"RequestStartTransaction","params":{"evseId":${FREE_EVSE},"idToken":"${TOKEN}"}}'`,
          ],
          ['See it charge:', `curl -s '${urls.api}/v1/transactions?station=${identity}&limit=1' ${auth}`],
          ['Follow everything that happens:', `curl -sN ${urls.api}/v1/events ${auth}`],
        ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const line = ([name, text]) => `  ${name.padEnd(width)}${text.replaceAll('\n', `\n  ${' '.repeat(width)}`)}`;
  return [
    '',
    ...rows.map(line),
    '',
    ...commands.flatMap(([what, text]) => [`  ${what}`, `  ${text}`, '']),
    '  Ctrl-C stops everything.',
    '',
  ].join('\n');
}
