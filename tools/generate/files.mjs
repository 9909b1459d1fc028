import { boundaries } from '../check/boundaries.mjs';

/** Every generated file of the checkout, by path, with what makes its text. */
export function generatedFiles() {
  return [{ path: 'tools/check/boundaries.json', make: async () => `${JSON.stringify(boundaries(), null, 2)}\n` }];
}
