import { z } from 'zod';
import { kubernetes } from '../api/fields.ts';

/** The `status` of a ChatCluster on Kubernetes: the one source of its type and of its schema in the CRD. Times are RFC 3339 text. */

const integer = (description: string) => z.int().min(0).describe(description);
const time = (description: string) => z.iso.datetime({ offset: true }).describe(description);

const keyedBy = (key: string) => kubernetes({ marks: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] } });

const decision = z.strictObject({
  time: time('When it was taken.'),
  kind: z
    .enum(['scale', 'create', 'cordon', 'uncordon', 'drain', 'shed', 'delete'])
    .describe('scale for the wanted number of gateways, else what was done to a gateway.'),
  gateway: z.string().optional().describe('The gateway that it was done to.'),
  summary: z.string().describe('What was decided, in one line.'),
  reasons: z.array(z.string()).describe('Why, the weightiest first.'),
});

const drain = z.strictObject({
  gateway: z.string().describe('The gateway that is emptied.'),
  reason: z.string().describe('Why this one.'),
  initial: integer('Connections that it held when the drain began.'),
  remaining: integer('Connections that it still holds.'),
  ratePerSecond: z.number().min(0).describe('Connections that are asked to move in a second; 0 while the drain waits.'),
  startedAt: time('When the drain began.'),
  deadlineAt: time('From then on the connections that are left are closed.'),
  etaSeconds: integer('Seconds until it is empty at the present rate; left out while the drain waits.').optional(),
});

const condition = z.strictObject({
  type: z
    .enum(['Available', 'Progressing', 'ScalingActive', 'ScalingLimited', 'Draining', 'Degraded'])
    .describe('What the condition is about.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  reason: z.string().describe('Why, in one word for programs.'),
  message: z.string().describe('Why, in a sentence for people.'),
  lastTransitionTime: time('When the status last changed.'),
  observedGeneration: integer('The metadata.generation that the condition was made for.').optional(),
});

const recommendation = z.strictObject({
  at: integer('When, ms since 1970.'),
  replicas: integer('How many gateways the load needed.'),
});

const change = z.strictObject({
  at: integer('When, ms since 1970.'),
  replicas: integer('By how many gateways.'),
});

const start = z.strictObject({
  ordinal: integer('The number of the gateway.'),
  ms: integer('How long it took, ms.'),
});

const state = z.strictObject({
  lastOrdinal: integer('The highest number given to a gateway so far: names are never used again.').meta(
    kubernetes({
      cel: [
        {
          rule: 'self >= oldSelf',
          message: 'must not fall, since names of gateways are never used again: read the ChatCluster anew and begin from its number',
        },
      ],
    }),
  ),
  desired: integer('The number of gateways last decided by scaling, from which the tolerance is measured.').optional(),
  planned: integer('The number of gateways last planned for, which holds while none can be decided.').optional(),
  recommendations: z.array(recommendation).describe('What the load needed, as far back as a stabilization window reaches.'),
  changes: z
    .strictObject({
      up: z.array(change).describe('How the number was raised.'),
      down: z.array(change).describe('How it was lowered.'),
    })
    .optional()
    .describe('How the number of gateways was changed, as far back as a policy of spec.scaling.behavior reaches.'),
  panic: z
    .strictObject({
      since: integer('Since when, ms since 1970.'),
      until: integer('Until when at least, ms since 1970.'),
    })
    .optional()
    .describe('The connections are too many for the ready gateways.'),
  starts: z.array(start).optional().describe('How long the newest gateways took until they were ready.'),
  drainRequests: z.array(z.string()).optional().describe('Gateways that people asked to drain.'),
  failedResumes: z
    .strictObject({
      revision: z.string().describe('The revision of the gateways.'),
      total: integer('Resumes on them within a minute.'),
      gaps: integer('Of these, those that ended in a gap.'),
    })
    .optional()
    .describe('What stopped the rollout of this revision.'),
  rebalanced: z.string().optional().describe('The value of the annotation chatcluster.io/rebalance that was last done.'),
});

export const statusSchema = z
  .strictObject({
    observedGeneration: integer('The metadata.generation that this status was made for.').optional(),
    replicas: integer('Gateways that exist and are not leaving.').optional(),
    readyReplicas: integer('Of these, gateways that are ready.').optional(),
    updatedReplicas: integer('Of these, gateways with the present settings.').optional(),
    desiredReplicas: integer('Gateways that there should be.').optional(),
    minReplicas: integer('The least gateways now: of spec.scaling, or of the schedules that are active.').optional(),
    maxReplicas: integer('The most gateways now: of spec.scaling, or of the schedules that are active.').optional(),
    selector: z.string().optional().describe('Selects the Pods of the gateways, for HorizontalPodAutoscalers and PodDisruptionBudgets.'),
    connections: integer('Connections that the gateways hold.').optional(),
    capacity: integer('Connections that the gateways that take any could hold.').optional(),
    utilization: z.string().optional().describe('Connections in percent of capacity, such as "63%".'),
    draining: integer('Gateways that connections are moved away from.').optional(),
    lastDecision: decision.optional().describe('The last decision on the number of gateways.'),
    decisions: z.array(decision).max(10).optional().describe('What was decided lately, the newest first.'),
    drains: z.array(drain).optional().describe('The drains that go on.').meta(keyedBy('gateway')),
    conditions: z.array(condition).optional().describe('What is as it should be, and what is not.').meta(keyedBy('type')),
    state: state.optional().describe('What the operator must find again after a restart. Not for others to rely on.'),
  })
  .describe('What there is, as the operator last saw it.');

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

export type ResourceStatus = DeepReadonly<z.infer<typeof statusSchema>>;
export type ResourceDecision = DeepReadonly<z.infer<typeof decision>>;
export type ResourceDrain = DeepReadonly<z.infer<typeof drain>>;
export type ResourceCondition = DeepReadonly<z.infer<typeof condition>>;
export type ResourceState = DeepReadonly<z.infer<typeof state>>;
