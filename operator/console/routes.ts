/** What a request to the console asks for. */
export type Route =
  | { readonly kind: 'status' | 'stream' | 'history' | 'clients' }
  | Change
  | { readonly kind: 'not-found' }
  | { readonly kind: 'wrong-method'; readonly allow: string };

/** A request that changes something. */
export type Change = { readonly kind: 'set-clients' } | { readonly kind: 'act'; readonly action: GatewayAction; readonly gateway: string };

/** What people can do to a gateway. */
export type GatewayAction = 'drain' | 'uncordon' | 'kill';

const READS: Readonly<Record<string, 'status' | 'stream' | 'history' | 'clients'>> = {
  '/api/status': 'status',
  '/api/stream': 'stream',
  '/api/history': 'history',
  '/api/clients': 'clients',
};
const ACT = /^\/api\/gateways\/([^/]+)\/(drain|uncordon|kill)$/;

/** `url`: a path, perhaps with a query. */
export function routeOf(method: string, url: string): Route {
  const path = url.replace(/\?.*/s, '');
  const act = ACT.exec(path);
  if (act !== null) {
    const [, gateway = '', action] = act;
    if (method !== 'POST') return { kind: 'wrong-method', allow: 'POST' };
    return { kind: 'act', action: action as GatewayAction, gateway: decoded(gateway) };
  }
  const read = Object.hasOwn(READS, path) ? READS[path] : undefined;
  if (read === undefined) return { kind: 'not-found' };
  if (method === 'GET') return { kind: read };
  if (read === 'clients') return method === 'POST' ? { kind: 'set-clients' } : { kind: 'wrong-method', allow: 'GET, POST' };
  return { kind: 'wrong-method', allow: 'GET' };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
