/** What a person may have set for npm on purpose; it reaches us under these names whichever way it was set. */
const KEPT = ['registry', 'cache', 'userconfig', 'cafile', 'proxy', 'https_proxy', 'offline', 'prefer_offline'];

/**
 * The environment without what the npm that called us put there: it describes that npm's Node and this script, and a second
 * npm would take it for configuration.
 */
export function cleanEnvironment(env) {
  const kept = KEPT.map((name) => `npm_config_${name}`);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('npm_') || kept.includes(name)));
}
