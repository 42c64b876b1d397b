import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayFlags } from './break/flags.ts';
import { check } from './checker/check.ts';
import type { Verdict } from './checker/verdict.ts';
import { Crowd } from './clients/crowd.ts';
import type { Figures } from './clients/figures.ts';
import { Network } from './clients/network.ts';
import { Draw } from './draw.ts';
import { readTheEnd } from './end.ts';
import { Fleet } from './fleet/fleet.ts';
import { Nemesis } from './nemesis/nemesis.ts';
import type { PlannedFault } from './nemesis/plan.ts';
import type { ChaosOptions } from './options.ts';
import { type Plan, planRun } from './plan-run.ts';
import { Recorder } from './recorder.ts';
import type { OpenScenario, Scenario } from './redis/scenario.ts';
import { scenarioOf } from './redis/scenarios.ts';

/** Hears how a run goes. */
export interface RunListener {
  /** The next part of the run begins. */
  phase(text: string): void;
  /** A fault happened; null: there was nothing that it could be done to. Times in ms since the run began. */
  fault(at: number, fault: PlannedFault, target: string | null): void;
}

/** What a run has shown. */
export interface RunResult {
  readonly verdict: Verdict;
  readonly figures: Figures;
  /** How often each fault happened. */
  readonly faults: ReadonlyMap<string, number>;
  readonly gatewaysStarted: number;
  /** Names of gateways that ended by themselves, and the last that they wrote. */
  readonly crashes: readonly { readonly gateway: string; readonly output: string }[];
  /** How long the end took until every client had everything, ms. */
  readonly settledMs: number;
  /** What was not quiet even then; null when all was. */
  readonly unquiet: string | null;
  /** Where the gateways' logs are kept; null when they were removed, for nothing was wrong. */
  readonly folder: string | null;
}

