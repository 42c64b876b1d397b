import { REDIS_URL_FORMS } from '../../protocol/redis-url.ts';
import { type CelRule, matches, said } from './cel.ts';

/** The longest URL in a ChatCluster. */
export const MAX_URL_LENGTH = 1_000;

const UP_TO_65535 = '[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]';
const USER = '(([!$&-.0-9;<=>A-Z\\[-~]|%[2-7][0-9a-fA-F])*:?@)?';
const HOST = `(\\[[0-9a-fA-F:.]+\\]|[0-9A-Za-z_.-]+)(:([1-9][0-9]{0,3}|${UP_TO_65535}))?`;
const HOSTS = `${HOST}(,${HOST})*`;
const DATABASE = `([0-9]{0,4}|${UP_TO_65535})`;

/** The URLs that `readRedisUrl` can read and that have no password, for where no code runs: the API server. Tests hold the two together. */
export const REDIS_URL_PATTERN = new RegExp(
  `^(rediss?://${USER}${HOST}(/${DATABASE})?|rediss?\\+sentinel://${USER}${HOSTS}/[0-9A-Za-z_.-]+(/${DATABASE})?|rediss?\\+cluster://${USER}${HOSTS}/?)$`,
);

const HAS_PASSWORD = /^[^/]*:\/\/[^@]*:[^@]+@/;
const KNOWN_SCHEME = /^rediss?(\+sentinel|\+cluster)?:\/\//;

/** What to do about the commonest faults, in the order in which they are looked for. */
const FAULTS: readonly (readonly [when: string, message: string])[] = [
  [
    matches('self.url', HAS_PASSWORD),
    // The password is not repeated.
    'the URL of {self.url.substring(self.url.lastIndexOf("@") + 1)} has a password, which is for no file; take it out, write it into a Secret, and name that in spec.broker.passwordSecret',
  ],
  [`!${matches('self.url', KNOWN_SCHEME)}`, `"{self.url}" begins with no scheme that is known; write ${REDIS_URL_FORMS}`],
  [
    `${matches('self.url', /^rediss?:/)} && self.url.contains(",")`,
    '"{self.url}" names several hosts; name one, or write "redis+sentinel://" for Sentinels and "redis+cluster://" for the nodes of a Cluster',
  ],
  [
    matches('self.url', /^rediss?\+sentinel:\/\/[^/]*\/?$/),
    '"{self.url}" has no name of the primary; write it behind the Sentinels, as they call it, such as "/mymaster"',
  ],
  [
    matches('self.url', /^rediss?\+cluster:\/\/[^/]*\/./),
    '"{self.url}" has a database behind the hosts; leave it out: a Cluster has no other database than 0',
  ],
];

/** On `spec.broker`, not on `url` itself: the API server would show the value, and it may hold a password. */
export const REDIS_URL_RULE: CelRule = {
  rule: `!has(self.url) || ${matches('self.url', REDIS_URL_PATTERN)}`,
  message: `is not the URL of a Redis; write ${REDIS_URL_FORMS}`,
  messageExpression: FAULTS.reduceRight(
    (rest, [when, message]) => `${when} ? ${said(message)} : ${rest}`,
    said(`"{self.url}" is not the URL of a Redis; write ${REDIS_URL_FORMS}`),
  ),
  fieldPath: '.url',
};
