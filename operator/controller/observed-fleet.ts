import type { Action, Fleet, GatewayView } from '../fleet/fleet.ts';

/** Sees how the actions on a fleet go. */
export interface FleetObserver {
  done(action: Action): void;
  failed(action: Action, error: unknown): void;
}

/** A fleet whose actions are seen by somebody; otherwise it is the fleet itself. */
export class ObservedFleet implements Fleet {
  readonly #fleet: Fleet;
  readonly #observer: FleetObserver;

  constructor(fleet: Fleet, observer: FleetObserver) {
    this.#fleet = fleet;
    this.#observer = observer;
  }

  list(): Promise<readonly GatewayView[]> {
    return this.#fleet.list();
  }

  problems(): readonly string[] {
    return this.#fleet.problems();
  }

  revision(): string {
    return this.#fleet.revision();
  }

  async apply(action: Action): Promise<void> {
    try {
      await this.#fleet.apply(action);
    } catch (error) {
      this.#observer.failed(action, error);
      throw error;
    }
    this.#observer.done(action);
  }

  watch(changed: () => void, signal: AbortSignal): void {
    this.#fleet.watch(changed, signal);
  }
}
