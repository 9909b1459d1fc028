/** For tests and sibling libs only: the tables behind the public door. */
export { type Catalogue, catalogueOf } from './catalogue.js';
export type { Schema } from './schema.js';
export { readLooseTime, readRfc3339 } from './time.js';
export { firstViolation, validatorOf } from './validators.js';
