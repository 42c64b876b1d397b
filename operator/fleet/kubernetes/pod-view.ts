import type { GatewayStatus } from '../../../protocol/admin.ts';
import { LABELS } from '../../api/names.ts';
import type { DrainView, GatewayLoad, GatewayPhase, GatewayView } from '../fleet.ts';
import { resumesOf } from '../resumes.ts';
import type { Pod } from './pod.ts';
import { capacityOf, drainRecordOf, isCordoned, isOver, isReady, processOf } from './pod-facts.ts';
import { podProblem } from './pod-problem.ts';

/** What is known of a gateway beside its Pod: by scrapes of the process that runs in it now, and by watching for a while. */
export interface Sighting {
  /** The last that this process said of itself; `null` when it never answered. */
  readonly status: GatewayStatus | null;
  /** Wall clock, ms. */
  readonly observedAt: number | null;
  /** Scrapes in a row that failed, and why the last one did. */
  readonly failures: number;
  readonly failure: string | null;
  /** It was seen before this process took any connection: as long as it doesn't answer, it holds none. */
  readonly seenFromStart: boolean;
  /** When this process could take connections first, as far as is known; wall clock, ms. */
  readonly readyAt: number | null;
  readonly createdAt: number;
  /** For how long it has been taking connections without being Ready for Kubernetes, ms; 0 when that isn't so. */
  readonly unreadyMs: number;
  /** Its node is gone, or has not ended it long after it should have. */
  readonly lost: boolean;
  /** We deleted it; the Pod may not show that yet. */
  readonly deleted: boolean;
  /** Kubernetes doesn't lead anybody to it any more: a count of its connections that was read since then is no longer overtaken by newcomers. */
  readonly settled: boolean;
  /** For how long Kubernetes has led clients to it although it is cordoned, ms. */
  readonly stillListedMs: number;
  readonly zone: string | null;
  /** How much this process did lately. */
  readonly load: GatewayLoad | null;
}

/** Failed scrapes in a row after which a gateway counts as unreachable: some 8 s when none is answered in time. */
export const UNREACHABLE_AFTER = 3;
/** One that Kubernetes leads nobody to although it takes connections counts as unreachable after this time, ms: a probe that failed once is no reason. */
const UNREADY_MS = 15_000;

/** A gateway, out of its Pod and what was seen of it. `capacity`: what counts when neither tells. `now`: wall clock, ms. */
export function viewOf(pod: Pod, sighting: Sighting, { now, capacity }: { readonly now: number; readonly capacity: number }): GatewayView {
  const { metadata } = pod;
  const { status } = sighting;
  const phase = phaseOf(pod, sighting);
  const hasProcess = phase !== 'dead' && (processOf(pod) !== null || pod.status?.phase === 'Unknown');
  const drain = phase === 'dead' ? null : drainOf(pod, status, now);
  const observedAt =
    drain !== null && !sighting.settled && sighting.observedAt !== null
      ? Math.min(sighting.observedAt, drain.startedAt)
      : sighting.observedAt;
  return {
    name: metadata.name,
    ordinal: Number(metadata.labels?.[LABELS.ordinal] ?? /\d+$/.exec(metadata.name)?.[0] ?? 0),
    revision: metadata.labels?.[LABELS.revision] ?? '',
    phase,
    cordoned: isCordoned(pod) || phase === 'terminating' || (status !== null && status.state !== 'accepting'),
    drain,
    shed: hasProcess ? (status?.shed ?? null) : null,
    connections: hasProcess || phase === 'starting' ? (status?.connections ?? null) : 0,
    migrating: hasProcess ? (status?.migrating ?? 0) : 0,
    capacity: status?.capacity ?? capacityOf(pod) ?? capacity,
    resumes: resumesOf(status),
    problem: podProblem(pod, phase, sighting),
    createdAt: sighting.createdAt,
    readyAt: sighting.readyAt,
    observedAt,
    zone: sighting.zone,
    pid: null,
    load: hasProcess ? sighting.load : null,
  };
}

/** The phase of a gateway; the first rule that fits holds. */
export function phaseOf(pod: Pod, sighting: Sighting): GatewayPhase {
  const { status, failures, seenFromStart, readyAt, unreadyMs } = sighting;
  if (sighting.lost || (isOver(pod) && !hasLeft(pod))) return 'dead';
  if (sighting.deleted || pod.metadata.deletionTimestamp !== undefined) return 'terminating';
  if (processOf(pod) === null) return pod.status?.phase === 'Unknown' ? 'unreachable' : 'starting';
  // Somebody else told it to: it drains itself. Should Kubernetes start it again, it is another process.
  if (status?.stopping === true) return 'terminating';
  if (status === null) return isReady(pod) || !seenFromStart ? 'unreachable' : 'starting';
  if (failures >= UNREACHABLE_AFTER) return 'unreachable';
  if (status.startupMs === 0) return 'starting';
  // Cordoned, it tells Kubernetes that it is not ready, whatever it is otherwise.
  if (status.state !== 'accepting' || isReady(pod)) return 'ready';
  if (readyAt === null && status.acceptedTotal === 0) return 'starting';
  return unreadyMs >= UNREADY_MS ? 'unreachable' : 'ready';
}

/** It was told to go and ended well: only its record is still there. */
function hasLeft({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && status?.phase === 'Succeeded';
}

/** The drain that goes on: what the gateway does, and since when and until when as it stands on the Pod. A gateway that knows nothing of it moves nobody. */
function drainOf(pod: Pod, status: GatewayStatus | null, now: number): DrainView | null {
  const record = drainRecordOf(pod);
  const progress = status?.drain ?? null;
  if (progress === null) {
    return record === null
      ? null
      : { ratePerSecond: 0, initial: record.initial, startedAt: record.startedAt, deadlineAt: record.deadlineAt };
  }
  return {
    ratePerSecond: progress.ratePerSecond,
    // A gateway that was started anew counts from there.
    initial: Math.max(record?.initial ?? 0, progress.initial),
    startedAt: record?.startedAt ?? now - progress.elapsedMs,
    deadlineAt: record?.deadlineAt ?? now + progress.remainingMs,
  };
}
