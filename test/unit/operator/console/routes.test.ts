import { expect, it } from 'vitest';
import { type Route, routeOf } from '../../../../operator/console/routes.ts';

const table: readonly (readonly [method: string, url: string, want: Route])[] = [
  ['GET', '/api/status', { kind: 'status' }],
  ['GET', '/api/status?x=/api/stream', { kind: 'status' }],
  ['GET', '/api/stream', { kind: 'stream' }],
  ['GET', '/api/history', { kind: 'history' }],
  ['GET', '/api/clients', { kind: 'clients' }],
  ['POST', '/api/clients', { kind: 'set-clients' }],
  ['POST', '/api/gateways/local-1/drain', { kind: 'act', action: 'drain', gateway: 'local-1' }],
  ['POST', '/api/gateways/a%20b/kill', { kind: 'act', action: 'kill', gateway: 'a b' }],
  ['POST', '/api/gateways/%/uncordon', { kind: 'act', action: 'uncordon', gateway: '%' }],
  ['GET', '/api/gateways/local-1/kill', { kind: 'wrong-method', allow: 'POST' }],
  ['DELETE', '/api/clients', { kind: 'wrong-method', allow: 'GET, POST' }],
  ['POST', '/api/status', { kind: 'wrong-method', allow: 'GET' }],
  ['POST', '/api/gateways/local-1/explode', { kind: 'not-found' }],
  ['POST', '/api/gateways/a/b/kill', { kind: 'not-found' }],
  ['GET', '/api/constructor', { kind: 'not-found' }],
  ['GET', '/constructor', { kind: 'not-found' }],
];
it.each(table)('%s %s', (method, url, want) => {
  expect(routeOf(method, url)).toEqual(want);
});
