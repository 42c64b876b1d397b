import { afterEach, beforeEach, describe } from 'vitest';
import type { Fleet } from '../../operator/fleet/fleet.ts';
import { commandsContract } from './fleet/commands.ts';
import { drainContract } from './fleet/drain.ts';
import { lifeContract } from './fleet/life.ts';
import { shedContract } from './fleet/shed.ts';

/** One implementation under test, with clients that connect to it, come back when they are cut off, and move when they are asked to. */
export interface FleetHarness {
  readonly fleet: Fleet;
  /** The clients, as they see it themselves. */
  readonly clients: FleetClients;
  /** The fleet's wall clock, ms. */
  now(): number;
  /** Lets the fleet's time go on until the condition holds; rejects, naming it, when it takes far too long. */
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
  /** From now on gateways are created with other settings. */
  changeSettings(): void;
  /** Ends a gateway without a word. */
  crash(gateway: string): void;
  /** A gateway answers nothing any more, though it is there; `thaw` ends that. */
  freeze(gateway: string): void;
  thaw(gateway: string): void;
  /** Somebody else tells a gateway to stop. */
  terminate(gateway: string): void;
  /** Ends all that the harness started. */
  stop(): Promise<void>;
}

export interface FleetClients {
  /** So many more; resolves when each has a connection. */
  connect(count: number): Promise<void>;
  /** Connections on this gateway now. */
  on(gateway: string): number;
  /** How often a client was asked to move. */
  asked(): Promise<number>;
  /** How often a client that was asked had moved. */
  moved(): number;
  /** How many lost their connection because a drain's time was over or their gateway was deleted. */
  cutOff(): number;
}

/** Runs every guarantee of `Fleet` on one implementation. */
export function fleetContract(name: string, makeHarness: () => Promise<FleetHarness>): void {
  describe(`fleet contract: ${name}`, () => {
    const context = {} as { harness: FleetHarness };
    const harness = () => context.harness;

    beforeEach(async () => {
      context.harness = await makeHarness();
    });
    afterEach(() => context.harness.stop());

    lifeContract(harness);
    commandsContract(harness);
    drainContract(harness);
    shedContract(harness);
  });
}
