import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { openText, sealText } from './sealed-text.js';
import { type Candidate, candidatesOf, type KeyForm, type PlainKey, type StoredKey } from './station-key.js';

/** Thrown when too many text keys wait to be checked: try again later, this says nothing about the key. */
class VaultBusyError extends Error {
  readonly code = 'vault-busy';
  readonly retryable = true;

  constructor() {
    super('too many text keys wait to be checked');
    this.name = 'VaultBusyError';
  }
}

const saltBytes = 16;
const digestBytes = 32;
const scryptOptions = { N: 16_384, r: 8, p: 1 };
const scryptRunningMax = 2;
const scryptWaitingMax = 512;
const rememberedMax = 20_000;

export interface VerifiedKey {
  key: StoredKey;
  form: KeyForm;
}

/**
 * Makes and checks the digests of station keys. Keys of 128 random bits take one HMAC under the installation's
 * pepper; text keys take scrypt, whose success is remembered so that a storm of reconnects does not burn the
 * processor: remembered is a digest under a key that only this process has and that ends with it.
 */
export class KeyVault {
  readonly #pepper: Buffer;
  readonly #processKey = randomBytes(digestBytes);
  /** Key id to the digest of the password that was right. In order of use, the oldest goes first. */
  readonly #remembered = new Map<string, { digest: Buffer; form: KeyForm }>();
  readonly #checking = new Map<string, Promise<KeyForm | null>>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(pepper: string) {
    this.#pepper = Buffer.from(pepper, 'utf8');
  }

  /** Salt and digest of a new key. */
  async digest(key: PlainKey): Promise<{ salt: Buffer; digest: Buffer }> {
    const salt = randomBytes(saltBytes);
    const digest = key.kind === 'hmac' ? this.#hmac(salt, key.bytes) : await this.#scrypt(salt, key.bytes);
    return { salt, digest };
  }

  /**
   * Which of the keys the password is; null when none. Looks at every key and every form whatever matches, so the
   * time tells neither which one it was nor, for HMAC keys, whether there was any.
   */
  async verify(password: Buffer, keys: readonly StoredKey[]): Promise<VerifiedKey | null> {
    const candidates = candidatesOf(password);
    let verified: VerifiedKey | null = null;
    if (keys.length === 0) for (const { bytes } of candidates) this.#hmac(this.#processKey, bytes);
    for (const key of keys) {
      const form =
        key.kind === 'hmac' ? this.#matchHmac(key, candidates) : await this.#matchScrypt(key, password, candidates);
      if (form !== null) verified ??= { key, form };
    }
    return verified;
  }

  /** Closes a text so that only this installation can open it again. */
  seal(purpose: string, text: string): string {
    return sealText(this.#pepper, purpose, text);
  }

  /** Opens what `seal` closed for the same purpose. */
  open(purpose: string, sealed: string): string {
    return openText(this.#pepper, purpose, sealed);
  }

  #matchHmac(key: StoredKey, candidates: readonly Candidate[]): KeyForm | null {
    let matched: KeyForm | null = null;
    for (const { form, bytes } of candidates) {
      if (sameDigest(this.#hmac(key.salt, bytes), key.digest)) matched ??= form;
    }
    return matched;
  }

  /** Whoever asks the same while it is worked out waits for that: a gateway asks again when it has waited for long. */
  #matchScrypt(key: StoredKey, password: Buffer, candidates: readonly Candidate[]): Promise<KeyForm | null> {
    const known = this.#recall(key.id, password);
    if (known !== null) return Promise.resolve(known);
    const name = `${key.id} ${this.#fingerprint(password).toString('base64')}`;
    const checking = this.#checking.get(name);
    if (checking) return checking;
    const match = this.#tryScrypt(key, password, candidates).finally(() => this.#checking.delete(name));
    this.#checking.set(name, match);
    return match;
  }

  async #tryScrypt(key: StoredKey, password: Buffer, candidates: readonly Candidate[]): Promise<KeyForm | null> {
    let matched: KeyForm | null = null;
    for (const { form, bytes } of candidates) {
      if (sameDigest(await this.#scrypt(key.salt, bytes), key.digest)) matched ??= form;
    }
    if (matched !== null) this.#remember(key.id, password, matched);
    return matched;
  }

  #hmac(salt: Buffer, bytes: Buffer): Buffer {
    return createHmac('sha256', this.#pepper).update(salt).update(bytes).digest();
  }

  async #scrypt(salt: Buffer, bytes: Buffer): Promise<Buffer> {
    await this.#enter();
    try {
      // The pepper goes in first, so that a copy of the database alone is not enough to guess text keys.
      return await derive(this.#hmac(salt, bytes), salt);
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < scryptRunningMax) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= scryptWaitingMax) throw new VaultBusyError();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the place on to the one that has waited longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }

  #recall(id: string, password: Buffer): KeyForm | null {
    const remembered = this.#remembered.get(id);
    if (!remembered || !timingSafeEqual(remembered.digest, this.#fingerprint(password))) return null;
    this.#remembered.delete(id);
    this.#remembered.set(id, remembered);
    return remembered.form;
  }

  #remember(id: string, password: Buffer, form: KeyForm): void {
    this.#remembered.delete(id);
    this.#remembered.set(id, { digest: this.#fingerprint(password), form });
    if (this.#remembered.size <= rememberedMax) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }

  #fingerprint(password: Buffer): Buffer {
    return createHmac('sha256', this.#processKey).update(password).digest();
  }
}

function sameDigest(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

function derive(bytes: Buffer, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(bytes, salt, digestBytes, scryptOptions, (error, digest) => (error ? reject(error) : resolve(digest)));
  });
}
