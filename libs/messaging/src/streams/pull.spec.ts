import type { Msg } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { deliveryOf } from './pull.js';

const messageWith = (reply: string) => ({ reply }) as Msg;

describe('deliveryOf', () => {
  // Servers before and after the introduction of domains name the place of a message differently.
  it.each([
    ['$JS.ACK.FACTS.reader.2.17.5.1700000000000.3'],
    ['$JS.ACK._.hash.FACTS.reader.2.17.5.1700000000000.3.token'],
    ['$JS.ACK.hub.hash.FACTS.reader.2.17.5.1700000000000.3'],
  ])('reads %s', (reply) => {
    expect(deliveryOf(messageWith(reply))).toEqual({ attempt: 2, streamSequence: 17, consumerSequence: 5 });
  });

  // Anything else is no message of a stream.
  it.each(['', '_INBOX.x', '$JS.ACK.FACTS.reader.a.b.c.d.e'])('refuses %j', (reply) => {
    expect(() => deliveryOf(messageWith(reply))).toThrow('bad-message');
  });
});
