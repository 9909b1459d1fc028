import { randomBytes } from 'node:crypto';

/** A prefix for subjects and Redis keys that no other test has. */
export function testPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}
