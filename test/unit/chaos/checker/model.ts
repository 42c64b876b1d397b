import type { Position } from '../../../../protocol/position.ts';
import type { LogEvent } from '../../../chaos/checker/log.ts';
import { type Chain, chain, type Draft, longer, on, position, shorter } from './story.ts';

/** One step of a random run. `who` and `much` are any numbers: each step makes of them what fits. */
export interface Step {
  readonly what: (typeof STEPS)[number];
  readonly who: number;
  readonly much: number;
}

/** What may happen without any message that was acknowledged being lost. */
export const CALM_STEPS = [
  'publish',
  'publish',
  'publish',
  'retry',
  'give-up',
  'late',
  'read',
  'read',
  'subscribe',
  'leave',
  'reconnect',
  'trim',
] as const;
/** These lose the newest messages, or all. */
export const STEPS = [...CALM_STEPS, 'fork', 'restart'] as const;

const CLIENTS = ['c0', 'c1', 'c2', 'c3'] as const;

interface Reader {
  readonly client: string;
  /** Null while it is not subscribed. */
  at: Position | null;
  /** Messages were lost since it was told last. */
  mustBeTold: boolean;
}

/** A channel that keeps all promises, with clients that write down what they see. */
export class Model {
  readonly #events: Draft[] = [];
  readonly #readers: Reader[] = CLIENTS.map((client) => ({ client, at: null, mustBeTold: false }));
  /** Given up, and not stored so far. */
  readonly #late: string[] = [];
  #line: Chain = chain('e0', '');
  #epochs = 0;
  #ids = 0;
  /** Messages up to this offset are no longer in the history. */
  #trimmed = 0;

  /** The log of a run of these steps, after which all who are subscribed have caught up. */
  static run(steps: readonly Step[]): LogEvent[] {
    const model = new Model();
    for (const step of steps) model.#step(step);
    for (const reader of model.#readers) model.#read(reader, Number.POSITIVE_INFINITY);
    const messages = model.#line.ids.map((id, index) => ({ id, position: on(model.#line, index + 1) })).slice(model.#trimmed);
    model.#events.push({ kind: 'history', messages, head: model.#head });
    return model.#events.map((draft, at) => ({ ...draft, at, channel: 'general' }) as LogEvent);
  }

  get #head(): Position {
    return on(this.#line, this.#line.ids.length);
  }

  #step({ what, who, much }: Step): void {
    const reader = this.#readers[who % CLIENTS.length] as Reader;
    const { client } = reader;
    const length = this.#line.ids.length;
    switch (what) {
      case 'publish':
        this.#acknowledge(client, this.#publish(client), this.#store());
        break;
      case 'retry': {
        const id = this.#publish(client);
        const stored = this.#store();
        this.#events.push({ kind: 'failed', client, id, reason: 'outcome unknown' }, { kind: 'publish', client, id });
        this.#events.push({ kind: 'acknowledged', client, id, position: stored, duplicate: true });
        break;
      }
      case 'give-up': {
        const id = this.#publish(client);
        this.#events.push({ kind: 'failed', client, id, reason: 'outcome unknown' });
        if (much % 2 === 0) this.#store();
        else this.#late.push(id);
        break;
      }
      case 'late': {
        const id = this.#late.shift();
        if (id !== undefined) this.#append(id);
        break;
      }
      case 'read':
        this.#read(reader, much % 5);
        break;
      case 'subscribe':
        if (reader.at !== null) return;
        reader.at = this.#head;
        reader.mustBeTold = false;
        this.#events.push({ kind: 'subscribed', client, position: reader.at, recovered: true });
        break;
      case 'leave':
        if (reader.at !== null) this.#events.push({ kind: 'unsubscribed', client });
        reader.at = null;
        break;
      case 'reconnect':
        if (reader.at !== null) this.#events.push({ kind: 'subscribed', client, position: reader.at, recovered: true });
        break;
      case 'trim':
        this.#trimmed = Math.min(length, this.#trimmed + (much % 4));
        break;
      case 'fork':
        this.#lose(shorter(this.#line, Math.max(this.#trimmed, length - (much % 4))));
        break;
      case 'restart':
        this.#trimmed = 0;
        this.#lose(chain(`e${++this.#epochs}`, ''));
        break;
    }
  }

  #publish(client: string): string {
    const id = `m${++this.#ids}`;
    this.#events.push({ kind: 'publish', client, id });
    return id;
  }

  #store(): Position {
    return this.#append(`m${this.#ids}`);
  }

  #append(id: string): Position {
    this.#line = longer(this.#line, id);
    return this.#head;
  }

  #acknowledge(client: string, id: string, stored: Position): void {
    this.#events.push({ kind: 'acknowledged', client, id, position: stored });
  }

  #lose(rest: Chain): void {
    this.#line = rest;
    for (const reader of this.#readers) reader.mustBeTold = true;
  }

  /** Gives a reader what follows its position, at most so many messages; first the gap, when there must be one. */
  #read(reader: Reader, most: number): void {
    if (reader.at === null) return;
    if (reader.mustBeTold) this.#tell(reader, this.#commonWith(reader.at));
    if (reader.at.offset < this.#trimmed) this.#tell(reader, on(this.#line, this.#trimmed));
    reader.mustBeTold = false;
    for (let count = 0; count < most && reader.at.offset < this.#head.offset; count++) {
      const next = on(this.#line, reader.at.offset + 1);
      this.#events.push({ kind: 'delivered', client: reader.client, id: this.#line.ids[next.offset - 1] ?? '', position: next });
      reader.at = next;
    }
  }

  #tell(reader: Reader, to: Position): void {
    if (reader.at === null) return;
    this.#events.push({ kind: 'gap', client: reader.client, from: reader.at, to });
    reader.at = to;
  }

  /** The position itself if the line holds it; else the head, as a broker would that can't know more. */
  #commonWith({ epoch, offset, digest }: Position): Position {
    const here = this.#line.at[offset];
    return here !== undefined && here.epoch === epoch && here.digest === digest ? position(epoch, offset, digest) : this.#head;
  }
}
