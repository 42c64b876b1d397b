import type { SimulatedGateway } from '../../fleet/simulated/gateway.ts';
import { emptyHpaMemory, externalMetricReplicas, hpaBehaviour, podsMetricReplicas, SYNC_MS } from './hpa.ts';
import { lostAsZero } from './keda.ts';
import type { Peer, PeerSettings, Sight } from './peer.ts';
import { Prometheus } from './prometheus.ts';

/** `terminationGracePeriodSeconds` when nobody says another, ms. */
const GRACE_MS = 30_000;

/** What is asked for at a sync: `null` when the metric is not there. */
type Ask = (prometheus: Prometheus, gateways: readonly SimulatedGateway[], replicas: number, target: number) => number | null;

const ASK: Readonly<Record<'hpa' | 'keda', Ask>> = {
  hpa(prometheus, gateways, replicas, target) {
    const pods = gateways
      .filter(({ phase }) => phase === 'starting' || phase === 'ready')
      .map((gateway) => ({ pending: gateway.phase === 'starting', value: prometheus.connectionsOf(gateway) }));
    return podsMetricReplicas(pods, replicas, target);
  },
  keda: (prometheus, gateways, replicas, target) => externalMetricReplicas(lostAsZero(prometheus.sum(gateways)), replicas, target),
};

/**
 * The HorizontalPodAutoscaler with its defaults everywhere: with a Pods metric from Prometheus, or as KEDA makes one, which asks KEDA's Prometheus scaler at
 * each sync.
 */
export class HpaPeer implements Peer {
  readonly name: 'hpa' | 'keda';
  readonly graceMs = GRACE_MS;
  readonly #settings: PeerSettings;
  readonly #prometheus = new Prometheus();
  #nextAt = 0;
  #memory = emptyHpaMemory;

  constructor(name: 'hpa' | 'keda', settings: PeerSettings) {
    this.name = name;
    this.#settings = settings;
  }

  second({ now, replicas, gateways, blind }: Sight): number {
    this.#prometheus.second(gateways, blind);
    if (now < this.#nextAt) return replicas;
    this.#nextAt = now + SYNC_MS;
    const { target, cluster } = this.#settings;
    const wanted = ASK[this.name](this.#prometheus, gateways, replicas, target);
    if (wanted === null) return replicas;
    const result = hpaBehaviour({ cluster, now, replicas, wanted }, this.#memory);
    this.#memory = result.memory;
    return result.replicas;
  }
}
