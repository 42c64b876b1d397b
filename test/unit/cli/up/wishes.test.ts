import { describe, expect, it } from 'vitest';
import { wishes } from '../../../../cli/up/wishes.ts';
import type { GatewayLine } from '../../../../operator/status/status.ts';
import { clusterStatus, gatewayLine } from '../../../fakes/console.ts';

/** What is asked of an operator and a fleet that know these gateways. */
function asking(...gateways: readonly GatewayLine[]) {
  const asked: string[] = [];
  const ask = (what: string) => (gateway: string) => {
    if (!gateways.some(({ name }) => name === gateway)) return false;
    asked.push(`${what} ${gateway}`);
    return true;
  };
  const operator = { requestDrain: ask('drain'), cancelDrain: ask('take back'), status: () => clusterStatus({ gateways }) };
  return { asked, act: wishes(operator, { kill: ask('kill') }) };
}

describe('wishes', () => {
  it.each([
    ['drain', 'drain g'],
    ['uncordon', 'take back g'],
    ['kill', 'kill g'],
  ] as const)('has %s done', async (action, want) => {
    const { asked, act } = asking(gatewayLine({ name: 'g' }));
    expect(await act(action, 'g')).toEqual({ kind: 'done' });
    expect(asked).toEqual([want]);
  });

  it.each([
    ['that none is there', [], 'There is no gateway "x"; none is there now.'],
    ['the one that is there', [gatewayLine({ name: 'g' })], 'There is no gateway "x"; there is g.'],
    [
      'those that are there, not those that are as good as gone',
      [gatewayLine({ name: 'a' }), gatewayLine({ name: 'b', state: 'dead' }), gatewayLine({ name: 'c', state: 'draining' })],
      'There is no gateway "x"; there are a, c.',
    ],
  ])('says %s', async (_, gateways, reason) => {
    expect(await asking(...gateways).act('drain', 'x')).toEqual({ kind: 'refused', status: 404, reason });
  });
});
