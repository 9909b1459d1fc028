export {
  type Directory,
  type HeldStation,
  leaseMs,
  type Owner,
  operationTimeoutMs,
  type Superseded,
} from './directory.js';
export { DirectoryError } from './directory-error.js';
export { LocalDirectory } from './local-directory.js';
export { RedisDirectory, type RedisDirectoryOptions } from './redis-directory.js';
