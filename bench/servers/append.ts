import { Redis } from 'ioredis';

/** What a message is to Redis when nothing but its storing and its telling matters. */
export interface Appended {
  readonly channel: string;
  readonly id: string;
  /** Its sender and its data, as the gateway stores them. */
  readonly rest: string;
}

/** A raw client at a Redis that has a port of 127.0.0.1: what is called in one turn goes out in one write. */
export function rawClient(port: number): Redis {
  return new Redis({ host: '127.0.0.1', port, enableAutoPipelining: true });
}

/** Appends a message to a stream and tells it on a pub/sub channel: two commands in one pipeline. Resolves to the entry's id. */
export async function append(redis: Redis, { channel, id, rest }: Appended): Promise<string | null> {
  const [entry] = await Promise.all([redis.xadd(channel, '*', id, rest), redis.publish(channel, `${id} ${rest}`)]);
  return entry;
}
