import { type BrokerHealth, BrokerUnavailable, type Stored } from '../../../gateway/broker/broker.ts';
import type { RedisBroker } from '../../../gateway/broker/redis/broker.ts';
import { openRedis } from '../../../gateway/broker/redis/open.ts';
import type { RedisAccess, RedisOptions, RedisPlace } from '../../../gateway/broker/redis/options.ts';
import { type BrokerTelemetry, newBrokerTelemetry } from '../../../gateway/broker/telemetry.ts';
import type { Logger } from '../../../gateway/logger.ts';
import { message } from '../../contract/broker/build.ts';
import { redisOptions } from '../../fakes/redis-store.ts';
import type { RedisServer } from '../../servers/redis/server.ts';

/** One gateway's broker, and what it told beside its answers. */
export interface Opened {
  readonly broker: RedisBroker;
  readonly telemetry: BrokerTelemetry;
  readonly log: RecordingLog;
  readonly healths: readonly BrokerHealth[];
  /** Resolves when it is so well, now or later. */
  becomes(kind: BrokerHealth['kind']): Promise<void>;
}

type Place = RedisServer | { readonly place: RedisPlace; readonly access: RedisAccess };

/** Brokers that meet on one Redis under one prefix; all are closed together. */
export class Gateways {
  readonly options: RedisOptions;
  readonly #brokers = new Set<RedisBroker>();

  constructor(at: Place, more: Partial<RedisOptions> = {}) {
    const { place, access } = 'place' in at ? at : placeOf(at);
    this.options = redisOptions(place, access, more);
  }

  async open(more: Partial<RedisOptions> = {}, signal?: AbortSignal): Promise<Opened> {
    const recording = new RecordingLog();
    const telemetry = newBrokerTelemetry();
    const broker = await openRedis({ ...this.options, log: recording.log, telemetry, ...more }, signal);
    this.#brokers.add(broker);
    const healths: BrokerHealth[] = [];
    const waiting = new Set<() => void>();
    broker.watchHealth((health) => {
      healths.push(health);
      for (const check of waiting) check();
    });
    const becomes = (kind: BrokerHealth['kind']) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (healths.at(-1)?.kind !== kind) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      });
    return { broker, telemetry, log: recording, healths, becomes };
  }

  async close(): Promise<void> {
    for (const broker of this.#brokers) await broker.close();
  }
}

/** Where a server is and how the user `default` gets in. */
export function placeOf({ connection, host, port }: RedisServer): { readonly place: RedisPlace; readonly access: RedisAccess } {
  const { password, tls } = connection;
  return {
    place: { kind: 'server', address: { host, port } },
    access: { database: 0, tls: tls ?? null, ...(password !== undefined && { password }) },
  };
}

/** A log whose lines are kept, each as `level text`. */
export class RecordingLog {
  readonly lines: string[] = [];
  readonly log: Logger;
  readonly #waiting = new Set<() => void>();

  constructor() {
    const keep = (level: string) => (_fields: unknown, text: string) => {
      this.lines.push(`${level} ${text}`);
      for (const check of this.#waiting) check();
    };
    this.log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') } as unknown as Logger;
  }

  /** Resolves to the first line that matches, now or later. */
  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      const check = () => {
        const line = this.lines.find((line) => pattern.test(line));
        if (line === undefined) return;
        this.#waiting.delete(check);
        resolve(line);
      };
      this.#waiting.add(check);
      check();
    });
  }
}

/** A publisher that does as clients do: what fails in a way that may heal is given again with the same id, before anything later. It ends with its broker. */
export class Publishing {
  readonly stored: Stored[] = [];
  readonly ids: string[] = [];
  readonly #broker: RedisBroker;
  readonly #channel: string;
  readonly #prefix: string;
  #going = true;
  readonly #done: Promise<void>;

  constructor(broker: RedisBroker, channel: string, prefix: string) {
    this.#broker = broker;
    this.#channel = channel;
    this.#prefix = prefix;
    this.#done = this.#run();
  }

  /** How many of the ids, from the first on, were acknowledged. */
  get acknowledged(): number {
    return this.stored.length;
  }

  /** Resolves when all that was begun is answered, or the broker is closed. */
  async stop(): Promise<void> {
    this.#going = false;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (this.#going) {
      const id = `${this.#prefix}${this.ids.length + 1}`;
      this.ids.push(id);
      const stored = await publishAgain(this.#broker, this.#channel, id);
      if (stored === null) return;
      this.stored.push(stored);
    }
  }
}

/** Publishes as clients do: again with the same id, until it is acknowledged. Null when the broker is closed. */
export async function publishAgain(broker: RedisBroker, channel: string, id: string): Promise<Stored | null> {
  for (;;) {
    try {
      return await broker.publish(channel, message(id));
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
      if (error.message === 'The broker is closed.') return null;
    }
  }
}

/** The ids of all that a channel holds, in order; also checks that the offsets have no holes. */
export async function historyOf(broker: RedisBroker, channel: string): Promise<string[]> {
  const { messages } = await broker.page(channel, null, 100_000);
  for (const [i, { position }] of messages.entries()) {
    if (position.offset !== (messages[0]?.position.offset ?? 0) + i) throw new Error(`a hole in the history before ${position.offset}`);
  }
  return messages.map(({ id }) => id);
}
