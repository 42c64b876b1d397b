import type { KubeObject } from './object.ts';

/** A `coordination.k8s.io/v1` Lease. */
export interface LeaseObject extends KubeObject {
  readonly spec?: LeaseSpec;
}

/** Its times are for people: nobody decides by the clock of another machine. */
export interface LeaseSpec {
  /** "" when it was given up. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string | undefined;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** What a candidate has seen of the record, by its own monotonic clock (ms). */
export interface Sighting {
  readonly spec: LeaseSpec;
  /** When the record was first seen as it is. */
  readonly at: number;
}

/** Seen once more: only a record that changed is a new sighting. */
export function sighted(previous: Sighting | null, spec: LeaseSpec, now: number): Sighting {
  return previous !== null && sameRecord(previous.spec, spec) ? previous : { spec, at: now };
}

/** Whether `identity` may take it: it was given up, or is its own from before, or has not been renewed for its whole duration while we looked on. */
export function isFree({ spec, at }: Sighting, identity: string, now: number, durationMs: number): boolean {
  if (!spec.holderIdentity || spec.holderIdentity === identity) return true;
  return now - at >= (spec.leaseDurationSeconds === undefined ? durationMs : spec.leaseDurationSeconds * 1000);
}

function sameRecord(a: LeaseSpec, b: LeaseSpec): boolean {
  return (
    a.holderIdentity === b.holderIdentity &&
    a.renewTime === b.renewTime &&
    a.acquireTime === b.acquireTime &&
    a.leaseTransitions === b.leaseTransitions
  );
}
