import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyVault } from './key-vault.js';
import { type PlainKey, plainKeyOf, type StoredKey } from './station-key.js';

async function stored(vault: KeyVault, plain: PlainKey, id = 'k1'): Promise<StoredKey> {
  const base = { form: null, createdAt: new Date(0), firstUsedAt: null, expiresAt: null };
  return { id, kind: plain.kind, ...(await vault.digest(plain)), ...base };
}

const plain = (request: Parameters<typeof plainKeyOf>[0]): PlainKey => {
  const key = plainKeyOf(request, randomBytes);
  if (typeof key === 'string') throw new Error(key);
  return key;
};

describe('station keys', () => {
  // Goal: the bytes and their hex digits in any case are the key, and it is told which of them it was.
  it.each(['0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF', '00003a00000000000000000000003a00', 'ab'.repeat(18)])(
    'A-05: takes both forms of %s',
    async (hex) => {
      const vault = new KeyVault('pepper');
      const key = await stored(vault, plain({ hex }));
      expect(await vault.verify(Buffer.from(hex, 'hex'), [key])).toEqual({ key, form: 'bytes' });
      expect(await vault.verify(Buffer.from(hex.toLowerCase()), [key])).toEqual({ key, form: 'hex' });
      expect(await vault.verify(Buffer.from(hex.toUpperCase()), [key])).toEqual({ key, form: 'hex' });
    },
  );

  // Goal: nothing else is the key.
  it('A-05: refuses everything else', async () => {
    const vault = new KeyVault('pepper');
    const key = await stored(vault, plain({ hex: '00'.repeat(20) }));
    for (const wrong of [
      Buffer.alloc(0),
      Buffer.alloc(19),
      Buffer.alloc(21),
      Buffer.from('0'.repeat(38)),
      randomBytes(20),
    ]) {
      expect(await vault.verify(wrong, [key])).toBeNull();
    }
    expect(await vault.verify(Buffer.alloc(20), [])).toBeNull();
  });

  // Goal: a text key works as its characters and as their hex digits; its second check is the remembered one.
  it('A-05: takes a text key in both forms and remembers it', async () => {
    const vault = new KeyVault('pepper');
    const key = await stored(vault, plain({ text: 'correct horse battery' }));
    const text = Buffer.from('correct horse battery');
    expect(key.kind).toBe('scrypt');
    expect(await vault.verify(text, [key])).toEqual({ key, form: 'bytes' });
    expect(await vault.verify(text, [key])).toEqual({ key, form: 'bytes' });
    expect(await vault.verify(Buffer.from(text.toString('hex')), [key])).toEqual({ key, form: 'hex' });
    expect(await vault.verify(Buffer.from('correct horse batterz'), [key])).toBeNull();
    expect(await vault.verify(text, [{ ...key, id: 'k2' }])).toMatchObject({ form: 'bytes' });
  });

  // Goal: a storm of the same station, and a gateway that asks again, cost one check and not a thousand.
  it('checks what is asked again once', async () => {
    const vault = new KeyVault('pepper');
    const key = await stored(vault, plain({ text: 'correct horse battery' }));
    const text = Buffer.from('correct horse battery');
    const asked = Array.from({ length: 1_000 }, () => vault.verify(text, [key]));
    for (const verified of await Promise.all(asked)) expect(verified).toEqual({ key, form: 'bytes' });
  });

  // Goal: what is stored tells nothing without the pepper, and not whether two stations have the same key.
  it('A-06: salts and peppers', async () => {
    const [here, there] = [new KeyVault('pepper'), new KeyVault('other pepper')];
    const same = plain({ hex: '11'.repeat(20) });
    const [one, two] = [await stored(here, same), await stored(here, same, 'k2')];
    expect(one.digest.equals(two.digest)).toBe(false);
    expect(one.digest.includes(same.bytes)).toBe(false);
    expect(await there.verify(same.bytes, [one])).toBeNull();
  });

  // Goal: during a change both keys work, and it is told which (rule A-07).
  it('A-07: tells which of two keys it was', async () => {
    const vault = new KeyVault('pepper');
    const [old, fresh] = [plain('generate'), plain('generate')];
    const keys = [await stored(vault, fresh, 'new'), { ...(await stored(vault, old, 'old')), expiresAt: new Date() }];
    expect((await vault.verify(old.bytes, keys))?.key.id).toBe('old');
    expect((await vault.verify(fresh.bytes, keys))?.key.id).toBe('new');
  });

  // Goal: keys that no station could hold are refused when they are set.
  it.each([
    [{ hex: '00' }, 'must be 32 to 40 hex digits'],
    [{ hex: `${'0'.repeat(31)}x` }, 'must be 32 to 40 hex digits'],
    [{ hex: '0'.repeat(33) }, 'must be 32 to 40 hex digits'],
    [{ text: 'too short' }, 'must be 16 to 40 printable ASCII characters'],
    [{ text: 'schlüsselschlüssel' }, 'must be 16 to 40 printable ASCII characters'],
  ])('A-03: refuses %j', (request, problem) => {
    expect(plainKeyOf(request, randomBytes)).toBe(problem);
  });

  // Goal: what is sealed for one purpose opens for that one only, and only as it was.
  it('seals the key that an idempotency key keeps', () => {
    const vault = new KeyVault('pepper');
    const sealed = vault.seal('create', '00ff');
    expect(sealed).not.toContain('00ff');
    expect(vault.open('create', sealed)).toBe('00ff');
    expect(() => vault.open('other', sealed)).toThrow('authenticate');
    expect(() => new KeyVault('x').open('create', sealed)).toThrow('authenticate');
  });
});
