import type { Deviation } from '@busbar/events';

const notesMax = 32;

/** Collects what was tolerated in one message: each thing once, and not more than a page of them. */
export class Notes {
  #list: Deviation[] | undefined;

  constructor(earlier: readonly Deviation[] = []) {
    if (earlier.length > 0) this.#list = [...earlier];
  }

  /** `detail` says where and what, with `*` for indices, so that a list of a thousand bad samples is one note. */
  add(rule: string, detail: string): void {
    const list = (this.#list ??= []);
    if (list.length >= notesMax || list.some((note) => note.rule === rule && note.detail === detail)) return;
    list.push({ rule, detail });
  }

  get list(): readonly Deviation[] {
    return this.#list ?? none;
  }
}

const none: readonly Deviation[] = Object.freeze([]);
