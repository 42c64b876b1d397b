import { Flusher } from '../../gateway/channels/flusher.ts';
import { Hub, type HubOptions } from '../../gateway/channels/hub.ts';
import { TailBudget, type TailLimits } from '../../gateway/channels/tail.ts';
import { type Counters, newCounters } from '../../gateway/counters.ts';
import { Latency } from '../../gateway/latency.ts';
import { FlakyBroker } from './flaky-broker.ts';
import { silentLog } from './silent-log.ts';

/** A hub on a flaky broker, with the clock of (fake) timers. */
export interface TestHub {
  readonly hub: Hub;
  readonly broker: FlakyBroker;
  readonly counters: Counters;
  readonly budget: TailBudget;
}

export interface TestHubOptions {
  readonly historyMessages?: number;
  readonly tail?: TailLimits;
  readonly pageMessages?: number;
  readonly hub?: HubOptions;
}

export const HUB_OPTIONS: HubOptions = { lingerMs: 5_000, headCheckMs: 2_000, headChecksPerSecond: 10, returnChecksPerSecond: 50 };

/** Starts one; `hub.close()` ends it. */
export function startHub(options: TestHubOptions = {}): TestHub {
  const broker = new FlakyBroker(options.historyMessages);
  const counters = newCounters();
  const budget = new TailBudget(1_000_000);
  const now = () => performance.now();
  const context = {
    broker,
    counters,
    flusher: new Flusher({ now, maxDelayMs: 25 }),
    latency: new Latency(),
    log: silentLog,
    tail: options.tail ?? { maxMessages: 100, maxBytes: 100_000 },
    budget,
    pageMessages: options.pageMessages ?? 50,
    now,
    wallClock: () => Date.now(),
    random: () => 0.5,
  };
  const hub = new Hub(context, options.hub ?? HUB_OPTIONS);
  hub.start();
  return { hub, broker, counters, budget };
}
