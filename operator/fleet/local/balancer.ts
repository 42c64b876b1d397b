import { createHash } from 'node:crypto';
import type { BalancingAlgorithm } from '../../api/spec.ts';

/** A gateway that takes connections. */
export interface Candidate {
  readonly name: string;
  /** Sockets handed to it that have not closed. */
  readonly connections: number;
  /** It would refuse one more now: its capacity or its accept rate is used up. Chosen only when all are. */
  readonly full: boolean;
}

export interface Balancing {
  readonly algorithm: BalancingAlgorithm;
  /** How far above the mean `Hash` lets a gateway get, a fraction of the mean. */
  readonly maxSkew: number;
}

export interface Choice {
  /** What `Hash` hashes: the session, or else the client's address. */
  readonly key: string;
  /** Grows by one with each choice: whose turn it is with `RoundRobin`, and among equals. */
  readonly turn: number;
}

/** The gateway that gets the next connection; `null` when there is none. `candidates` in the same order each time. */
export function pick<T extends Candidate>(candidates: readonly T[], { algorithm, maxSkew }: Balancing, { key, turn }: Choice): T | null {
  const free = candidates.filter((candidate) => !candidate.full);
  const among = free.length > 0 ? free : candidates;
  switch (algorithm) {
    case 'RoundRobin':
      return among[turn % among.length] ?? null;
    case 'LeastConnections':
      return leastConnections(among, turn);
    case 'Hash':
      return hashed(among, key, maxSkew);
  }
}

/** Equals take turns, so that a burst on empty gateways spreads. */
function leastConnections<T extends Candidate>(among: readonly T[], turn: number): T | null {
  let least: T | null = null;
  for (let i = 0; i < among.length; i++) {
    const candidate = among[(turn + i) % among.length];
    if (candidate !== undefined && (least === null || candidate.connections < least.connections)) least = candidate;
  }
  return least;
}

/**
 * Rendezvous hashing with bounded load: each key ranks the gateways in an order of its own and takes the first that is not
 * above (1 + maxSkew) × the mean. A gateway that comes or goes changes only the keys that it wins or loses.
 */
function hashed<T extends Candidate>(among: readonly T[], key: string, maxSkew: number): T | null {
  const total = among.reduce((sum, { connections }) => sum + connections, 0);
  const bound = Math.ceil(((total + 1) / among.length) * (1 + maxSkew));
  let first: T | null = null;
  let highest = -1;
  for (const candidate of among) {
    if (candidate.connections >= bound) continue;
    const score = scoreOf(key, candidate.name);
    if (score > highest) {
      first = candidate;
      highest = score;
    }
  }
  return first;
}

/** 48 bits of a hash of both. */
function scoreOf(key: string, name: string): number {
  return createHash('sha1').update(`${name}\n${key}`).digest().readUIntBE(0, 6);
}
