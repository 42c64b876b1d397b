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
  readonly record: LeaseObject;
  /** When it was first seen as it is. */
  readonly at: number;
}

/** Seen once more. Anything that was written since makes it a new sighting: not even that the holder's clock goes on is taken for granted. */
export function sighted(previous: Sighting | null, record: LeaseObject, now: number): Sighting {
  return previous !== null && previous.record.metadata.resourceVersion === record.metadata.resourceVersion ? previous : { record, at: now };
}

/** Whether `identity` may take it: it was given up, or is its own from before, or has not been renewed for its whole duration while we looked on. */
export function isFree({ record: { spec = {} }, at }: Sighting, identity: string, now: number, durationMs: number): boolean {
  if (!spec.holderIdentity || spec.holderIdentity === identity) return true;
  return now - at >= (spec.leaseDurationSeconds === undefined ? durationMs : spec.leaseDurationSeconds * 1000);
}
