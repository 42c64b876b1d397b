import { KubeError, type KubeErrorKind } from './error.ts';

/** The body that the API server sends with a refusal, as far as we read it. */
interface StatusBody {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly { readonly reason?: string }[] };
}

/** The error of an answer with a status of 400 or more. `tried` says what was asked for; `retryAfter` is the header, in seconds. */
export function refusal(tried: string, status: number, body: unknown, retryAfter?: string): KubeError {
  const answer = asStatus(body);
  const text = oneLine(answer.message ?? (typeof body === 'string' ? body : ''));
  const { kind, why } = explain(status, answer, text);
  const seconds = Number(retryAfter ?? answer.details?.retryAfterSeconds ?? Number.NaN);
  return new KubeError(`${tried}: ${why}`, {
    status,
    kind,
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
  });
}

/** The error of a call that got no answer; `why` is an error, or its text. */
export function noAnswer(tried: string, server: string, why: unknown): KubeError {
  return new KubeError(`${tried}: no answer from the API server ${server}: ${reasonOf(why)}`, {
    status: 0,
    kind: 'unavailable',
    cause: why,
  });
}

/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const text = oneLine(error.message);
  return text === '' ? code || error.name : text;
}

function explain(status: number, answer: StatusBody, text: string): { kind: KubeErrorKind; why: string } {
  const webhook = /admission webhook "([^"]+)" denied the request(?:: (.*)| without explanation)/.exec(text);
  if (webhook)
    return { kind: 'refused-by-webhook', why: `admission webhook ${webhook[1]} refused it: ${webhook[2] ?? 'it gave no reason'}` };
  const unasked = /failed calling webhook "([^"]+)": (.*)/.exec(text);
  if (unasked) return { kind: 'refused-by-webhook', why: `admission webhook ${unasked[1]} could not be asked: ${unasked[2]}` };
  const policy = /ValidatingAdmissionPolicy '([^']+)'.* denied request: (.*)/.exec(text);
  if (policy) return { kind: 'refused-by-webhook', why: `admission policy ${policy[1]} refused it: ${policy[2]}` };
  switch (status) {
    case 400:
    case 422:
      return { kind: 'invalid', why: text || 'the API server finds it invalid' };
    case 401:
      return { kind: 'unauthorized', why: 'the API server does not accept our credentials' };
    case 403:
      return forbidden(answer, text);
    case 404:
      return { kind: 'not-found', why: text || 'there is no such thing' };
    case 409:
      return { kind: answer.reason === 'AlreadyExists' ? 'already-exists' : 'conflict', why: text || 'it was changed by somebody else' };
    case 429:
      return { kind: 'too-many-requests', why: text || 'the API server asks to slow down' };
    case 500:
    case 502:
    case 503:
    case 504:
      return { kind: 'unavailable', why: `the API server can't answer now (${status}${text === '' ? '' : `: ${text}`})` };
    default:
      return { kind: 'other', why: text === '' ? `HTTP ${status}` : text };
  }
}

function forbidden(answer: StatusBody, text: string): { kind: KubeErrorKind; why: string } {
  const quota = /exceeded quota: ([^,]+), requested: (.*), used: (.*), limited: (.*)$/.exec(text);
  if (quota)
    return { kind: 'quota', why: `quota ${quota[1]} exceeded: it needs ${quota[2]}, ${quota[3]} are used, the limit is ${quota[4]}` };
  if (/exceeded quota|failed quota/.test(text)) return { kind: 'quota', why: text };
  if (answer.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating'))
    return { kind: 'forbidden', why: 'its namespace is being deleted' };
  const right =
    /User "([^"]+)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)" (?:in the namespace "([^"]+)"|at the cluster scope)/.exec(text);
  if (right === null) return { kind: 'forbidden', why: text || 'it is forbidden' };
  const [, user, verb, resource, group, namespace] = right;
  const what = group === '' ? resource : `${resource}.${group}`;
  return {
    kind: 'forbidden',
    why: `${user} has no right to ${verb} ${what} in ${namespace === undefined ? 'all namespaces' : `namespace ${namespace}`}`,
  };
}

function asStatus(body: unknown): StatusBody {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status' ? (body as StatusBody) : {};
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 600 ? `${line.slice(0, 600)}…` : line;
}
