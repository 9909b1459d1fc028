import type { MeterValueView, Sample } from '@busbar/events';
import type { StoredReading } from './reader.js';
import { shownNumber } from './transaction-view.js';

const defaultContext = 'Sample.Periodic';
const defaultLocation = 'Outlet';

/**
 * Readings as they are shown: in time order, every distinct (time, measurand, phase, location, context, value)
 * once, however often and in whatever message it came (rules V-11, X-11). What 1.6 leaves out means its defaults
 * (rule V-03). `readings` are in time order; none of an instant may be missing.
 */
export function meterValuesOf(readings: readonly StoredReading[]): MeterValueView[] {
  const seen = new Set<string>();
  const views: MeterValueView[] = [];
  for (const reading of readings) {
    const sampledAt = reading.sampledAt.toISOString();
    const samples = reading.samples.filter((sample) => {
      const key = keyOf(sampledAt, sample);
      const fresh = !seen.has(key);
      seen.add(key);
      return fresh;
    });
    if (samples.length === 0) continue;
    views.push({
      sampledAt,
      receivedAt: reading.receivedAt.toISOString(),
      context: reading.context,
      samples: samples.map(viewOf),
    });
  }
  return views;
}

function keyOf(sampledAt: string, sample: Sample): string {
  const { measurand, phase = null, location = defaultLocation, context = defaultContext, value, unit, raw } = sample;
  return JSON.stringify([sampledAt, measurand, phase, location, context, value, value === null ? raw : unit]);
}

function viewOf(sample: Sample): MeterValueView['samples'][number] {
  return {
    measurand: sample.measurand,
    value: shownNumber(sample.value),
    unit: sample.unit,
    phase: sample.phase ?? null,
    location: sample.location ?? null,
    context: sample.context ?? defaultContext,
    format: sample.format ?? 'Raw',
    raw: sample.raw?.value ?? null,
  };
}
