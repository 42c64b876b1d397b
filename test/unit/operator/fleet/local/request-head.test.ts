import { describe, expect, it } from 'vitest';
import { type Head, MAX_HEAD_BYTES, readHead } from '../../../../../operator/fleet/local/request-head.ts';

const request = (path: string, session: string | null = null): Head => ({ kind: 'request', path, session });
const long = (bytes: number) => `GET / HTTP/1.1\r\nx: ${'y'.repeat(bytes - 'GET / HTTP/1.1\r\nx: \r\n\r\n'.length)}\r\n\r\n`;

describe('readHead', () => {
  const table: readonly (readonly [name: string, text: string, want: Head])[] = [
    ['nothing yet', '', { kind: 'incomplete' }],
    ['a part of the first line', 'POST /v1/po', { kind: 'incomplete' }],
    ['a first line whose head goes on', 'GET /v1/websocket HTTP/1.1\r\nHost: x\r\n', { kind: 'incomplete' }],
    ['a head', 'GET /v1/websocket HTTP/1.1\r\nHost: x\r\n\r\n', request('/v1/websocket')],
    ['a head with the beginning of a body', 'POST /v1/poll HTTP/1.1\r\n\r\n{"mes', request('/v1/poll')],
    ['a session', 'GET /v1/websocket?session=a%2Fb HTTP/1.1\r\n\r\n', request('/v1/websocket', 'a/b')],
    ['a session among others', 'GET /v1/poll?a=1&session=s&b HTTP/1.0\r\n\r\n', request('/v1/poll', 's')],
    ['a whole URL, as proxies send it', 'GET http://chat.example/v1/poll?session=s HTTP/1.1\r\n\r\n', request('/v1/poll', 's')],
    // A gateway would see this path too, and it is not its own.
    ['a path that looks like a host', 'GET //chat.example/v1/poll HTTP/1.1\r\n\r\n', request('//chat.example/v1/poll')],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', { kind: 'invalid' }],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', { kind: 'invalid' }],
    ['no HTTP', 'hello\r\n\r\n', { kind: 'invalid' }],
    ['the longest head', long(MAX_HEAD_BYTES), request('/')],
    ['a longer head', long(MAX_HEAD_BYTES + 1), { kind: 'invalid' }],
    ['a head without an end', 'x'.repeat(MAX_HEAD_BYTES), { kind: 'invalid' }],
  ];
  it.each(table)('%s', (_, text, want) => {
    expect(readHead(Buffer.from(text, 'latin1'))).toEqual(want);
  });

  it('finds the end wherever the segments are cut', () => {
    const bytes = Buffer.from('GET /v1/poll?session=s HTTP/1.1\r\nHost: x\r\n\r\n');
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(readHead(bytes.subarray(0, cut)).kind).toBe('incomplete');
      expect(readHead(bytes, cut)).toEqual(request('/v1/poll', 's'));
    }
  });
});
