import type { SimulatedFleet } from '../fleet/simulated/simulated-fleet.ts';
import type { Profile } from './profiles.ts';
import type { Random } from './random.ts';

/** How long a client stays on average before another takes its place, ms. */
export const STAY_MS = 30 * 60_000;

/** The clients of a simulation: they follow their profile, come and go all the time, and have bad luck when it is due. */
export class Crowd {
  readonly #fleet: SimulatedFleet;
  readonly #profile: Profile;
  readonly #clients: number;
  readonly #durationMs: number;
  readonly #random: Random;
  #wanted: number;

  constructor(options: {
    readonly fleet: SimulatedFleet;
    readonly profile: Profile;
    readonly clients: number;
    readonly durationMs: number;
    readonly random: Random;
  }) {
    this.#fleet = options.fleet;
    this.#profile = options.profile;
    this.#clients = options.clients;
    this.#durationMs = options.durationMs;
    this.#random = options.random;
    this.#wanted = this.#at(0);
  }

  /** Clients that want to be online now. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Those of the first instant are there. */
  gather(): void {
    this.#fleet.setClients(this.#wanted);
  }

  /** What happens in the `ms` before `at` (ms from the start). */
  step(at: number, ms: number): void {
    const fleet = this.#fleet;
    this.#wanted = this.#at(at);
    fleet.leave(this.#random.binomial(fleet.connections, Math.min(1, ms / STAY_MS)));
    fleet.setClients(this.#wanted);
    const { storms, crashEveryMs } = this.#profile;
    if (storms !== null && passes(at, ms, storms.everyMs)) fleet.disconnect(Math.round(fleet.connections * storms.share));
    if (crashEveryMs !== null && passes(at, ms, crashEveryMs)) this.#crash();
  }

  #at(at: number): number {
    return Math.round(this.#clients * this.#profile.share(at, this.#durationMs));
  }

  #crash(): void {
    const running = this.#fleet.gateways().filter((gateway) => gateway.phase === 'ready');
    const victim = running[Math.floor(this.#random.next() * running.length)];
    if (victim !== undefined) this.#fleet.crash(victim.name);
  }
}

/** Whether a multiple of `every` lies in the `ms` up to `at`; the start is none. */
function passes(at: number, ms: number, every: number): boolean {
  return Math.floor(at / every) > Math.floor((at - ms) / every);
}