/** Runs gateways, clients and a nemesis against a real Redis, and judges what the clients saw. Rejects when the run itself can't go on, or is aborted. */
export async function runChaos(options: ChaosOptions, listener: RunListener, signal: AbortSignal): Promise<RunResult> {
  const scenario = scenarioOf(options);
  const plan = planRun(options);
  listener.phase(`starting Redis (${options.redis})`);
  const open = await scenario.open(options, (text) => listener.phase(text));
  const folder = mkdtempSync(join(tmpdir(), 'chatcluster-chaos-'));
  const fleet = new Fleet({
    folder,
    execArgv: gatewayFlags(options.break),
    env: { ...GATEWAY_ENV, ...settingsOf(options) },
    settle: (name) => open.redis.settle(name),
    leave: (name) => open.redis.leave(name),
  });
  let keep = false;
  try {
    signal.throwIfAborted();
    const result = await new Run(options, plan, scenario, open, fleet, listener).run(signal);
    keep = options.break === null && !isWhole(result);
    return { ...result, folder: keep ? folder : null };
  } catch (error) {
    keep = !signal.aborted;
    if (keep) listener.phase(`the gateways' logs are in ${folder}`);
    throw error;
  } finally {
    await fleet.stop();
    await open.redis.stop();
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Nothing is wrong. */
export function isWhole({ verdict, crashes, unquiet }: Pick<RunResult, 'verdict' | 'crashes' | 'unquiet'>): boolean {
  return Object.keys(verdict.found).length === 0 && crashes.length === 0 && unquiet === null;
}

/** Gateways notice what is dead within seconds, and never limit the load. */
const GATEWAY_ENV = {
  heartbeatMs: '2000',
  pollTimeoutMs: '5000',
  drainTimeoutMs: '2000',
  messagesPerSecond: '1000',
  acceptRatePerSecond: '1000',
  channelsPerConnection: '2000',
  logLevel: 'info',
} as const;

function settingsOf({ history, durability }: ChaosOptions): { readonly historyMessages: string; readonly durability: string } {
  return { historyMessages: String(history), durability };
}

class Run {
  readonly #options: ChaosOptions;
  readonly #plan: Plan;
  readonly #scenario: Scenario;
  readonly #open: OpenScenario;
  readonly #fleet: Fleet;
  readonly #listener: RunListener;
  readonly #recorder = new Recorder();
  readonly #draw: Draw;
  readonly #crowd: Crowd;
  #beganAt = 0;

  constructor(options: ChaosOptions, plan: Plan, scenario: Scenario, open: OpenScenario, fleet: Fleet, listener: RunListener) {
    this.#options = options;
    this.#plan = plan;
    this.#scenario = scenario;
    this.#open = open;
    this.#fleet = fleet;
    this.#listener = listener;
    this.#draw = new Draw(options.seed, 'run');
    this.#crowd = new Crowd(plan.load, () => fleet.serving, this.#draw, this.#recorder);
  }

  async run(signal: AbortSignal): Promise<Omit<RunResult, 'folder'>> {
    const { gateways, durationMs, settleMs, logFile } = this.#options;
    const crowd = this.#crowd;
    try {
      this.#listener.phase(`starting ${gateways} gateways`);
      await this.#fleet.start(gateways);
      this.#listener.phase(`bringing ${this.#plan.load.persons.length} clients`);
      crowd.begin();
      await this.#untilAllAreThere(signal);
      this.#beganAt = this.#recorder.now();
      this.#listener.phase(`load and faults for ${durationMs / 1000} s`);
      const nemesis = this.#nemesis(signal);
      await Promise.all([nemesis.run(signal), this.#runLoad(signal)]);
      signal.throwIfAborted();
      this.#listener.phase('healing');
      await this.#open.redis.heal();
      await this.#fleet.heal(gateways);
      crowd.comeBack();
      this.#listener.phase('waiting until every client has everything');
      const healedAt = this.#now();
      const network = new Network(() => this.#fleet.serving, this.#draw.part('reader'));
      const { channels } = this.#plan.load;
      const { histories, unquiet } = await readTheEnd({ crowd, channels, network, settleMs, now: () => this.#recorder.now(), signal });
      const settledMs = this.#now() - healedAt;
      this.#recorder.events.push(...histories);
      this.#listener.phase(`checking ${this.#recorder.events.length} events`);
      if (logFile !== null) await this.#recorder.save(logFile);
      const crashes = this.#fleet.crashed.map(({ name, output }) => ({ gateway: name, output }));
      return {
        verdict: this.#judge(),
        figures: crowd.figures,
        faults: nemesis.counts,
        gatewaysStarted: this.#fleet.started,
        crashes,
        settledMs,
        unquiet,
      };
    } finally {
      crowd.end();
    }
  }

  #judge(): Verdict {
    const mayLose = this.#scenario.mayLose(this.#options);
    return check(this.#recorder.events, mayLose ? { lossAllowed: true, lossToldTo: 'witnesses' } : { lossAllowed: false });
  }

  #nemesis(signal: AbortSignal): Nemesis {
    return new Nemesis({
      seed: this.#options.seed,
      plan: this.#plan.faults,
      start: (fault, draw) => this.#open.start(fault, this.#fleet, draw, signal),
      now: () => this.#now(),
      until: this.#options.durationMs,
      began: (fault, target) => {
        this.#listener.fault(this.#now(), fault, target);
        if (target !== null) {
          const lasts = fault.lastsMs > 0 ? ` for ${fault.lastsMs} ms` : '';
          this.#recorder.record({ kind: 'fault', what: `${fault.name} (${target})${lasts}` });
        }
      },
    });
  }

  async #runLoad(signal: AbortSignal): Promise<void> {
    for (const { at, person, deed } of this.#plan.load.deeds) {
      const wait = at - this.#now();
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      this.#crowd.do(person, deed);
    }
    const rest = this.#options.durationMs - this.#now();
    if (rest > 0) await sleep(rest, undefined, { signal }).catch(() => {});
  }

  /** Before anything happens, so that all streams start where nothing is missing. */
  async #untilAllAreThere(signal: AbortSignal): Promise<void> {
    const until = performance.now() + this.#options.settleMs;
    while ([...this.#crowd.places()].some(({ position }) => position === null)) {
      if (performance.now() > until) throw new Error('Not all clients could subscribe to their channels before the run began.');
      await sleep(50, undefined, { signal });
    }
  }

  /** Ms since the load began. */
  #now(): number {
    return this.#recorder.now() - this.#beganAt;
  }
}
