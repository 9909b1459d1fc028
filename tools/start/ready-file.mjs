import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identityOf } from '../process/identity.mjs';

/** `ready.json` in the state: what runs, for people and programs. Always one whole document, and gone when nothing runs. */
export class ReadyFile {
  #path;
  #document = null;

  constructor(state) {
    this.#path = join(state, 'ready.json');
  }

  /** Writes the document; `processes` is a function, asked again at every change. */
  publish(document, processes) {
    this.#document = { document, processes };
    this.refresh();
  }

  /** After a process came or went. Before the first publication there is nothing to keep true. */
  refresh() {
    if (this.#document === null) return;
    const { document, processes } = this.#document;
    const own = `${this.#path}.${process.pid}`;
    writeFileSync(own, `${JSON.stringify({ ...document, processes: processes() }, null, 2)}\n`, { mode: 0o600 });
    renameSync(own, this.#path);
  }

  remove() {
    this.#document = null;
    rmSync(this.#path, { force: true });
  }

  /**
   * Ends what an earlier start left behind because it was killed itself. Only processes that are certainly the ones it
   * wrote down: the same pid with the same start time.
   */
  async endLeftovers(say) {
    let left;
    try {
      left = JSON.parse(readFileSync(this.#path, 'utf8')).processes;
    } catch (error) {
      if (error.code === 'ENOENT') return;
      throw error;
    }
    const alive = left.filter(({ pid, startedAs }) => pid !== null && identityOf(pid) === startedAs);
    if (alive.length > 0) say(`ending what an earlier start left behind: ${alive.map(({ name }) => name).join(', ')}`);
    for (const { pid } of alive) kill(pid);
    while (alive.some(({ pid, startedAs }) => identityOf(pid) === startedAs)) await pause(50);
    this.remove();
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // It ended by itself.
  }
}
