import type { Verdict } from '../../load/verdict.ts';

/** Of what clients saw, what must be nothing when only gateways come and go in order: not even a connection was cut. */
export function faultsOf({ lost, duplicated, reordered, neverCameBack, neverCame, failed, gaps, reconnects }: Verdict) {
  return { lost, duplicated, reordered, neverCameBack, neverCame, failed, gaps, reconnects };
}

export const NO_FAULTS: ReturnType<typeof faultsOf> = {
  lost: 0,
  duplicated: 0,
  reordered: 0,
  neverCameBack: 0,
  neverCame: 0,
  failed: 0,
  gaps: 0,
  reconnects: 0,
};

export function holdsPromises(verdict: Verdict): boolean {
  return Object.values(faultsOf(verdict)).every((count) => count === 0);
}
