import { describe, expect, it } from 'vitest';
import { Ring } from '../../../../../gateway/broker/memory/ring.ts';
import fc from '../../../../setup/random-cases.ts';

describe('Ring', () => {
  it('is an array whose front can be taken off', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('shift' as const), fc.nat()), { maxLength: 300 }), (operations) => {
        const ring = new Ring<number>();
        const model: number[] = [];
        for (const operation of operations) {
          if (operation === 'shift') expect(ring.shift()).toBe(model.shift());
          else {
            ring.push(operation);
            model.push(operation);
          }
          expect(ring.length).toBe(model.length);
        }
        for (let i = -1; i <= model.length; i++) expect(ring.at(i)).toBe(model[i]);
      }),
    );
  });
});
