import { AuthorizeReportsHandler } from './authorize-reports.js';
import { DecideHandler } from './decide.js';
import { DeleteTokenHandler } from './delete-token.js';
import { GetTokenHandler } from './get-token.js';
import { ListDecisionsHandler } from './list-decisions.js';
import { ListTokensHandler } from './list-tokens.js';
import { PatchTokenHandler } from './patch-token.js';
import { PutTokenHandler } from './put-token.js';
import { UnknownTokensHandler } from './unknown-tokens.js';

/** Everything that the service answers on the bus. */
export const handlers = [
  AuthorizeReportsHandler,
  DecideHandler,
  DeleteTokenHandler,
  GetTokenHandler,
  ListDecisionsHandler,
  ListTokensHandler,
  PatchTokenHandler,
  PutTokenHandler,
  UnknownTokensHandler,
];
