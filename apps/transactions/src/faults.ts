import type { FaultPoint, ReachFaultPoint } from './store/fault-points.js';

const points: readonly FaultPoint[] = ['after-insert', 'after-commit'];

/**
 * For crash tests: the process kills itself, as hard as a process can be killed, the first time that a commit reaches
 * the point. Empty means never. Throws for a word that names no point; production refuses the setting altogether.
 */
export function armedFault(fault: string): ReachFaultPoint {
  if (fault === '') return () => undefined;
  const armed = points.find((point) => point === fault);
  if (!armed) throw new TypeError(`BUSBAR_FAULT must be ${points.join(' or ')}`);
  return (point) => {
    if (point === armed) process.kill(process.pid, 'SIGKILL');
  };
}
