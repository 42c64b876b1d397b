import { GATEWAY_ENV } from '../../../protocol/gateway-env.ts';
import { GATEWAY_CONTAINER } from '../../api/names.ts';
import type { Pod } from './pod.ts';

/** A Pod with that of its spec which is read again: the rest is most of it, and a thousand of them are known at once. */
export function slimPod({ spec: { nodeName, containers }, ...rest }: Pod): Pod {
  const env = containers.find(({ name }) => name === GATEWAY_CONTAINER)?.env ?? [];
  return {
    ...rest,
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      containers: [{ name: GATEWAY_CONTAINER, env: env.filter(({ name }) => name === GATEWAY_ENV.maxConnections) }],
    },
  };
}
