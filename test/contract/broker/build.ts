import type { Broker, NewMessage, Stored } from '../../../gateway/broker/broker.ts';
import { RecordingListener } from '../../fakes/recording-listener.ts';

export const message = (id: string, more: Partial<NewMessage> = {}): NewMessage => ({ id, member: 'ann', data: '"hello"', ...more });

/** The ids `prefix1` … `prefixN`. */
export const ids = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

/** Publishes messages with these ids one after the other, without awaiting each. */
export const publishAll = (broker: Broker, channel: string, of: readonly string[]): Promise<Stored[]> =>
  Promise.all(of.map((id) => broker.publish(channel, message(id))));

export async function listen(broker: Broker, channel: string): Promise<RecordingListener> {
  const listener = new RecordingListener();
  await broker.subscribe(channel, listener);
  return listener;
}

/** Resolves when all that was told to `reader` before has been heard: live delivery is in order over one link. */
export async function fence(writer: Broker, reader: Broker): Promise<void> {
  const listener = await listen(reader, 'fence');
  await writer.publish('fence', message(`fence-${fences++}`));
  await listener.until(({ messages }) => messages.length > 0);
  await reader.unsubscribe('fence');
}
let fences = 0;
