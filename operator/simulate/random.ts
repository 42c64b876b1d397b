/** Random numbers that are the same for the same seed. */
export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number;
  /** How many of `n` independent chances of probability `p` come true; exact for few, by the normal distribution for many. */
  binomial(n: number, p: number): number;
}

const EXACT_UP_TO = 32;

/** A generator (mulberry32) that begins at `seed`. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const binomial = (n: number, p: number): number => {
    if (n <= EXACT_UP_TO) {
      let hits = 0;
      for (let i = 0; i < n; i++) if (next() < p) hits += 1;
      return hits;
    }
    const mean = n * p;
    return Math.min(n, Math.max(0, Math.round(mean + normal() * Math.sqrt(mean * (1 - p)))));
  };
  return { next, binomial };
}
