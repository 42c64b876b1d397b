import { describe, expect, it } from 'vitest';
import type { KubeErrorKind } from '../../../../operator/kube/error.ts';
import { refusal } from '../../../../operator/kube/refusals.ts';

interface Case {
  readonly name: string;
  readonly status: number;
  /** As a real API server words it. */
  readonly message: string;
  readonly reason?: string;
  readonly details?: object;
  readonly want: { readonly kind: KubeErrorKind; readonly line: string };
}

const cases: Case[] = [
  {
    name: 'a quota says which, and what is missing',
    status: 403,
    reason: 'Forbidden',
    message:
      'pods "front-7" is forbidden: exceeded quota: compute, requested: limits.memory=1Gi,pods=1, used: limits.memory=8Gi,pods=8, limited: limits.memory=8Gi,pods=8',
    want: {
      kind: 'quota',
      line: 'create Pod chat/front-7: quota compute exceeded: it needs limits.memory=1Gi,pods=1, limits.memory=8Gi,pods=8 are used, the limit is limits.memory=8Gi,pods=8',
    },
  },
  {
    name: 'a quota that wants what the Pod does not say',
    status: 403,
    reason: 'Forbidden',
    message: 'pods "front-7" is forbidden: failed quota: compute: must specify limits.memory for: gateway',
    want: {
      kind: 'quota',
      line: 'create Pod chat/front-7: pods "front-7" is forbidden: failed quota: compute: must specify limits.memory for: gateway',
    },
  },
  {
    name: 'a missing right in a namespace',
    status: 403,
    reason: 'Forbidden',
    message:
      'pods is forbidden: User "system:serviceaccount:ops:chat" cannot create resource "pods" in API group "" in the namespace "chat"',
    want: {
      kind: 'forbidden',
      line: 'create Pod chat/front-7: system:serviceaccount:ops:chat has no right to create pods in namespace chat',
    },
  },
  {
    name: 'a missing right everywhere, to a subresource of another group',
    status: 403,
    reason: 'Forbidden',
    message:
      'chatclusters.chatcluster.io "front" is forbidden: User "jane" cannot patch resource "chatclusters/status" in API group "chatcluster.io" at the cluster scope',
    want: {
      kind: 'forbidden',
      line: 'create Pod chat/front-7: jane has no right to patch chatclusters/status.chatcluster.io in all namespaces',
    },
  },
  {
    name: 'a namespace that is being deleted',
    status: 403,
    reason: 'Forbidden',
    message: 'pods "front-7" is forbidden: unable to create new content in namespace chat because it is being terminated',
    details: { causes: [{ reason: 'NamespaceTerminating', message: 'namespace chat is being terminated', field: 'metadata.namespace' }] },
    want: { kind: 'forbidden', line: 'create Pod chat/front-7: its namespace is being deleted' },
  },
  {
    name: 'a pod security standard',
    status: 403,
    reason: 'Forbidden',
    message: 'pods "front-7" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    want: {
      kind: 'forbidden',
      line: 'create Pod chat/front-7: pods "front-7" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    },
  },
  {
    name: 'a webhook that says no, whatever its status',
    status: 400,
    message: 'admission webhook "images.example.com" denied the request: the registry\n is not allowed',
    want: {
      kind: 'refused-by-webhook',
      line: 'create Pod chat/front-7: admission webhook images.example.com refused it: the registry is not allowed',
    },
  },
  {
    name: 'a webhook that says no without a word',
    status: 403,
    message: 'admission webhook "images.example.com" denied the request without explanation',
    want: {
      kind: 'refused-by-webhook',
      line: 'create Pod chat/front-7: admission webhook images.example.com refused it: it gave no reason',
    },
  },
  {
    name: 'a webhook that is away',
    status: 500,
    reason: 'InternalError',
    message:
      'Internal error occurred: failed calling webhook "images.example.com": failed to call webhook: Post "https://images.ops.svc:443/v": no endpoints available for service "images"',
    want: {
      kind: 'refused-by-webhook',
      line: 'create Pod chat/front-7: admission webhook images.example.com could not be asked: failed to call webhook: Post "https://images.ops.svc:443/v": no endpoints available for service "images"',
    },
  },
  {
    name: 'an admission policy',
    status: 422,
    reason: 'Invalid',
    message: `pods "front-7" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'all' denied request: a team label is needed`,
    want: { kind: 'refused-by-webhook', line: 'create Pod chat/front-7: admission policy owners refused it: a team label is needed' },
  },
  {
    name: 'an object that exists',
    status: 409,
    reason: 'AlreadyExists',
    message: 'pods "front-7" already exists',
    want: { kind: 'already-exists', line: 'create Pod chat/front-7: pods "front-7" already exists' },
  },
  {
    name: 'an object that was changed meanwhile',
    status: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on pods "front-7": the object has been modified; please apply your changes to the latest version and try again',
    want: {
      kind: 'conflict',
      line: 'create Pod chat/front-7: Operation cannot be fulfilled on pods "front-7": the object has been modified; please apply your changes to the latest version and try again',
    },
  },
  {
    name: 'an invalid object',
    status: 422,
    reason: 'Invalid',
    message: 'Pod "front-7" is invalid: spec.containers: Required value',
    want: { kind: 'invalid', line: 'create Pod chat/front-7: Pod "front-7" is invalid: spec.containers: Required value' },
  },
  {
    name: 'credentials that are not accepted',
    status: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
    want: { kind: 'unauthorized', line: 'create Pod chat/front-7: the API server does not accept our credentials' },
  },
  {
    name: 'a server that is starting',
    status: 503,
    message: 'apiserver not ready',
    want: { kind: 'unavailable', line: "create Pod chat/front-7: the API server can't answer now (503: apiserver not ready)" },
  },
  {
    name: 'a status that nobody knows',
    status: 418,
    message: '',
    want: { kind: 'other', line: 'create Pod chat/front-7: HTTP 418' },
  },
];

describe('a refusal of the API server, in one line for people', () => {
  for (const { name, status, message, reason, details, want } of cases) {
    it(name, () => {
      const error = refusal('create Pod chat/front-7', status, {
        kind: 'Status',
        status: 'Failure',
        code: status,
        message,
        reason,
        details,
      });
      expect({ kind: error.kind, line: error.message, status: error.status }).toEqual({ ...want, status });
    });
  }

  const waits: { name: string; header?: string; details?: object; want: number | null }[] = [
    { name: 'the header', header: '3', want: 3_000 },
    { name: 'the body', details: { retryAfterSeconds: 2 }, want: 2_000 },
    { name: 'the header rather than the body', header: '0', details: { retryAfterSeconds: 2 }, want: 0 },
    { name: 'neither', want: null },
    // It may be a date; the API server never sends one, a proxy may.
    { name: 'a header that is no number', header: 'Fri, 27 Nov 2026 07:00:00 GMT', want: null },
  ];
  for (const { name, header, details, want } of waits) {
    it(`says how long to wait, by ${name}`, () => {
      expect(refusal('list pods', 429, { kind: 'Status', details }, header).retryAfterMs).toBe(want);
    });
  }

  it('takes what a proxy says for what it is', () => {
    const error = refusal('list pods', 502, '<html>\n<h1>502 Bad Gateway</h1>\n</html>');
    expect([error.kind, error.message]).toEqual([
      'unavailable',
      "list pods: the API server can't answer now (502: <html> <h1>502 Bad Gateway</h1> </html>)",
    ]);
  });
});
