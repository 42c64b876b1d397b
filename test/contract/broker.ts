import { afterEach, beforeEach, describe } from 'vitest';
import type { Broker, HistoryLimits } from '../../gateway/broker/broker.ts';
import { historyContract } from './broker/history.ts';
import { lifeContract } from './broker/life.ts';
import { liveContract } from './broker/live.ts';
import { presenceContract } from './broker/presence.ts';
import { publishContract } from './broker/publish.ts';

/** What the contract is run with; a harness makes its broker with these limits. */
export const LIMITS = {
  history: { maxMessages: 100, maxAgeMs: 60_000 },
  /** How long a message id is remembered: longer than history. */
  idsMs: 120_000,
  /** How long an unused channel that holds nothing lives on. */
  idleMs: 300_000,
} as const;

/** One implementation under test: a store of channels that several gateways share. */
export interface BrokerHarness {
  /** Another gateway's broker on the same channels. */
  open(): Promise<Broker>;
  /** Lets the store's time go on, and what has expired expire. A store whose clock can't be moved waits. */
  advance(ms: number): Promise<void>;
  setLimits(limits: HistoryLimits): Promise<void>;
  /** Ends all that the harness started, open brokers too. */
  stop(): Promise<void>;
}

/** What each part of the contract is given. */
export interface Context {
  harness: BrokerHarness;
  /** Two gateways' brokers. */
  a: Broker;
  b: Broker;
}

/** Runs every guarantee of `Broker` on one implementation. */
export function brokerContract(name: string, makeHarness: () => Promise<BrokerHarness>): void {
  describe(`broker contract: ${name}`, () => {
    const context = {} as Context;

    beforeEach(async () => {
      context.harness = await makeHarness();
      context.a = await context.harness.open();
      context.b = await context.harness.open();
    });
    afterEach(() => context.harness.stop());

    publishContract(context);
    historyContract(context);
    liveContract(context);
    presenceContract(context);
    lifeContract(context);
  });
}
