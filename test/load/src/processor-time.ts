import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/** Fields of /proc/<pid>/stat behind the name, which may hold blanks. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Processor seconds that a process has used, with those of its children that have ended. */
export function cpuSeconds(pid: number): number {
  const [user, system, userOfChildren, systemOfChildren] = statOf(pid).slice(11, 15).map(Number);
  return ((user ?? 0) + (system ?? 0) + (userOfChildren ?? 0) + (systemOfChildren ?? 0)) / ticksPerSecond;
}

/** The same of a process and all that live below it: PostgreSQL is many. */
export function cpuSecondsOfTree(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid)) {
      try {
        parents.set(pid, Number(statOf(pid)[1]));
      } catch {
        // It has ended since the folder was read; its parent has its time.
      }
    }
  }
  let total = 0;
  for (const pid of parents.keys()) {
    if (isBelow(pid, root, parents)) {
      try {
        total += cpuSeconds(pid);
      } catch {
        // As above.
      }
    }
  }
  return total;
}

function isBelow(pid: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
    if (at === root) {
      return true;
    }
  }
  return false;
}

/** Resident bytes of a process. */
export function residentBytes(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(match?.[1] ?? 0) * 1024;
}
