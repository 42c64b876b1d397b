import type { FailureKind } from '../telemetry.ts';

/** What went wrong with a call, and what to do: `retry` tells whether the same call may succeed later. */
export interface Failure {
  readonly kind: FailureKind | 'no-script' | 'ask';
  readonly retry: boolean;
  /** One line for people, with the remedy where there is one. */
  readonly text: string;
  /** Where the slot is now (`moved`), or where just this call should go (`ask`): host:port. */
  readonly address?: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly kind: Failure['kind'];
  readonly retry: boolean;
  readonly text: (message: string) => string;
}

/** The first that matches the server's word decides. */
const RULES: readonly Rule[] = [
  { pattern: /NOSCRIPT/, kind: 'no-script', retry: true, text: () => 'It has lost the scripts; they are loaded again.' },
  { pattern: /^ASK /, kind: 'ask', retry: true, text: () => 'A slot is being moved to another node.' },
  { pattern: /^MOVED /, kind: 'moved', retry: true, text: () => 'A slot has moved to another node.' },
  { pattern: /^TRYAGAIN/, kind: 'moved', retry: true, text: () => 'A slot is being moved to another node.' },
  { pattern: /CLUSTERDOWN|non local key/, kind: 'cluster-down', retry: true, text: (said) => `The Cluster is down: ${said}` },
  { pattern: /^(-?LOADING|BUSY )/, kind: 'loading', retry: true, text: (said) => `It is not ready yet: ${said}` },
  {
    pattern: /READONLY|MASTERDOWN/,
    kind: 'read-only',
    retry: true,
    text: () => 'It is a read-only replica; the primary is looked for. Should it stay so, give the primary, its Sentinels or the Cluster.',
  },
  {
    pattern: /OOM /,
    kind: 'out-of-memory',
    retry: true,
    text: () => 'It is out of memory: raise its maxmemory, or keep less history (spec.history).',
  },
  {
    pattern: /NOREPLICAS/,
    kind: 'replicas',
    retry: true,
    text: () => 'It has too few replicas to take writes (min-replicas-to-write).',
  },
  {
    pattern: /WRONGPASS|NOAUTH|invalid (username-)?password|without any password|ERR AUTH/,
    kind: 'password',
    retry: false,
    text: () => 'It refuses the user name or password: correct them in the URL, or in CHATCLUSTER_REDIS_PASSWORD.',
  },
  {
    pattern: /NOPERM|The user executing the script can't/,
    kind: 'permission',
    retry: false,
    text: (said) => `Its user lacks a right; docs/operations.md has the rule to give it: ${said}`,
  },
  {
    pattern: /DB index|SELECT is not allowed/,
    kind: 'other',
    retry: false,
    text: () => 'It has no such logical database: correct the number in the URL (a Cluster has only 0), or raise its setting databases.',
  },
  { pattern: /MISCONF/, kind: 'other', retry: true, text: (said) => `It can't save its data: ${said}` },
];

/** What an error of a call to Redis means. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (!isReply(error)) return connectionFailure(error, message);
  const rule = RULES.find(({ pattern }) => pattern.test(message));
  if (rule === undefined) return { kind: 'other', retry: false, text: `It answered: ${message}` };
  const { kind, retry } = rule;
  const text = rule.text(message);
  const address = /^(?:MOVED|ASK) \d+ (\S+)/.exec(message)?.[1];
  return address === undefined ? { kind, retry, text } : { kind, retry, text, address };
}

/** The server answered with an error, as opposed to a connection that failed. */
function isReply(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ReplyError' || error.constructor.name === 'ReplyError');
}

function connectionFailure(error: unknown, message: string): Failure {
  const sentinels = /^All sentinels are unreachable.*?(?: Last error: (.*))?$/.exec(message);
  if (sentinels !== null) return sentinelFailure(sentinels[1]);
  const kind = /timeout/i.test(message) ? 'timeout' : 'connection';
  const { code = '', name = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return { kind, retry: true, text: codeText(code, message) ?? clientText(message) ?? (message || code || name) };
}

/** The client tells of all Sentinels at once, and of the last one why. */
function sentinelFailure(last = 'none of them knows it'): Failure {
  if (/WRONGPASS|NOAUTH/.test(last)) {
    const text = 'Its Sentinels refuse the user name or password: correct CHATCLUSTER_REDIS_SENTINEL_USERNAME and …_PASSWORD.';
    return { kind: 'password', retry: false, text };
  }
  return {
    kind: 'connection',
    retry: true,
    text: `No Sentinel names the primary (${last.split(', with args')[0]}): are their addresses and its name right?`,
  };
}

function codeText(code: string, message: string): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return 'Nothing listens there: start it, or correct the URL.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'Its name is not known: correct the URL.';
    case 'ETIMEDOUT':
      return 'It does not answer: is it running, may it be reached from here, and does it speak TLS, or not, as the URL says?';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'It broke off the connection; one that never answers may want TLS (rediss://).';
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'It does not speak TLS: let the URL begin with "redis" instead of "rediss".';
    default: {
      if (!/CERT|SIGNATURE/.test(code)) return undefined;
      return `Its certificate is refused (${message.split(';')[0]}): is its authority in CHATCLUSTER_REDIS_CA_FILE, and its name in the URL?`;
    }
  }
}

/** What the client library says of its own options is no news for people. */
function clientText(message: string): string | undefined {
  if (/max retries per request|Stream isn't writeable|Connection is closed|connection close$/.test(message))
    return 'The connection was closed.';
  const silence = /^Socket timeout\..* (\d+)ms/.exec(message)?.[1];
  return silence === undefined ? undefined : `It said nothing for ${silence} ms: is it overloaded, or out of reach?`;
}
