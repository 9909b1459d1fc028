import { describe, expect, it } from 'vitest';
import { VendorPolicy } from './vendor-policy.js';

describe('DataTransfer', () => {
  // Goal: only what was agreed on is accepted, and which half is unknown is told apart (rule D-01).
  it.each([
    ['com.acme', undefined, 'Accepted'],
    ['com.acme', 'anything', 'Accepted'],
    ['com.other', 'ping', 'Accepted'],
    ['com.other', 'a/b', 'Accepted'],
    ['com.other', 'pong', 'UnknownMessageId'],
    ['com.other', undefined, 'UnknownMessageId'],
    ['nobody', 'ping', 'UnknownVendorId'],
    ['', undefined, 'UnknownVendorId'],
  ])('D-01: %s %s is %s', (vendor, message, expected) => {
    const policy = new VendorPolicy('com.acme, com.other/ping,com.other/a/b,,');
    expect(policy.answer(vendor, message)).toEqual({ status: expected });
  });
});
