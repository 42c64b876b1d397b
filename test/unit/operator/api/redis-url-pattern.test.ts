import { describe, expect, it } from 'vitest';
import { REDIS_URL_PATTERN } from '../../../../operator/api/redis-url-pattern.ts';
import { readRedisUrl } from '../../../../protocol/redis-url.ts';
import fc, { runs } from '../../../setup/random-cases.ts';

/** Whether a gateway could use it as it stands in a ChatCluster. */
const isReadable = (text: string) => {
  const read = readRedisUrl(text);
  return read.kind === 'url' && read.url.password === undefined;
};

describe('the pattern of Redis URLs, which the API server knows', () => {
  it('takes only what can be read, and has no password', () => {
    fc.assert(
      fc.property(fc.stringMatching(REDIS_URL_PATTERN), (url) => isReadable(url)),
      { numRuns: runs(2_000) },
    );
  });

  it('takes all that can be read, as people write it', () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
      fc.constant('redis-0.redis_x'),
    );
    const at = fc
      .tuple(host, fc.option(fc.integer({ min: 1, max: 65_535 })))
      .map(([name, port]) => (port === null ? name : `${name}:${port}`));
    const user = fc.constantFrom('', 'chat@', 'chat:@', 'a%20b@', '~a!b@');
    const tls = fc.constantFrom('redis', 'rediss');
    const database = fc.option(fc.integer({ min: 0, max: 65_535 })).map((number) => (number === null ? '' : `/${number}`));
    const hosts = fc.array(at, { minLength: 1, maxLength: 3 }).map((list) => list.join(','));
    const url = fc.oneof(
      fc.tuple(tls, user, at, database).map(([scheme, who, where, number]) => `${scheme}://${who}${where}${number}`),
      fc.tuple(tls, user, hosts, database).map(([scheme, who, where, number]) => `${scheme}+sentinel://${who}${where}/main${number}`),
      fc.tuple(tls, user, hosts).map(([scheme, who, where]) => `${scheme}+cluster://${who}${where}`),
    );
    fc.assert(
      fc.property(url, (text) => isReadable(text) && REDIS_URL_PATTERN.test(text)),
      { numRuns: runs(1_000) },
    );
  });

  it.each([
    'redis://u:p@r',
    'redis://:p@r',
    'redis://r:0',
    'redis://r:65536',
    'redis://r/65536',
    'redis://r/x',
    'redis://a,b',
    'redis://',
    'redis://r?x=1',
    'redis://r#x',
    'redis://a b',
    'REDIS://r',
    'redis+sentinel://a',
    'redis+sentinel://a/',
    'redis+sentinel://a,/m',
    'redis+cluster://a/1',
    'valkey://r',
    'http://r',
    'r:6379',
    '',
    'redis://::1',
    'redis://%ff@r',
    'redis://r\n',
  ])('refuses %j', (text) => {
    expect(REDIS_URL_PATTERN.test(text)).toBe(false);
  });
});
