import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bareEnvironment } from '../stores.js';
import { Child, workspaceRoot } from './child.js';

const storeNames = ['postgres', 'nats', 'redis'] as const;
export type StoreName = (typeof storeNames)[number];

const startTimeoutMs = 120_000;
const orderTimeoutMs = 60_000;

/** A store of a test's own, which it may kill. */
export interface PrivateStore {
  /** The same after every start. */
  readonly url: string;
  /** Null while it does not run. */
  readonly pid: number | null;
  /** SIGKILL; resolves when it has ended. It stays away until `start`. */
  kill(): Promise<void>;
  /** In order; resolves when it has ended. */
  stop(): Promise<void>;
  /** With its data, on its port; resolves when it serves. */
  start(): Promise<void>;
}

export interface PrivateStores<Name extends StoreName> {
  stores: { readonly [Store in Name]: PrivateStore };
  /** Stops all and deletes their data. */
  stop(): Promise<void>;
}

interface Running {
  url: string;
  pid: number | null;
}

interface Order {
  did: string;
  store: string;
  pid: number | null;
  error?: string;
}

/** Starts stores on free ports, with empty data. Takes a few seconds: for tests that must break a store, only. */
export async function startStores<const Name extends StoreName>(...names: Name[]): Promise<PrivateStores<Name>> {
  const state = await mkdtemp(join(tmpdir(), 'busbar-stores-'));
  const stack = fileURLToPath(new URL('tools/stack.mjs', workspaceRoot));
  const child = new Child(
    'stores',
    [stack, 'run', '--state', state, '--only', names.join(','), '--print-json', '--no-restart', '--die-with-parent'],
    { env: bareEnvironment(), cwd: fileURLToPath(workspaceRoot), readsInput: true },
  );
  const clean = async () => {
    await child.stop();
    await rm(state, { recursive: true, force: true });
  };
  try {
    const started = await child.line('the stores serve', (line) => readStarted(line, names), startTimeoutMs);
    const stores: Partial<Record<Name, PrivateStore>> = {};
    for (const name of names) stores[name] = new OrderedStore(child, name, started[name]);
    return { stores: stores as Record<Name, PrivateStore>, stop: clean };
  } catch (error) {
    await clean();
    throw error;
  }
}

class OrderedStore implements PrivateStore {
  readonly url: string;
  #pid: number | null;

  constructor(
    private readonly child: Child,
    private readonly name: StoreName,
    started: Running,
  ) {
    this.url = started.url;
    this.#pid = started.pid;
  }

  get pid(): number | null {
    return this.#pid;
  }

  async kill(): Promise<void> {
    await this.#order('kill');
    this.#pid = null;
  }

  async stop(): Promise<void> {
    await this.#order('stop');
    this.#pid = null;
  }

  async start(): Promise<void> {
    this.#pid = await this.#order('start');
  }

  async #order(what: string): Promise<number | null> {
    const reason = `${this.name} did ${what}`;
    const done = this.child.line(reason, (line) => readOrder(line, what, this.name), orderTimeoutMs);
    this.child.write(`${what} ${this.name}`);
    const { pid, error } = await done;
    if (error !== undefined) throw new Error(`${reason}: ${error}`);
    return pid;
  }
}

function readStarted<Name extends StoreName>(line: string, names: readonly Name[]): Record<Name, Running> | undefined {
  const value = readJson(line);
  return value && names.every((name) => name in value) ? (value as Record<Name, Running>) : undefined;
}

function readOrder(line: string, did: string, store: string): Order | undefined {
  const value = readJson(line);
  return value && value['did'] === did && value['store'] === store ? (value as Order & typeof value) : undefined;
}

/** The stack's notes for people are lines too. */
function readJson(line: string): Record<string, unknown> | undefined {
  return line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : undefined;
}
