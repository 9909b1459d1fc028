import { join } from 'node:path';

/** One line for the terminal about a process that came or went. */
export function eventLine({ event, name, pid, code, signal, reason }, state) {
  const at = new Date().toLocaleTimeString('en-GB');
  const log = join(state, 'logs', `${name}.log`);
  if (event === 'died')
    return `${at}  ${name} (pid ${pid}) ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}; starting it again`;
  if (event === 'restarted') return `${at}  ${name} is back (pid ${pid})`;
  return `${at}  ${name} does not come up yet (${reason.split('\n')[0].slice(0, 160)}); trying again, see ${log}`;
}
