import { EventEmitter, once } from 'node:events';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ChildProcessLike, linkToParent } from '../../../gateway/child.ts';
import type { ChildToParent } from '../../../protocol/child.ts';

/** A process that a parent has forked, or so it looks. */
class FakeProcess extends EventEmitter {
  env: Record<string, string> = { CHATCLUSTER_CHILD: '1' };
  readonly sent: ChildToParent[] = [];
  send: ((message: ChildToParent) => boolean) | undefined = (message) => {
    this.sent.push(message);
    return true;
  };
}

const never = () => {
  throw new Error('this was not to happen');
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the link to a parent', () => {
  const cases = [
    { name: 'is there in a child of the local fleet', change: {}, want: true },
    { name: 'is not in a process that was not forked', change: { send: undefined }, want: false },
    // Forked, but by a test runner or a process manager.
    { name: 'is not in a process that something else forked', change: { env: {} }, want: false },
  ];
  it.each(cases)('$name', ({ change, want }) => {
    const process = Object.assign(new FakeProcess(), change) as ChildProcessLike;
    expect(linkToParent(process, never) !== null).toBe(want);
  });

  it('tells when it is ready, hands sockets on with their first bytes, and counts those that closed, once a turn', async () => {
    const process = new FakeProcess();
    const adopted: { socket: Socket; head: string }[] = [];
    linkToParent(process, never)?.ready(1234, (socket, head) => adopted.push({ socket, head: head.toString() }), never);
    const sockets = [new Socket(), new Socket(), new Socket()];
    for (const socket of sockets) process.emit('message', { kind: 'connection', head: btoa('GET /') }, socket);
    expect(adopted.map(({ head }) => head)).toEqual(['GET /', 'GET /', 'GET /']);
    const closed = sockets.slice(1).map((socket) => once(socket, 'close'));
    for (const socket of sockets.slice(1)) socket.destroy();
    await Promise.all(closed);
    await turn();
    expect(process.sent).toEqual([
      { kind: 'ready', adminPort: 1234 },
      { kind: 'closed', count: 2 },
    ]);
    sockets[0]?.destroy();
  });

  it('counts a socket that closed on its way', async () => {
    const process = new FakeProcess();
    linkToParent(process, never)?.ready(1, never, never);
    process.emit('message', { kind: 'connection', head: '' }, undefined);
    await turn();
    expect(process.sent.at(-1)).toEqual({ kind: 'closed', count: 1 });
  });

  it('stops when it is told to', () => {
    const process = new FakeProcess();
    let stops = 0;
    linkToParent(process, never)?.ready(1, never, () => {
      stops++;
    });
    process.emit('message', { kind: 'stop' }, undefined);
    expect(stops).toBe(1);
  });

  it('tells of a cordon, and when the parent is gone', () => {
    const process = new FakeProcess();
    let orphaned = false;
    linkToParent(process, () => {
      orphaned = true;
    })?.cordoned(true);
    process.emit('disconnect');
    expect([process.sent, orphaned]).toEqual([[{ kind: 'cordoned', cordoned: true }], true]);
  });
});
