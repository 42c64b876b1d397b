import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, Probe } from './pod.ts';
import { ask } from './probe.ts';

/** What the probes of a running container say; each may be said again. */
export interface Findings {
  started(): void;
  ready(is: boolean): void;
  /** It must be ended: why. */
  unhealthy(why: string): void;
}

/** Until a probe has succeeded once it is asked more often than its period says, so that tests don't wait. */
const IMPATIENT_MS = 150;

/** Asks a container's probes until the signal aborts, as the kubelet does: the startup probe first, then readiness and liveness. */
export async function keepProbing(container: Container, host: string, findings: Findings, signal: AbortSignal): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  const loop = (probe: Probe | undefined, tell: Tell) => repeat(probe, container, host, signal, tell);
  await loop(startupProbe, (failed, enough) => {
    if (failed !== null && enough) findings.unhealthy(`startup probe: ${failed}`);
    return failed === null || enough;
  });
  if (signal.aborted) return;
  findings.started();
  if (readinessProbe === undefined) findings.ready(true);
  const readiness = loop(readinessProbe, (failed, enough) => {
    if (failed === null || enough) findings.ready(failed === null);
    return false;
  });
  const liveness = loop(livenessProbe, (failed, enough) => {
    if (failed !== null && enough) findings.unhealthy(`liveness probe: ${failed}`);
    return failed !== null && enough;
  });
  await Promise.all([readiness, liveness]);
}

/** Learns why a probe failed (`null`: it did not) and whether it has for long enough; answers whether it needs no more asking. */
type Tell = (failed: string | null, enough: boolean) => boolean;

async function repeat(probe: Probe | undefined, container: Container, host: string, signal: AbortSignal, tell: Tell): Promise<void> {
  if (probe === undefined) return;
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe;
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  const periodMs = periodSeconds * 1_000;
  await pause(initialDelaySeconds * 1_000);
  let succeeded = false;
  let failingMs = 0;
  while (!signal.aborted) {
    const pauseMs = succeeded ? periodMs : Math.min(periodMs, IMPATIENT_MS);
    const failed = await ask(probe, container, host);
    if (signal.aborted) return;
    succeeded ||= failed === null;
    failingMs = failed === null ? 0 : failingMs + pauseMs;
    if (tell(failed, failingMs >= failureThreshold * periodMs)) return;
    await pause(pauseMs);
  }
}
