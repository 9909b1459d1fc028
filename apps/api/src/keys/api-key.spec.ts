import { describe, expect, it } from 'vitest';
import { bearerOf, hashApiKey, newApiKey } from './api-key.js';

describe('API keys', () => {
  // Two keys never meet, and what is stored does not hold the key.
  it('are random and hashed', () => {
    const key = newApiKey();
    expect(key).toMatch(/^busbar_[0-9a-f]{40}$/);
    expect(newApiKey()).not.toBe(key);
    expect(hashApiKey(key).toString('latin1')).not.toContain(key);
  });

  // Only a bearer token of sensible form is looked up.
  it('come as bearer tokens', () => {
    expect(bearerOf('Bearer 0123456789abcdef')).toBe('0123456789abcdef');
    expect(bearerOf('bearer 0123456789abcdef')).toBe('0123456789abcdef');
    for (const header of [undefined, '', 'Basic 0123456789abcdef', 'Bearer short', 'Bearer 0123456789 abcdef']) {
      expect(bearerOf(header)).toBeUndefined();
    }
  });
});
