/**
 * What a field is when nobody writes it, in the form in which people write it. Chosen for a cluster that meets its first real load:
 * - 5,000 connections a gateway: a Node process carries more, but the loss of one gateway then brings back more clients than others take in seconds.
 * - 80 % target, 5 % tolerance: room for the time in which a new gateway starts; counts of connections are calm, so HPA's 10 % would only be waste.
 * - Up at once, down after 5 minutes: too few gateways hurt users, too many for a while cost little.
 * - Up at most tenfold, or by 50 gateways, within 15 s: no rush of people is faster than their first gateways, but a metric gone mad is. HPA's own limit (double, or
 *   4 more) would refuse people in a rush. Down has none but the window, as with HPA: drains are slow and paced by themselves.
 * - Panic from 100 % of the ready capacity on, now or before a new gateway can be ready: from then on people would be refused; calm after a minute, as with Knative.
 * - A metric that is missing holds the number of gateways: none is taken away by what isn't known. Its last good value adds some for 5 minutes, as long as a scale-down would wait.
 * - 25 s heartbeat and poll: well inside the 30 to 60 s after which proxies cut idle connections.
 * - 100 connections moved a second: a full gateway is empty in 50 s, and no receiver notices; the drain timeout leaves six times that.
 * - A rollout pauses when more than 5 % of resumes end in a gap: with a history that fits the load there are none.
 */
export const DEFAULTS = {
  gateway: {
    connectionsPerGateway: 5_000,
    acceptRatePerSecond: 500,
    messageBytes: 32_768,
    messagesPerSecond: 20,
    channelsPerConnection: 100,
    queueBytes: 1_048_576,
    heartbeat: '25s',
    pollTimeout: '25s',
  },
  deletionPolicy: 'Drain',
  scaling: {
    mode: 'Auto',
    minReplicas: 2,
    maxReplicas: 10,
    schedules: [],
    interval: '1s',
    targetUtilization: 80,
    tolerance: 5,
    standby: { gateways: 0, connections: 0, zoneFailure: false },
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Percent', value: 900, periodSeconds: 15 },
          { type: 'Pods', value: 50, periodSeconds: 15 },
        ],
      },
      scaleDown: { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    },
    panic: { thresholdPercent: 100, windowSeconds: 60 },
    lookAhead: { enabled: true },
    metrics: [],
    fallback: { type: 'Hold', afterSeconds: 300 },
  },
  drain: { timeout: '5m', maxConnectionsPerSecond: 100 },
  rebalance: { enabled: true, maxSkew: 20 },
  rollout: { maxSurge: 1, progressDeadline: '10m', maxFailedResumes: 5 },
  balancing: { algorithm: 'LeastConnections' },
  history: { maxMessages: 1_000, maxAge: '1h' },
  broker: { durability: 'acknowledged' },
  authentication: {},
  pods: { template: {} },
  service: { type: 'ClusterIP', port: 80, annotations: {} },
} as const;

/** The same for each query of `spec.scaling.metrics`: asked so often that one which answers again is used within 10 s; samples may be as old as two scrapes of the usual minute. */
export const QUERY_DEFAULTS = { interval: '5s', timeout: '3s', maxSampleAge: '2m' } as const;

/**
 * The same for `spec.longPolling`, where it is written. 2,000 polls a gateway: each answer is a request of its own, so a message a second to all of them is 2,000 requests a second.
 */
export const LONG_POLLING_DEFAULTS = { requestsPerGateway: 2_000, acceptRatePerSecond: 500 } as const;
