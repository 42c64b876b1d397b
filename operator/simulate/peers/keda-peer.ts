import { emptyHpaMemory, externalMetricReplicas, hpaBehaviour, SYNC_MS } from './hpa.ts';
import { GRACE_MS } from './hpa-peer.ts';
import { lostAsZero } from './keda.ts';
import type { Peer, PeerSettings, Sight } from './peer.ts';
import { Prometheus } from './prometheus.ts';

/** KEDA with its Prometheus scaler, its defaults everywhere: the HorizontalPodAutoscaler that it makes asks it at each sync. */
export class KedaPeer implements Peer {
  readonly name = 'keda';
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
    const { target, cluster } = this.#settings;
    const wanted = externalMetricReplicas(lostAsZero(this.#prometheus.sum(gateways)), replicas, target);
    const result = hpaBehaviour({ cluster, now, replicas, wanted }, this.#memory);
    this.#memory = result.memory;
    return result.replicas;
  }
}
