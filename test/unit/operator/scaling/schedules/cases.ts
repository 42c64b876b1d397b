import { parseDuration } from '../../../../../operator/api/duration.ts';
import type { ScheduleSpec } from '../../../../../operator/api/spec.ts';

/** A schedule "office" of weekdays from 9 to 18 in Berlin, with at least 10 gateways, but for `changes`. */
export function schedule({ duration, ...changes }: Partial<ScheduleSpec> & { readonly duration?: string } = {}): ScheduleSpec {
  return {
    name: 'office',
    cron: '0 9 * * 1-5',
    timeZone: 'Europe/Berlin',
    durationMs: parseDuration(duration ?? '9h') ?? 0,
    minReplicas: 10,
    maxReplicas: null,
    ...changes,
  };
}
