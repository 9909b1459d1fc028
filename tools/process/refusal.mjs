/**
 * A failure that one sentence explains to the person at the keyboard: what is wrong and what to do about it. Every command
 * prints the sentence without a stack and exits 1.
 */
export class Refusal extends Error {
  name = 'Refusal';
}

/** Runs a command's main function; a Refusal becomes its sentence, anything else keeps its stack. Exits 1 on both. */
export async function runCommand(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Refusal ? `\n${error.message}` : error);
    process.exitCode = 1;
    // Children that a failed command left behind are its own to stop; what remains must not hold the process open.
    setImmediate(() => process.exit(1));
  }
}
