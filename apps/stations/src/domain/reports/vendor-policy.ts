import type { Answers } from '@busbar/events';

/**
 * Which vendors' DataTransfer messages are taken (rule D-01). Configured as a list of `vendor` (every message)
 * or `vendor/messageId` (that message only), separated by commas.
 */
export class VendorPolicy {
  readonly #messages = new Map<string, Set<string> | 'every'>();

  constructor(configured: string) {
    for (const entry of configured.split(',')) {
      const [vendor = '', ...rest] = entry.trim().split('/');
      if (vendor === '') continue;
      if (rest.length === 0) this.#messages.set(vendor, 'every');
      else this.#add(vendor, rest.join('/'));
    }
  }

  answer(vendorId: string, messageId: string | undefined): Answers['vendor.dataReceived'] {
    const messages = this.#messages.get(vendorId);
    if (messages === undefined) return { status: 'UnknownVendorId' };
    if (messages !== 'every' && !messages.has(messageId ?? '')) return { status: 'UnknownMessageId' };
    return { status: 'Accepted' };
  }

  #add(vendor: string, messageId: string): void {
    const known = this.#messages.get(vendor);
    if (known === 'every') return;
    this.#messages.set(vendor, (known ?? new Set()).add(messageId));
  }
}
