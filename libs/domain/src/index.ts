export * from './clock.js';
export * from './connector.js';
export * from './decimal.js';
export * from './id-source.js';
export * from './id-token.js';
export * from './ids.js';
export * from './outcome.js';
export * from './registration.js';
