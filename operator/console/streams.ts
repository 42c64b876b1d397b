import type { ServerResponse } from 'node:http';

/** A reader that has not taken this much is let go: its browser opens the stream again when it can. */
const MAX_UNREAD_BYTES = 1_048_576;

/** Sends server-sent events to whoever watches. */
export class Streams {
  readonly #watchers = new Set<ServerResponse>();

  get size(): number {
    return this.#watchers.size;
  }

  /** Begins with `first`, unless that is `null`. */
  add(res: ServerResponse, first: unknown): void {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.flushHeaders();
    if (first !== null) res.write(eventOf(first));
    this.#watchers.add(res);
    res.on('close', () => this.#watchers.delete(res));
  }

  send(value: unknown): void {
    if (this.#watchers.size === 0) return;
    const event = eventOf(value);
    for (const res of this.#watchers) {
      if (res.writableLength > MAX_UNREAD_BYTES) res.destroy();
      else res.write(event);
    }
  }

  end(): void {
    for (const res of this.#watchers) res.destroy();
  }
}

function eventOf(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
