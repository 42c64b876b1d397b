import { emptyHpaMemory, hpaBehaviour, podsMetricReplicas, SYNC_MS } from './hpa.ts';
import type { Peer, PeerSettings, Sight } from './peer.ts';
import { Prometheus } from './prometheus.ts';

/** `terminationGracePeriodSeconds` when nobody says another, ms. */
export const GRACE_MS = 30_000;

/** The HorizontalPodAutoscaler with a Pods metric from Prometheus, its defaults everywhere. */
export class HpaPeer implements Peer {
  readonly name = 'hpa';
  readonly graceMs = GRACE_MS;
  readonly #settings: PeerSettings;
  readonly #prometheus = new Prometheus();
  #nextAt = 0;
  #memory = emptyHpaMemory;

  constructor(settings: PeerSettings) {
    this.#settings = settings;
  }

  second({ now, replicas, gateways, blind }: Sight): number {
    this.#prometheus.second(gateways, blind);
    if (now < this.#nextAt) return replicas;
    this.#nextAt = now + SYNC_MS;
    const pods = gateways
      .filter(({ phase }) => phase === 'starting' || phase === 'ready')
      .map((gateway) => ({ pending: gateway.phase === 'starting', value: this.#prometheus.connectionsOf(gateway) }));
    const { target, cluster } = this.#settings;
    const wanted = podsMetricReplicas(pods, replicas, target);
    if (wanted === null) return replicas;
    const result = hpaBehaviour({ cluster, now, replicas, wanted }, this.#memory);
    this.#memory = result.memory;
    return result.replicas;
  }
}
