import { describe, expect, it } from 'vitest';
import { lackOf, rightsFor } from '../../../../../gateway/broker/redis/rights.ts';

describe('the rights that a user needs', () => {
  it.each([
    { isCluster: false, isReplicated: false, without: ['WAIT 1 1', 'CLUSTER SLOTS', 'ASKING'], has: [] },
    { isCluster: true, isReplicated: false, without: ['WAIT 1 1'], has: ['CLUSTER SLOTS', 'ASKING'] },
    { isCluster: false, isReplicated: true, without: ['CLUSTER SLOTS', 'ASKING'], has: ['WAIT 1 1'] },
    { isCluster: true, isReplicated: true, without: [], has: ['WAIT 1 1', 'CLUSTER SLOTS', 'ASKING'] },
  ])('are as many as are used (a Cluster: $isCluster, replicated: $isReplicated)', ({ isCluster, isReplicated, without, has }) => {
    const rights = rightsFor(isCluster, isReplicated);
    expect(rights).toEqual(expect.arrayContaining([...has, 'HSET * f v', 'SPUBLISH * text', 'SSUBSCRIBE *']));
    for (const right of without) expect(rights).not.toContain(right);
  });

  it('are not lacking when none is denied', () => expect(lackOf(rightsFor(true, true), [], 'chat:')).toBeNull());

  it('are named when they lack', () => {
    expect(lackOf(['TIME', 'HSET * f v', 'CLUSTER SLOTS', 'WAIT 1 1'], [1, 2, 3], 'chat:')).toEqual({
      kind: 'permission',
      retry: false,
      text: 'Its user may not run HSET, CLUSTER SLOTS, WAIT on keys and channels that begin with "chat:"; docs/operations.md has the rule to give it.',
    });
  });
});
