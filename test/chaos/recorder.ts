import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LogEvent } from './checker/log.ts';

type WithoutTime<T> = T extends LogEvent ? Omit<T, 'at'> : never;

/** The log of a run, as it grows. */
export class Recorder {
  readonly events: LogEvent[] = [];
  readonly #startedAt = performance.now();

  /** Ms since this recorder was made, on a monotonic clock. */
  now(): number {
    return performance.now() - this.#startedAt;
  }

  /** Writes an event down as happening now. */
  record(event: WithoutTime<LogEvent>): void {
    this.events.push({ ...event, at: this.now() } as LogEvent);
  }

  /** Writes all events to a file, a JSON line each. */
  async save(file: string): Promise<void> {
    await pipeline(Readable.from(lines(this.events)), createWriteStream(file));
  }
}

function* lines(events: readonly LogEvent[]): Generator<string> {
  for (const event of events) yield `${JSON.stringify(event)}\n`;
}
