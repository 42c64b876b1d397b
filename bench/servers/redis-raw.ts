import type { Redis } from 'ioredis';
import { stampedData } from '../client/latencies.ts';
import { type Pace, paced } from '../pace.ts';
import { append, rawClient, storedRest } from './append.ts';
import { measured } from './measured.ts';

/** What is appended: like a crowd's traffic, without the crowd. */
export interface RawTraffic extends Pace {
  readonly bytes: number;
  readonly channels: number;
}

/**
 * The least that publishing to Redis can cost: a process that appends and tells the same bytes, as many in a tick as the load client sends, and
 * awaits the answers. No client, no WebSocket, no order, no idempotence, no trimming, no acknowledgement.
 */
let redis: Redis;
let published = 0;

async function publish({ bytes, channels, ...pace }: RawTraffic): Promise<number> {
  const pending: Promise<unknown>[] = [];
  const sent = await paced(pace, (count) => {
    for (let i = 0; i < count; i++) {
      const n = published++;
      const rest = storedRest(`"${stampedData(performance.now(), bytes)}"`);
      pending.push(append(redis, { channel: `channel-${n % channels}`, id: `${process.pid}-${n}`, rest }));
    }
  });
  await Promise.all(pending);
  return sent;
}

async function listen(port: number): Promise<number> {
  redis = rawClient(port);
  await redis.ping();
  return 0;
}

measured(listen, { publish });
