const TICK_MS = 1_000;
const PLAIN_TICK_MS = 10_000;

/**
 * One line of progress that shows how long a step has been going on: rewritten in a terminal, every ten seconds a new line
 * elsewhere. Returns what ends the step; it takes a last word, otherwise the time is shown.
 */
export function step(text, out = process.stdout) {
  const since = Date.now();
  const seconds = () => ((Date.now() - since) / 1000).toFixed(1);
  if (out.isTTY) out.write(`· ${text} …`);
  else out.write(`· ${text} …\n`);
  const timer = setInterval(
    () =>
      out.write(
        out.isTTY
          ? `\r· ${text} … ${Math.round((Date.now() - since) / 1000)} s`
          : `· ${text} … ${Math.round((Date.now() - since) / 1000)} s\n`,
      ),
    out.isTTY ? TICK_MS : PLAIN_TICK_MS,
  );
  timer.unref();
  return (word) => {
    clearInterval(timer);
    out.write(`${out.isTTY ? '\r\u001b[K' : ''}· ${text}: ${word ?? `${seconds()} s`}\n`);
  };
}
