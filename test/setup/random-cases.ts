import fc from 'fast-check';

/** So many times as many cases as usual, and others each time; 0: the usual ones. `npm run explore` sets it. */
const EXPLORE = Number(process.env.EXPLORE ?? 0);

/** `usual` in the tests of a change, more when somebody explores. */
export const runs = (usual: number): number => usual * Math.max(1, EXPLORE);

const USUAL = 100;
fc.configureGlobal({ numRuns: runs(USUAL), ...(EXPLORE === 0 && { seed: 1 }) });

export default fc;
