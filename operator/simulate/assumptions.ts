import { NAMES } from '../api/names.ts';
import { grouped, span } from '../status/text.ts';
import type { ContenderName } from './contender.ts';
import { STAY_MS } from './crowd.ts';
import { metricAssumptions } from './metrics.ts';
import type { SimulationOptions } from './options.ts';
import type { PeerName } from './peers/peer.ts';

/** How people call a contender. */
export const TITLES: Readonly<Record<ContenderName, string>> = {
  chatcluster: 'ChatCluster',
  hpa: 'HPA',
  keda: 'KEDA',
  knative: 'Knative',
};

const RULES: Readonly<Record<PeerName, string>> = {
  hpa: 'HPA: a Pods metric with an AverageValue, read every 15 s, tolerance 10 %, scale-up by 4 Pods or 100 % a sync, scale-down after 300 s. Prometheus scrapes each gateway every 30 s, so that a figure is 15 s old on average. Without a figure it does nothing.',
  keda: 'KEDA: its Prometheus scaler makes a sum of the same scrapes the external metric of an HPA, which asks for it every 15 s (the polling every 30 s only decides between none and one). A series that is lost is read as 0.',
  knative:
    'Knative: the autoscaler ticks every 2 s; each second it asks at most 16 Pods, old ones first, and takes them for all, and its activator adds those for whom there is no room; averages over 60 s and, in panic (twice the target), over 6 s; at most 1,000 times, at least half of the ready Pods. Its routing and scale to zero are left out, and no request timeout ends a connection.',
};

const KILLS: Readonly<Record<PeerName, string>> = {
  hpa: 'its Deployment kills Pods at random, after a grace period of 30 s',
  keda: 'its Deployment kills Pods at random, after a grace period of 30 s',
  knative: 'its Deployment kills Pods at random, after a grace period of 300 s (timeoutSeconds)',
};

/** What the model takes for granted, a sentence or a few each. */
export function assumptions(options: SimulationOptions): readonly string[] {
  const { cluster, startAt, startupMs, messagesPerSecond, against, profile, durationMs } = options;
  const { gateway, scaling, balancing, drain, longPolling } = cluster.spec;
  const perGateway = grouped(gateway.connectionsPerGateway * scaling.targetUtilization);
  const day = new Date(startAt).toISOString().slice(0, 10);
  const shared = [
    ...(scaling.schedules.length === 0 ? [] : [`It begins at ${day}, 00:00 UTC.`]),
    `A new gateway is ready after ${span(startupMs)}, holds at most ${grouped(gateway.connectionsPerGateway)} connections and admits ${grouped(gateway.acceptRatePerSecond)} a second; new connections go by ${balancing.algorithm}.`,
    `A client stays ${span(STAY_MS)} on average before another takes its place. One that is refused tries again within 2 s; those that lose their connection all at once come back no faster than the gateways admit them.`,
    `ChatCluster decides every ${span(scaling.intervalMs)} from what all gateways tell it, and moves connections away before a gateway goes, at most ${grouped(drain.maxConnectionsPerSecond)} a second.`,
    ...metricAssumptions(cluster, messagesPerSecond),
    ...(longPolling === null
      ? []
      : [
          `All clients have WebSockets: the farm of spec.longPolling is a ChatCluster of its own, which is simulated by itself (kubectl get chat ${NAMES.longPollFarm(cluster.name)} -o yaml).`,
        ]),
  ];
  if (against.length === 0) return shared;
  const blind = profile.blind(durationMs);
  return [
    ...shared,
    `All have the same clients and gateways, ${perGateway} connections a gateway as their target, minReplicas ${scaling.minReplicas} and maxReplicas ${grouped(scaling.maxReplicas)}. Standby, schedules, look-ahead, rebalancing and metrics are ours alone.`,
    ...against.map(
      (peer) => `${RULES[peer]} When it takes some away, ${KILLS[peer]}: until then they take no new connection and keep their own.`,
    ),
    ...(blind === null
      ? []
      : [
          `From ${span(blind.from)} to ${span(blind.until)} Prometheus has no series of the gateways; ChatCluster and Knative ask the gateways themselves.`,
        ]),
  ];
}
