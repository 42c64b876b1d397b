import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { KeptHttp, readAnswer } from '../../../../operator/fleet/kept-http.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';
const question = { method: 'GET', path: '/status', headers: { Authorization: 'Bearer x' }, body: '', timeoutMs: 2_000 } as const;

describe('an answer', () => {
  const cases = [
    { name: 'is whole', text: OK, want: { kind: 'answer', answer: { status: 200, body: 'ok' }, closes: false } },
    {
      name: 'may be in bytes of several',
      text: 'HTTP/1.1 401 No\r\ncontent-length:4\r\nX: y\r\n\r\n“a',
      want: { kind: 'answer', answer: { status: 401, body: '“a' } },
    },
    {
      name: 'may be empty',
      text: 'HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n',
      want: { kind: 'answer', answer: { status: 500, body: '' } },
    },
    {
      name: 'may end the connection',
      text: OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
      want: { kind: 'answer', closes: true },
    },
    { name: 'is waited for', text: 'HTTP/1.1 200 OK\r\nContent-', want: { kind: 'incomplete' } },
    { name: 'is waited for to its end', text: OK.slice(0, -1), want: { kind: 'incomplete' } },
    { name: 'is HTTP', text: 'SSH-2.0\r\n\r\n', want: { kind: 'invalid', problem: 'its answer is not HTTP' } },
    {
      name: 'has a length',
      text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      want: { kind: 'invalid', problem: 'it answered 200 without a length' },
    },
    { name: 'is not longer than it says', text: `${OK}!`, want: { kind: 'invalid' } },
    {
      name: 'is not endless',
      text: 'HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n',
      want: { kind: 'invalid', problem: 'its answer is too long' },
    },
    { name: 'has no endless head', text: 'x'.repeat(1_048_577), want: { kind: 'invalid', problem: 'its answer is too long' } },
  ];
  it.each(cases)('$name', ({ text, want }) => {
    expect(readAnswer(Buffer.from(text))).toMatchObject(want);
  });
});

describe('questions', () => {
  const servers: Server[] = [];
  const kept: KeptHttp[] = [];
  afterEach(async () => {
    for (const http of kept.splice(0)) http.close();
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  });

  /** Answers as it is told, and writes down what it heard on which connection. */
  async function serve(answer: (socket: Socket, text: string, nth: number) => void) {
    const heard: { connection: number; text: string }[] = [];
    let connections = 0;
    const server = createServer((socket) => {
      const connection = ++connections;
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        heard.push({ connection, text: chunk.toString() });
        answer(socket, chunk.toString(), heard.length);
      });
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const http = new KeptHttp('127.0.0.1', (server.address() as AddressInfo).port);
    kept.push(http);
    return { http, heard, port: (server.address() as AddressInfo).port };
  }

  it('go over one connection, one after the other', async () => {
    const { http, heard, port } = await serve((socket) => socket.write(OK));
    expect(await http.ask(question)).toEqual({ status: 200, body: 'ok' });
    expect(await http.ask({ ...question, method: 'POST', path: '/drain', body: '{"a":"ä"}' })).toEqual({ status: 200, body: 'ok' });
    expect(heard).toEqual([
      { connection: 1, text: `GET /status HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer x\r\n\r\n` },
      {
        connection: 1,
        text: `POST /drain HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer x\r\nContent-Length: 10\r\n\r\n{"a":"ä"}`,
      },
    ]);
  });

  it('that come together don’t wait for each other', async () => {
    const { http, heard } = await serve((socket, text) => {
      if (text.includes('/fast')) socket.write(OK);
    });
    const slow = http.ask({ ...question, path: '/slow' });
    expect(await http.ask({ ...question, path: '/fast' })).toMatchObject({ status: 200 });
    expect(heard.map(({ connection }) => connection)).toEqual([1, 2]);
    http.close();
    await expect(slow).rejects.toThrow('closed');
  });

  it('take answers that come in pieces', async () => {
    const { http } = await serve((socket) => {
      socket.write(OK.slice(0, 30));
      setTimeout(() => socket.write(OK.slice(30)), 20);
    });
    expect(await http.ask(question)).toEqual({ status: 200, body: 'ok' });
  });

  it('are asked again when the kept connection was just closed', async () => {
    const { http, heard } = await serve((socket, _text, nth) => {
      if (nth === 2) socket.destroy();
      else socket.write(OK);
    });
    await http.ask(question);
    expect(await http.ask(question)).toMatchObject({ status: 200 });
    expect(heard.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('are not asked again on a connection that was new', async () => {
    const { http, heard } = await serve((socket) => socket.destroy());
    await expect(http.ask(question)).rejects.toThrow(/closed|ECONNRESET/);
    expect(heard).toHaveLength(1);
  });

  it('go over another connection after one that the server closes with its answer', async () => {
    const { http, heard } = await serve((socket) => socket.end(OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')));
    await http.ask(question);
    await http.ask(question);
    expect(heard.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('have a time limit, after which nothing of theirs is taken for another’s answer', async () => {
    const { http, heard } = await serve((socket, _text, nth) => {
      if (nth > 1) socket.write(OK);
    });
    await expect(http.ask({ ...question, timeoutMs: 30 })).rejects.toThrow('no answer within 30 ms');
    expect(await http.ask(question)).toMatchObject({ status: 200 });
    expect(heard.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('fail where nobody listens', async () => {
    const { http } = await serve(() => {});
    const server = servers.pop();
    server?.close();
    if (server !== undefined) await once(server, 'close');
    await expect(http.ask(question)).rejects.toThrow(/ECONNREFUSED/);
  });
});
