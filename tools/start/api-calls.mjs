import { Refusal } from '../process/refusal.mjs';

const TIMEOUT_MS = 15_000;

/** Busbar's own HTTP API, as any other program would use it. */
export class ApiCalls {
  #base;
  #key;

  constructor(base, key) {
    this.#base = base;
    this.#key = key;
  }

  /** One request: `{ status, body }`. A status outside `expected` is a Refusal that quotes the answer. */
  async ask(method, path, { body, expected = [200, 201, 202, 204], headers = {} } = {}) {
    const response = await fetch(`${this.#base}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (!expected.includes(response.status))
      throw new Refusal(`${method} ${path} was answered with ${response.status}: ${text.slice(0, 500)}`);
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }
}
