import { serveBare } from './bare.ts';

/** What one writes first: `ws.send` for each subscriber. */
serveBare((subscribers, text) => {
  for (const { socket } of subscribers) socket.send(text);
});
