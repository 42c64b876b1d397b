import type { FleetClients } from '../fakes/fleet-clients.ts';
import { until } from '../servers/until.ts';
import type { Subject } from './operator-world.ts';

const WAIT_MS = 60_000;
const AT_ONCE = 50;

/** How far above the mean the operator lets a gateway get, percent. */
export const MAX_SKEW = 20;

export type Algorithm = 'RoundRobin' | 'LeastConnections' | 'Hash';

export interface SpreadOptions {
  /** Without it the operator moves nobody, so that what is seen is the proxy's work alone. */
  readonly rebalance?: boolean;
  readonly movesPerSecond?: number;
}

/** A ChatCluster whose connections a proxy spreads by this algorithm: so many gateways are to be. */
export async function specify(
  chat: Subject,
  algorithm: Algorithm,
  gateways: number,
  { rebalance = false, movesPerSecond = 200 }: SpreadOptions = {},
): Promise<void> {
  await chat.apply(`
gateway: {connectionsPerGateway: 1000, acceptRatePerSecond: 1000}
balancing: {algorithm: ${algorithm}}
rebalance: {enabled: ${rebalance}, maxSkew: ${MAX_SKEW}}
scaling: {minReplicas: ${gateways}, maxReplicas: 8}
drain: {timeout: 60s, maxConnectionsPerSecond: ${movesPerSecond}}`);
}

/** As `specify`; resolves when there are so many. */
export async function settle(chat: Subject, algorithm: Algorithm, gateways: number, options?: SpreadOptions): Promise<void> {
  await specify(chat, algorithm, gateways, options);
  await chat.settled(gateways);
}

/** Not all in one moment: a machine with few cores would be busy for longer than a client waits. */
export async function connect(clients: FleetClients, count: number): Promise<void> {
  for (let left = count; left > 0; left -= AT_ONCE) await clients.connect(Math.min(AT_ONCE, left));
}

export interface Spread {
  /** Of each gateway that is there. */
  readonly counts: readonly number[];
  readonly total: number;
  /** How far the fullest is above the mean, percent. */
  readonly skew: number;
}

export async function spread(chat: Subject, clients: FleetClients): Promise<Spread> {
  const pods = await chat.pods();
  const counts = pods.map(({ metadata }) => clients.on(metadata.name));
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { counts, total, skew: (Math.max(...counts) / (total / counts.length) - 1) * 100 };
}

/** Once nobody has moved for some rounds of the operator. */
export async function atRest(chat: Subject, clients: FleetClients): Promise<Spread> {
  let moves = -1;
  await until(
    'nobody moves any more',
    WAIT_MS,
    async () => {
      if (clients.moved() > 0 && clients.moved() === moves) return true;
      moves = clients.moved();
      return undefined;
    },
    3_000,
  );
  return spread(chat, clients);
}
