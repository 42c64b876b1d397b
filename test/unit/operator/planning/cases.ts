import { expect, it } from 'vitest';
import type { Controls } from '../../../../operator/api/spec.ts';
import type { Action, DrainView, GatewayView } from '../../../../operator/fleet/fleet.ts';
import { emptyPlanningMemory } from '../../../../operator/planning/memory.ts';
import { type Plan, plan } from '../../../../operator/planning/plan.ts';
import type { PlanningMemory, Recommendation, Snapshot } from '../../../../operator/snapshot.ts';
import { cluster, gateway, type SpecChanges } from '../../../fakes/chat-cluster.ts';

/** The instant of the plan, ms. */
export const NOW = 100_000;

/** Fresh gateways chat-1, chat-2 …, ready, of the present revision "r1". */
export const fleet = (...changes: Partial<GatewayView>[]): GatewayView[] =>
  changes.map((change, i) => gateway({ ordinal: i + 1, observedAt: NOW, ...change }));

const drain = (changes: Partial<DrainView> = {}): DrainView => ({
  ratePerSecond: 100,
  startedAt: NOW - 1_000,
  deadlineAt: NOW + 59_000,
  initial: 100,
  ...changes,
});
/** What makes a gateway one that is being drained, since a second. */
export const draining = (changes: Partial<GatewayView> = {}, of: Partial<DrainView> = {}): Partial<GatewayView> => ({
  cordoned: true,
  drain: drain(of),
  ...changes,
});

export interface Case {
  readonly gateways: readonly GatewayView[];
  /** `null`: can't be decided. */
  readonly desired: number | null;
  readonly panic?: boolean;
  readonly spec?: SpecChanges;
  readonly drainRequests?: readonly string[];
  readonly now?: number;
  readonly takeBacks?: readonly string[];
  readonly controls?: Partial<Controls>;
  readonly memory?: Partial<PlanningMemory>;
}

/** The plan of a case. */
export function planOf({
  gateways,
  desired,
  panic = false,
  spec = {},
  drainRequests = [],
  takeBacks = [],
  controls = {},
  memory = {},
  now = NOW,
}: Case): Plan {
  const recommendation: Recommendation =
    desired === null
      ? { kind: 'cannot-decide', reasons: [] }
      : { kind: 'desired', desired, needed: desired, reasons: [], ...(panic && { panic }) };
  const defaults: SpecChanges = {
    ...spec,
    scaling: { minReplicas: 1, ...spec.scaling },
    drain: { maxConnectionsPerSecond: 100, timeoutMs: 60_000, ...spec.drain },
  };
  const chat = cluster(defaults);
  const snapshot: Snapshot = {
    now,
    cluster: { ...chat, controls: { ...chat.controls, ...controls } },
    revision: 'r1',
    gateways,
    drainRequests,
    takeBacks,
  };
  return plan(snapshot, recommendation, { ...emptyPlanningMemory(), ...memory });
}

/** Actions as short words: "drain chat-1 at 100". */
export const words = (actions: readonly Action[]): string[] =>
  actions.map((action) => {
    const what = `${action.kind} ${action.gateway}`;
    if (action.kind === 'drain') return `${what} at ${action.ratePerSecond}`;
    if (action.kind === 'shed') return `${what} ${action.count} at ${action.ratePerSecond}`;
    return what;
  });

/** A test of each case: the plan's actions are, in their order, those that are wanted. */
export const table = (cases: Readonly<Record<string, Case & { readonly want: readonly string[] }>>) =>
  it.each(Object.entries(cases))('%s', (_name, { want, ...input }) => {
    expect(words(planOf(input).actions)).toEqual(want);
  });
