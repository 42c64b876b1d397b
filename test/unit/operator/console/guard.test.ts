import { describe, expect, it } from 'vitest';
import { type Caller, reasonToRefuse } from '../../../../operator/console/guard.ts';

const caller = (changes: Partial<Caller> = {}): Caller => ({
  address: '127.0.0.1',
  host: '127.0.0.1:8080',
  origin: 'http://127.0.0.1:8080',
  contentType: 'application/json',
  ...changes,
});

describe('reasonToRefuse', () => {
  const table: readonly (readonly [name: string, Partial<Caller>, want: RegExp | null])[] = [
    ['our page may', {}, null],
    ['a command, which sends no Origin, may', { origin: undefined }, null],
    ['by the name localhost', { host: 'localhost:8080', origin: 'http://localhost:8080' }, null],
    ['over IPv6', { address: '::1', host: '[::1]:8080', origin: undefined }, null],
    ['over IPv4 on a socket of both', { address: '::ffff:127.0.0.1' }, null],
    ['JSON with a charset', { contentType: 'application/json; charset=utf-8' }, null],
    ['another machine may not', { address: '192.0.2.7' }, /Only this machine/],
    ['a peer that is gone may not', { address: undefined }, /Only this machine/],
    [
      'a name that was made to point here',
      { host: 'evil.example:8080', origin: 'http://evil.example:8080' },
      /"evil\.example:8080" is not local/,
    ],
    ['a name that only begins like a local one', { host: 'localhost.evil.example' }, /is not local/],
    ['an address that only begins like a local one', { host: '127.0.0.1.evil.example' }, /is not local/],
    ['no Host', { host: undefined }, /is not local/],
    ['a page of another site', { origin: 'https://evil.example' }, /"https:\/\/evil\.example" may not/],
    ['a page of another local server', { origin: 'http://127.0.0.1:3000' }, /may not/],
    ['a page without an origin of its own', { origin: 'null' }, /may not/],
    ['a form', { contentType: 'text/plain' }, /Content-Type/],
    ['no content type', { contentType: undefined }, /Content-Type/],
  ];
  it.each(table)('%s', (_, changes, want) => {
    const reason = reasonToRefuse(caller(changes));
    if (want === null) expect(reason).toBeNull();
    else expect(reason).toMatch(want);
  });
});
