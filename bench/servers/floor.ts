import type { Socket } from 'node:net';
import * as ws from 'ws';
import { serveBare } from './bare.ts';

/** The types of `ws` leave it out. */
const { Sender } = ws as unknown as {
  Sender: { frame(data: Buffer, options: { fin: boolean; opcode: number; mask: boolean; readOnly: boolean; rsv1: boolean }): Buffer[] };
};

const corked = new Set<Socket>();

/** The least that a Node server can do: a message is framed once, and a tick's messages for one socket are one write. */
serveBare((subscribers, text) => {
  const frame = Buffer.concat(Sender.frame(Buffer.from(text), { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false }));
  if (corked.size === 0) setImmediate(uncork);
  for (const { raw } of subscribers) {
    if (!corked.has(raw)) {
      corked.add(raw);
      raw.cork();
    }
    raw.write(frame);
  }
});

function uncork(): void {
  for (const raw of corked) raw.uncork();
  corked.clear();
}
