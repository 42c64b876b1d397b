import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '../../load/verdict.ts';
import { seededRandom } from '../../operator/simulate/random.ts';
import type { OperatorProcess } from './operator-process.ts';
import type { OperatorWorld, Subject } from './operator-world.ts';

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly clients: number;
  /** Told what goes on. */
  readonly say: (line: string) => void;
}

/** What a run ended with. */
export interface KillResult {
  readonly verdict: Verdict;
  /** Steps that were done meanwhile. */
  readonly steps: number;
  /** From a kill until another operator held the lease, the longest, ms. */
  readonly longestTakeoverMs: number;
}

/** What is asked of the ChatCluster, over and over: more gateways, other settings, fewer, and other settings again. */
const STEPS = [
  { what: 'more gateways', spec: 'scaling: {minReplicas: 4}', gateways: 4 },
  { what: 'a rollout', spec: 'scaling: {minReplicas: 4}\ngateway: {heartbeat: 20s}', gateways: 4 },
  { what: 'fewer gateways', spec: 'gateway: {heartbeat: 20s}', gateways: 2 },
  { what: 'a rollout back', spec: '', gateways: 2 },
] as const;
/** As short as it may be: what matters is what another operator does when it has taken over. */
const LEASE_MS = 3_000;
const LEAST_LIFE_MS = 100;
const MOST_LIFE_MS = 3_000;

/**
 * Kills the operator that acts, again and again at random moments, while a ChatCluster with clients scales, drains and rolls out. Two run at a time, and
 * each that was killed is started anew, as a Deployment does. Ends with two gateways of the first settings, whatever happened.
 */
export async function killOperators(world: OperatorWorld, subject: Subject, options: KillOptions): Promise<KillResult> {
  const { say } = options;
  const random = seededRandom(options.seed);
  let started = 0;
  const start = () => world.operator(`killed-${++started}`, [subject], { leaseDurationMs: LEASE_MS });
  const operators = await Promise.all([start(), start()]);
  await Promise.all(operators.map((operator) => operator.ready()));
  await subject.apply('');
  await subject.settled(2);
  const over = new AbortController();
  const load = subject.load({ clients: String(options.clients), channels: '6', rate: '40' }, over.signal);
  await subject.clients(options.clients);

  let killed = 0;
  let steps = 0;
  let longestTakeoverMs = 0;
  const killing = (async () => {
    while (killed < options.kills) {
      await sleep(LEAST_LIFE_MS + random.next() * (MOST_LIFE_MS - LEAST_LIFE_MS));
      const holder = await holderOf(world, subject);
      const index = operators.findIndex(({ name }) => name === holder);
      const victim: OperatorProcess | undefined = operators[index];
      if (victim === undefined) continue;
      await victim.kill9();
      const at = performance.now();
      killed += 1;
      operators[index] = await start();
      while ([holder, undefined].includes(await holderOf(world, subject))) await sleep(50);
      longestTakeoverMs = Math.max(longestTakeoverMs, performance.now() - at);
      say(`kill ${killed} of ${options.kills}: ${holder}; another one held the lease ${Math.round(performance.now() - at)} ms later`);
    }
  })();
  // What fails in it is thrown where it is waited for.
  killing.catch(() => undefined);
  while (killed < options.kills || steps % STEPS.length !== 0) {
    const step = STEPS[steps % STEPS.length] ?? STEPS[0];
    say(`step ${steps + 1}: ${step.what}`);
    await subject.apply(step.spec);
    await subject.settled(step.gateways, 120_000);
    steps += 1;
  }
  await killing;
  await subject.settled(2, 120_000);
  over.abort();
  const verdict = await load;
  await Promise.all(operators.map((operator) => operator.stop()));
  return { verdict, steps, longestTakeoverMs };
}

/** Who holds the Lease; `undefined` when nobody does, or it can't be told. */
export async function holderOf(world: OperatorWorld, { namespace }: Subject): Promise<string | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/chatcluster-operator`;
  const lease = await world.plane.api.find<{ spec: { holderIdentity?: string } }>(path).catch(() => undefined);
  return lease?.spec.holderIdentity || undefined;
}
