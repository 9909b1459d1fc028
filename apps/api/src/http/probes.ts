import { cleanText, type HealthCheck, type Metrics } from '@busbar/observability';
import type { FastifyAdapter } from '@nestjs/platform-fastify';

/** `/healthz`, `/readyz` and `/metrics` on the API's own port; what is missing is named. */
export function serveProbes(
  adapter: FastifyAdapter,
  metrics: Metrics,
  checks: Readonly<Record<string, HealthCheck>>,
): void {
  const fastify = adapter.getInstance();
  fastify.get('/healthz', async () => ({ status: 'ok' }));
  fastify.get('/readyz', async (_, reply) => {
    const missing: Record<string, string> = {};
    await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await check();
        } catch (error) {
          missing[name] = cleanText(error instanceof Error ? error.message : String(error));
        }
      }),
    );
    if (Object.keys(missing).length > 0) {
      return reply.code(503).header('retry-after', '2').send({ status: 'not ready', missing });
    }
    return { status: 'ready' };
  });
  fastify.get('/metrics', async (_, reply) => reply.type('text/plain; version=0.0.4').send(await metrics.text()));
}
