import { z } from 'zod';
import { DEFAULTS, LONG_POLLING_DEFAULTS } from './defaults.ts';
import { choice, count, countOrPercent, duration, flag, group, type Input, percent, redisUrl, shown, word } from './fields.ts';
import { behavior, lookAhead, panic } from './fields-of-behavior.ts';
import { fallback, metrics } from './fields-of-metrics.ts';
import { podTemplate, secretKey, texts } from './fields-of-pods.ts';
import { schedules } from './fields-of-schedules.ts';
import { NAMES } from './names.ts';

/** The apiVersion and kind of a ChatCluster. */
export const API_VERSION = 'chatcluster.io/v1alpha1';
export const KIND = 'ChatCluster';

/** A gateway is called `<name>-<number>` and its name is a DNS label, at most 63 long: this leaves ten digits for the number. */
export const MAX_NAME_LENGTH = 52;
export const NAME_PATTERN = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
export const NAME_REMEDY = 'write small letters, digits and dashes, beginning with a letter, such as "chat"';

/** The ChatCluster that is a farm for long polling has a longer name, which must be one too. */
export const MAX_PARENT_NAME_LENGTH = MAX_NAME_LENGTH - NAMES.longPollFarm('').length;

/** [registry[:port]/]path[:tag][@digest], as registries have it. */
const IMAGE_PATTERN =
  /^(([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[a-zA-Z0-9_][-a-zA-Z0-9_.]{0,127})?(@[a-zA-Z0-9+._-]+:[0-9a-fA-F]{32,})?$/;

const gateway = group('Settings of each gateway. A change makes a new revision, which is rolled out.', {
  connectionsPerGateway: count({
    min: 1,
    max: 1_000_000,
    default: DEFAULTS.gateway.connectionsPerGateway,
    description: 'Capacity: the most connections that one gateway takes. More are refused with a hint when to come back.',
  }),
  acceptRatePerSecond: count({
    min: 1,
    max: 100_000,
    default: DEFAULTS.gateway.acceptRatePerSecond,
    description: 'New connections that one gateway admits in a second, so that a crash elsewhere does not take it down too.',
  }),
  messageBytes: count({
    min: 128,
    max: 16_777_216,
    default: DEFAULTS.gateway.messageBytes,
    description: 'The longest message of a client, bytes.',
  }),
  messagesPerSecond: count({
    min: 1,
    max: 100_000,
    default: DEFAULTS.gateway.messagesPerSecond,
    description: 'Messages that one connection may send in a second.',
  }),
  channelsPerConnection: count({
    min: 1,
    max: 100_000,
    default: DEFAULTS.gateway.channelsPerConnection,
    description: 'Channels that one connection may be subscribed to.',
  }),
  queueBytes: count({
    min: 1_024,
    max: 1_073_741_824,
    default: DEFAULTS.gateway.queueBytes,
    description: 'Bytes that may wait for a slow reader; with more its connection is closed, in a way that lets it resume.',
  }),
  heartbeat: duration({
    min: '1s',
    max: '10m',
    default: DEFAULTS.gateway.heartbeat,
    description: 'How often a gateway pings a connection to find dead peers.',
  }),
  pollTimeout: duration({
    min: '1s',
    max: '10m',
    default: DEFAULTS.gateway.pollTimeout,
    description: 'How long a long poll waits for a message. Keep it below the time limit of proxies on the way.',
  }),
});

const scaling = group(
  'How many gateways there are: (connections + standby.connections) / (connectionsPerGateway × targetUtilization), rounded up, and standby.gateways more; at least minReplicas, at most maxReplicas.',
  {
    mode: choice({
      of: ['Auto', 'External'],
      default: DEFAULTS.scaling.mode,
      description:
        'Auto: the operator decides by the load. External: whoever writes spec.replicas does (`kubectl scale`, an HPA, KEDA), within minReplicas and maxReplicas; the operator drains.',
    }),
    minReplicas: count({ min: 1, max: 10_000, default: DEFAULTS.scaling.minReplicas, description: 'Never fewer gateways than this.' }),
    maxReplicas: count({
      min: 1,
      max: 10_000,
      default: DEFAULTS.scaling.maxReplicas,
      description: 'Never more gateways than this, the surge of a rollout aside.',
    }),
    schedules,
    interval: duration({ min: '100ms', max: '5m', default: DEFAULTS.scaling.interval, description: 'Time between two decisions.' }),
    targetUtilization: percent({
      min: 1,
      max: 100,
      default: DEFAULTS.scaling.targetUtilization,
      description: 'Connections per gateway to aim for, in percent of connectionsPerGateway.',
    }),
    tolerance: percent({
      min: 0,
      max: 50,
      default: DEFAULTS.scaling.tolerance,
      description: 'Percent by which the connections may be off the target before anything is done.',
    }),
    standby: group('Spare capacity kept free for the unexpected, on top of what the load needs.', {
      gateways: count({ min: 0, max: 10_000, default: DEFAULTS.scaling.standby.gateways, description: 'Spare gateways.' }),
      connections: countOrPercent({
        max: 100_000_000,
        default: DEFAULTS.scaling.standby.connections,
        description: 'Spare connections: a number, or a percentage of those there are, such as "20%".',
      }),
      zoneFailure: flag({
        default: DEFAULTS.scaling.standby.zoneFailure,
        description:
          'Whether the gateways of the other zones must hold all connections, filled to the brim, when the zone with the most gateways goes away.',
      }),
    }).prefault({}),
    behavior,
    panic,
    lookAhead,
    metrics,
    fallback,
  },
);

const drain = group('How connections are moved away from a gateway.', {
  timeout: duration({
    min: '1s',
    max: '24h',
    default: DEFAULTS.drain.timeout,
    description: "From a drain's start until the connections that are left are closed.",
  }),
  maxConnectionsPerSecond: count({
    min: 1,
    max: 1_000_000,
    default: DEFAULTS.drain.maxConnectionsPerSecond,
    description: 'The most connections moved in a second, over the whole fleet and for whatever reason.',
  }),
});

function service(description: string) {
  return group(description, {
    type: choice({ of: ['ClusterIP', 'NodePort', 'LoadBalancer'], default: DEFAULTS.service.type, description: 'Its type.' }),
    port: count({ min: 1, max: 65_535, default: DEFAULTS.service.port, description: 'Its port for clients.' }),
    annotations: texts('annotation', 'Its annotations, which load balancers are often set up by.').prefault({}),
  });
}

const noReplicas = ({ input }: Input) => `${shown(input)} is not a whole number from 0 to 10000; write one, such as 3`;

/** `spec` as people write it. */
export const specSchema = group('What the cluster should be.', {
  replicas: z
    .int({ error: noReplicas })
    .min(0, { error: noReplicas })
    .max(10_000, { error: noReplicas })
    .optional()
    .describe('With spec.scaling.mode External: how many gateways there should be. Written by `kubectl scale`, an HPA or KEDA.'),
  deletionPolicy: choice({
    of: ['Drain', 'Immediate'],
    default: DEFAULTS.deletionPolicy,
    description:
      'When the ChatCluster is deleted. Drain: connections are closed at the pace of spec.drain, within its timeout. Immediate: at once.',
  }),
  gateway: gateway.prefault({}),
  scaling: scaling.prefault({}),
  drain: drain.prefault({}),
  rebalance: group('Moving connections from fuller gateways to emptier ones, after a scale-up above all.', {
    enabled: flag({ default: DEFAULTS.rebalance.enabled, description: 'Whether it is done.' }),
    maxSkew: percent({
      min: 1,
      max: 1_000,
      default: DEFAULTS.rebalance.maxSkew,
      description: 'Percent by which a gateway may be above the mean before it moves connections away.',
    }),
  }).prefault({}),
  rollout: group('How gateways with old settings are replaced.', {
    maxSurge: count({
      min: 1,
      max: 1_000,
      default: DEFAULTS.rollout.maxSurge,
      description: 'Gateways that a rollout may add above the desired number, and so replaces at a time.',
    }),
    progressDeadline: duration({
      min: '10s',
      max: '24h',
      default: DEFAULTS.rollout.progressDeadline,
      description: 'How long a new gateway may take to become ready before the rollout is reported as stalled.',
    }),
    maxFailedResumes: percent({
      min: 0,
      max: 100,
      default: DEFAULTS.rollout.maxFailedResumes,
      description: 'Percent of the resumes in the last minute that may end in a gap before the rollout pauses.',
    }),
  }).prefault({}),
  balancing: group(
    'Which gateway gets a new connection. On Kubernetes a proxy in front of the gateways carries it out, such as the HAProxy of the chart (docs/operations.md).',
    {
      algorithm: choice({
        of: ['RoundRobin', 'LeastConnections', 'Hash'],
        default: DEFAULTS.balancing.algorithm,
        description:
          'RoundRobin: one after the other. LeastConnections: the emptiest. Hash: by session, so that one comes back to the same gateway.',
      }),
    },
  ).prefault({}),
  history: group('What a channel keeps, so that clients can resume.', {
    maxMessages: count({ min: 1, max: 1_000_000, default: DEFAULTS.history.maxMessages, description: 'Messages kept in a channel.' }),
    maxAge: duration({ min: '1s', max: '720h', default: DEFAULTS.history.maxAge, description: 'How long a message is kept.' }),
  }).prefault({}),
  broker: group('Where the gateways meet. With Redis a change makes a new revision, which is rolled out.', {
    url: redisUrl(
      'A Redis: "redis://host:6379/0", "redis+sentinel://host:26379,host/name" or "redis+cluster://host:6379,host", with TLS "rediss…", a user before the host, never a password. On Kubernetes it must be there; elsewhere without one: the broker that `up` has in itself, for one machine.',
    ),
    keyPrefix: word({
      pattern: /^[!-z|~]+$/,
      max: 100,
      remedy: 'write at most 100 printable characters without spaces and braces, such as "chat:"',
      description:
        "What every key in Redis begins with, so that clusters can share one. Left out: the cluster's name and a colon. On Kubernetes it can't be changed later.",
    }),
    durability: choice({
      of: ['acknowledged', 'replicated'],
      default: DEFAULTS.broker.durability,
      description:
        "When a publish is answered. acknowledged: Redis' primary has the message. replicated: one of its replicas has it too, so that it outlives a failover.",
    }),
    passwordSecret: secretKey('On Kubernetes: the Secret that has the password for Redis.'),
    caSecret: secretKey('On Kubernetes, with TLS: the Secret that has the certificates (PEM) of the authorities that vouch for Redis.'),
  }).prefault({}),
  authentication: group('Who may connect.', {
    jwtSecret: secretKey(
      "On Kubernetes: the Secret that has the secret (at least 32 bytes) that clients' tokens (JWT, HS256) are signed with. Without one clients need no token.",
    ),
  }).prefault({}),
  pods: group('The Pods that gateways are on Kubernetes. A change makes a new revision, which is rolled out.', {
    image: word({
      pattern: IMAGE_PATTERN,
      max: 500,
      remedy: 'write the reference of an image, such as "registry.example.com/chatcluster:1.0"',
      description: "The image of the gateways. Left out: the operator's own.",
    }),
    template: podTemplate(
      'Any part of a PodTemplateSpec, merged over the Pod that the operator would create as a strategic merge patch is: resources, tolerations, sidecars. The container of the gateway is called "gateway"; all other fields are those of `kubectl explain pod.spec`.',
    ),
  }).prefault({}),
  service: service('The Service by which clients reach the gateways on Kubernetes. It has the name of the ChatCluster.').prefault({}),
  longPolling: group(
    'On Kubernetes: gateways of their own for long polling, which scale by themselves on the same broker. They are a ChatCluster of their own, with -longpoll behind its name, that the operator makes and keeps: all else in it is as here. A proxy leads /v1/poll there (docs/operations.md). Left out: the gateways answer polls too.',
    {
      requestsPerGateway: count({
        min: 1,
        max: 1_000_000,
        default: LONG_POLLING_DEFAULTS.requestsPerGateway,
        description:
          'Capacity: the most requests in flight that one gateway holds, on average over a second; connectionsPerGateway of that ChatCluster.',
      }),
      acceptRatePerSecond: count({
        min: 1,
        max: 100_000,
        default: LONG_POLLING_DEFAULTS.acceptRatePerSecond,
        description: 'Clients that begin to poll at one gateway in a second; those that poll on there are not counted.',
      }),
      scaling: scaling
        .describe(
          'How many of these gateways there are. All that is said of connections is meant of requests in flight, and requestsPerGateway takes the place of connectionsPerGateway.',
        )
        .prefault({}),
      service: service(
        'The Service by which clients reach these gateways. It has the name of the ChatCluster with -longpoll behind it.',
      ).prefault({}),
    },
  ).optional(),
});

const name = z
  .string({
    error: ({ input }) => (input === undefined ? 'is missing; give the cluster a name' : `${shown(input)} is not text; put it in quotes`),
  })
  .regex(NAME_PATTERN, {
    error: ({ input }) => `${shown(input)} is not a name; ${NAME_REMEDY}`,
  })
  .max(MAX_NAME_LENGTH, { error: ({ input }) => `${shown(input)} is too long; shorten it to ${MAX_NAME_LENGTH} characters` })
  .describe('Its gateways are called <name>-1, <name>-2 and so on.');

const exactly = <const T extends string>(value: T) =>
  z.literal(value, {
    error: ({ input }) => (input === undefined ? `is missing; write ${value}` : `${shown(input)} is not known here; write ${value}`),
  });

/** The whole resource as people write it: the one source of its types, defaults, descriptions and (by `z.toJSONSchema`) of the Kubernetes schema. */
export const chatClusterSchema = group('A fleet of chat gateways.', {
  apiVersion: exactly(API_VERSION),
  kind: exactly(KIND),
  metadata: z.looseObject(
    { name },
    {
      error: ({ input }) =>
        input === undefined ? 'is missing; write metadata with a name' : `${shown(input)} is not a group of fields; write a name below`,
    },
  ),
  spec: specSchema.prefault({}),
  status: z.unknown().optional(),
});

/** `spec` with every field there. */
export type ResourceSpec = z.output<typeof specSchema>;
