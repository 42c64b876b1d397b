import { Redis } from 'ioredis';

/** What a message is to Redis when nothing but its storing and its telling matters. */
export interface Appended {
  readonly channel: string;
  readonly id: string;
  /** As `storedRest` makes it. */
  readonly rest: string;
}

/** A message's sender and its data (JSON text) as a gateway stores them. */
export const storedRest = (data: string): string => `["abcdefgh"]\n${data}`;

/** A raw client at a Redis that has a port of 127.0.0.1: what is called in one turn goes out in one write. */
export function rawClient(port: number): Redis {
  return new Redis({ host: '127.0.0.1', port, enableAutoPipelining: true });
}

/** Appends a message to a stream and tells it on a pub/sub channel: two commands in one pipeline. Resolves to the entry's id. */
export async function append(redis: Redis, { channel, id, rest }: Appended): Promise<string | null> {
  const [entry] = await Promise.all([redis.xadd(channel, '*', id, rest), redis.publish(channel, `${id} ${rest}`)]);
  return entry;
}
