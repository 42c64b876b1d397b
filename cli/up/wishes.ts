import type { Outcome } from '../../operator/console/console.ts';
import type { GatewayAction } from '../../operator/console/routes.ts';
import type { Operator } from '../../operator/loop/operator.ts';

/** How the console meets what people want done to a gateway: drains through the operator, which has them wait for room; a kill at once. */
export function wishes(
  operator: Pick<Operator, 'requestDrain' | 'cancelDrain' | 'status'>,
  fleet: { kill(gateway: string): boolean },
): (action: GatewayAction, gateway: string) => Promise<Outcome> {
  const doIt = (action: GatewayAction, gateway: string): boolean => {
    switch (action) {
      case 'drain':
        return operator.requestDrain(gateway);
      case 'uncordon':
        return operator.cancelDrain(gateway);
      case 'kill':
        return fleet.kill(gateway);
    }
  };
  return async (action, gateway) => {
    if (doIt(action, gateway)) return { kind: 'done' };
    const names = (operator.status()?.gateways ?? [])
      .filter(({ state }) => state !== 'dead' && state !== 'terminating')
      .map(({ name }) => name);
    const there = names.length === 0 ? 'none is there now' : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
    return { kind: 'refused', status: 404, reason: `There is no gateway "${gateway}"; ${there}.` };
  };
}
