import { z } from 'zod';
import { type CelRule, matches } from './cel.ts';
import { QUERY_DEFAULTS } from './defaults.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { duration, flag, group, type Input, kubernetes, shown, text, textMeta } from './fields.ts';
import { SECRET_NAME, secretKey } from './fields-of-pods.ts';

const ADDRESS = {
  pattern: /^https?:\/\/([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(\/[-a-zA-Z0-9._~%/]*)?$/,
  max: 500,
  remedy:
    'write "http" or "https", a host and the path that its API is below, without user, password and query, such as "http://prometheus.monitoring:9090"',
};
const QUERY = { pattern: /\S/, max: 4_096, remedy: 'write PromQL that answers one number, such as "sum(my_queue_length)"' };

const TWO_LOGINS = 'stands beside basicAuthSecret, and only one can be sent; leave one of them out';
const TLS_WITHOUT = 'is for "https", and serverAddress begins with "http:"; write "https" there, or leave tls out';
const TWO_TRUSTS = 'has authorities to trust, and insecureSkipVerify trusts anybody; leave one of them out';
const slow = (timeout: string, interval: string) =>
  `${timeout} is longer than interval ${interval}, and only one question is under way at a time; shorten it, or lengthen interval`;

const readable = (field: string) => matches(`self.${field}`, DURATION_PATTERN);
const RULES: readonly CelRule[] = [
  { rule: '!has(self.bearerTokenSecret) || !has(self.basicAuthSecret)', message: TWO_LOGINS, fieldPath: '.bearerTokenSecret' },
  { rule: '!has(self.tls) || !self.serverAddress.startsWith("http:")', message: TLS_WITHOUT, fieldPath: '.tls' },
  {
    rule: `!${readable('timeout')} || !${readable('interval')} || duration(self.timeout) <= duration(self.interval)`,
    message: 'is longer than interval, and only one question is under way at a time; shorten it, or lengthen interval',
    fieldPath: '.timeout',
  },
];

const tls = group('With "https".', {
  caSecret: secretKey(
    "The Secret that has the certificates (PEM) of the authorities that vouch for the server. Left out: the system's own.",
  ),
  insecureSkipVerify: flag({ default: false, description: 'Whether any certificate is taken. For tries only.' }),
})
  .superRefine(({ caSecret, insecureSkipVerify }, context) => {
    if (caSecret !== undefined && insecureSkipVerify) context.addIssue({ code: 'custom', path: ['caSecret'], message: TWO_TRUSTS });
  })
  .meta(kubernetes({ cel: [{ rule: '!has(self.caSecret) || !self.insecureSkipVerify', message: TWO_TRUSTS, fieldPath: '.caSecret' }] }));

/** Where and what to ask. */
export const prometheus = group('With type Prometheus: the query, and who answers it.', {
  serverAddress: text(ADDRESS)
    .describe('The address of its HTTP API, or of what speaks the same (Thanos, Mimir, VictoriaMetrics), without "/api/v1/query".')
    .meta(textMeta(ADDRESS)),
  query: text(QUERY)
    .describe(
      'PromQL that answers one number: a scalar, or a vector of one series. No series, several, NaN and infinity count as missing, never as 0.',
    )
    .meta(textMeta(QUERY)),
  interval: duration({
    min: '1s',
    max: '5m',
    default: QUERY_DEFAULTS.interval,
    description: 'Time from one question to the next, a tenth more or less.',
  }),
  timeout: duration({ min: '100ms', max: '1m', default: QUERY_DEFAULTS.timeout, description: 'How long an answer may take.' }),
  maxSampleAge: duration({
    min: '5s',
    max: '1h',
    default: QUERY_DEFAULTS.maxSampleAge,
    description:
      'A series whose last sample is older counts as missing. At least twice the interval at which Prometheus scrapes it. Prometheus before 2.43 looks back as far as its own --query.lookback-delta, 5 minutes.',
  }),
  measures: z
    .enum(['Connections', 'AcceptRate', 'MessageRate'], {
      error: ({ input }: Input) => `${shown(input)} is not known; write one of Connections, AcceptRate, MessageRate, or leave it out`,
    })
    .optional()
    .describe(
      'If the query measures what the operator reads from the gateways itself, summed over all: the condition Degraded tells when the two differ by more than 20 % for a minute.',
    ),
  tls: tls.optional(),
  bearerTokenSecret: secretKey('The Secret that has a token, sent as "Authorization: Bearer".'),
  basicAuthSecret: group(
    'The Secret that has a name and a password for HTTP basic authentication, with the keys "username" and "password" (type kubernetes.io/basic-auth).',
    {
      name: text(SECRET_NAME).describe('The name of the Secret, in the same namespace.').meta(textMeta(SECRET_NAME)),
    },
  ).optional(),
})
  .superRefine((given, context) => {
    const wrong = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (given.bearerTokenSecret !== undefined && given.basicAuthSecret !== undefined) wrong('bearerTokenSecret', TWO_LOGINS);
    if (given.tls !== undefined && given.serverAddress.startsWith('http:')) wrong('tls', TLS_WITHOUT);
    const [timeoutMs, intervalMs] = [parseDuration(given.timeout), parseDuration(given.interval)];
    if (timeoutMs !== null && intervalMs !== null && timeoutMs > intervalMs)
      wrong('timeout', slow(shown(given.timeout), shown(given.interval)));
  })
  .meta(kubernetes({ cel: RULES }));
