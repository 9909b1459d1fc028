import { boundaries } from '../check/boundaries.mjs';
import { built } from './built.mjs';
import { configPage } from './config-page.mjs';
import { errorsPage } from './errors-page.mjs';

/** Every generated file of the checkout, by path, with what makes its text. */
export function generatedFiles() {
  return [
    { path: 'tools/check/boundaries.json', make: async () => `${JSON.stringify(boundaries(), null, 2)}\n` },
    { path: 'docs/config.md', make: configPage },
    { path: 'docs/errors.md', make: errorsPage },
    { path: 'docs/messages.md', make: async () => (await built('libs/ocpp', 'index')).describeMessages() },
  ];
}
