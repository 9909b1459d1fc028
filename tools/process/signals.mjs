/**
 * Runs `stop` once at the first SIGINT, SIGTERM or SIGHUP (a closed terminal) and returns it for other occasions. Later
 * signals are taken and change nothing: npm and a shell may pass the same Ctrl-C on twice, and stopping is bounded anyway.
 */
export function onStopSignal(stop) {
  let stopping = null;
  const once = () => (stopping ??= stop());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, once);
  return once;
}
