/**
 * A failure that one sentence explains to the person at the keyboard: what is wrong and what to do about it. Every command
 * prints the sentence without a stack and exits 1.
 */
export class Refusal extends Error {
  name = 'Refusal';
}

/** What the operating system says about files, as sentences; undefined for anything else. */
function fileSentence({ code, path, dest }) {
  const at = path ?? dest ?? 'a file';
  if (code === 'EACCES' || code === 'EPERM')
    return `No permission to write ${at}: the checkout and its state must belong to you.`;
  if (code === 'EROFS') return `${at} cannot be written: the disk is read-only.`;
  if (code === 'ENOSPC' || code === 'EDQUOT') return `The disk that holds ${at} is full.`;
  return undefined;
}

/** Runs a command's main function; what a sentence explains is told by it, anything else keeps its stack. Exits 1 on both. */
export async function runCommand(main) {
  try {
    await main();
  } catch (error) {
    const sentence = error instanceof Refusal ? error.message : fileSentence(error ?? {});
    console.error(sentence === undefined ? error : `\n${sentence}`);
    process.exitCode = 1;
    // Children that a failed command left behind are its own to stop; what remains must not hold the process open.
    setImmediate(() => process.exit(1));
  }
}
