/** Where the process can be made to die, to show that nothing answered is lost and nothing is doubled. */
export type FaultPoint = 'after-insert' | 'after-commit';

/** Called at each point on the way of a commit; does nothing unless a test has armed it. */
export type ReachFaultPoint = (point: FaultPoint) => void;
