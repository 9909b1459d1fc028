import { describe, expect, it } from 'vitest';
import { measureEventLoopLag } from './event-loop-lag.js';
import { Metrics } from './metrics.js';

describe('Metrics', () => {
  // Two registries in one process must not share or refuse a name.
  it('keeps registries apart', async () => {
    const one = new Metrics({ processMetrics: false });
    const other = new Metrics({ processMetrics: false });
    one.counter({ name: 'busbar_frames_total', help: 'Frames', labels: ['direction'] }).inc({ direction: 'in' }, 2);
    other.counter({ name: 'busbar_frames_total', help: 'Frames', labels: ['direction'] });
    expect(await one.text()).toContain('busbar_frames_total{direction="in"} 2');
    expect(await other.text()).not.toContain('direction="in"');
  });

  // A second caller of a name adds to the same metric.
  it('gives the same metric for the same name', async () => {
    const metrics = new Metrics({ processMetrics: false });
    metrics.counter({ name: 'busbar_x_total', help: 'X' }).inc();
    metrics.counter({ name: 'busbar_x_total', help: 'X' }).inc();
    metrics.histogram({ name: 'busbar_y_seconds', help: 'Y' }).observe(0.003);
    metrics.gauge({ name: 'busbar_z', help: 'Z', read: () => 7 });
    const text = await metrics.text();
    expect(text).toContain('busbar_x_total 2');
    expect(text).toContain('busbar_y_seconds_bucket{le="0.005"} 1');
    expect(text).toContain('busbar_z 7');
  });

  // Process metrics are there by default.
  it('has process metrics', async () => {
    expect(await new Metrics().text()).toContain('process_cpu_seconds_total');
  });

  // A name outside our family is a programming error.
  it('refuses foreign names', () => {
    expect(() => new Metrics({ processMetrics: false }).counter({ name: 'frames', help: 'F' })).toThrow(TypeError);
  });
});

describe('measureEventLoopLag', () => {
  // A blocked loop shows up as lag, and taking it starts anew.
  it('sees a blocked loop', async () => {
    const metrics = new Metrics({ processMetrics: false });
    const lag = measureEventLoopLag(metrics);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const until = performance.now() + 120;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(lag.takeMaxMs()).toBeGreaterThan(80);
    expect(lag.takeMaxMs()).toBeLessThan(80);
    expect(await metrics.text()).toMatch(/busbar_event_loop_lag_seconds 0\.\d+/);
    lag.close();
  });
});
