export * from './fact.js';
export * from './gateway.js';
export * from './operations/index.js';
export * from './page.js';
export * from './problem.js';
export * from './report.js';
export * from './subjects.js';
