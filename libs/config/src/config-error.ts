/** The environment is not usable. `problems` names every bad value; none of them quotes a secret. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
  readonly retryable = false;

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}
