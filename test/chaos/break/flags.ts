import type { Break } from '../options.ts';

/** Node's flags for gateways in which a guarantee is broken on purpose; none for whole ones. */
export function gatewayFlags(broken: Break | null): readonly string[] {
  return broken === null ? [] : ['--import', `${new URL('./in-gateway.ts', import.meta.url).href}?${broken}`];
}
