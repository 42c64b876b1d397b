import { type Random, seededRandom } from '../random.ts';
import { begunKpa, type KpaMemory, kpa, PANIC_WINDOW_S, STABLE_WINDOW_S, sampledTotal, TICK_MS } from './knative.ts';
import type { Peer, PeerSettings, Sight } from './peer.ts';

/** A revision's `timeoutSeconds` when nobody says another, which Knative makes the grace period of its Pods, ms. */
const GRACE_MS = 300_000;

/** The Knative Pod Autoscaler on concurrency, its defaults everywhere but the target. Its activator holds those for whom there is no room, and counts them. */
export class KnativePeer implements Peer {
  readonly name = 'knative';
  readonly graceMs = GRACE_MS;
  readonly #settings: PeerSettings;
  readonly #random: Random;
  /** Totals of the last seconds, newest last; `null` where there were no Pods. */
  readonly #totals: (number | null)[] = [];
  #nextAt = 0;
  #memory: KpaMemory | null = null;

  constructor(settings: PeerSettings, seed: number) {
    this.#settings = settings;
    this.#random = seededRandom(seed);
  }

  second({ now, replicas, gateways, waiting }: Sight): number {
    const pods = gateways.flatMap(({ phase, held, readyAt }) =>
      phase === 'ready' ? [{ connections: held, readyAt: readyAt ?? now }] : [],
    );
    const sampled = sampledTotal(pods, now, this.#random);
    this.#totals.push(sampled === null ? null : sampled + waiting);
    if (this.#totals.length > STABLE_WINDOW_S) this.#totals.shift();
    if (now < this.#nextAt) return replicas;
    this.#nextAt = now + TICK_MS;
    const stable = averageOf(this.#totals);
    const panic = averageOf(this.#totals.slice(-PANIC_WINDOW_S));
    const result = kpa(
      {
        now,
        ready: pods.length,
        observed: stable === null || panic === null ? null : { stable, panic },
        replicas,
        target: this.#settings.target,
        limits: this.#settings.cluster.spec.scaling,
      },
      this.#memory ?? begunKpa(now, pods.length),
    );
    this.#memory = result.memory;
    return result.replicas;
  }
}

/** Of the seconds that have a total; `null` when none has. */
function averageOf(totals: readonly (number | null)[]): number | null {
  let [sum, count] = [0, 0];
  for (const total of totals) {
    if (total === null) continue;
    sum += total;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}
