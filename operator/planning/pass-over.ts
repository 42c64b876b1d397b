import type { GatewayView } from '../fleet/fleet.ts';
import type { Draft } from './draft.ts';
import { isAccepting, roomIn } from './roles.ts';

/** One that answered a shorter time ago is unreachable to others, who know it then and lead nobody there, ms. */
const SILENT_MS = 3_000;

/**
 * Keeps newcomers away from gateways that don't answer: whoever leads clients may take much longer to notice that one is lost, and those who come back from it
 * would be led to it again. One that answers again is opened by `steer`.
 *
 * That a gateway doesn't answer the operator doesn't mean that it serves nobody: the operator itself may be cut off. So this is done only as long as
 * at least as many others take connections, and have room. All that are passed over together are never more than half.
 */
export function passOver(draft: Draft): void {
  const { snapshot, roles, begun, steering } = draft;
  const unreachable = snapshot.gateways.filter(({ phase }) => phase === 'unreachable');
  const silent = unreachable.filter((gateway) => isSilent(gateway, snapshot.now));
  if (silent.length === 0) return;
  const staying = [...roles.current, ...roles.outdated].filter((gateway) => !begun.some((victim) => victim.gateway === gateway));
  const open = staying.filter(isAccepting);
  if (open.length < unreachable.length || roomIn(open) === 0) return;
  for (const gateway of silent)
    if (staying.includes(gateway) && !gateway.cordoned)
      steering.push({ kind: 'cordon', gateway: gateway.name, reason: 'it does not answer' });
}

const isSilent = ({ observedAt }: GatewayView, now: number): boolean => observedAt === null || now - observedAt >= SILENT_MS;
