import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryEngine } from '../../../../../gateway/broker/memory/engine.ts';
import { RecordingListener } from '../../../../fakes/recording-listener.ts';

describe('MemoryEngine', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells of expired presence by its own timer', async () => {
    const broker = new MemoryEngine().connect();
    const listener = new RecordingListener();
    await broker.subscribe('room', listener);
    await broker.join('room', { member: 'ann', connection: 'c1' }, 5_000);
    vi.advanceTimersByTime(4_000);
    expect(listener.whoCameAndWent).toEqual(['join ann']);
    vi.advanceTimersByTime(2_000);
    expect(listener.whoCameAndWent).toEqual(['join ann', 'leave ann']);
    await broker.close();
  });

  it('has a timer only while there are channels and a broker is open', async () => {
    const engine = new MemoryEngine({ idleMs: 60_000 });
    expect(vi.getTimerCount()).toBe(0);
    const [first, second] = [engine.connect(), engine.connect()];
    expect(vi.getTimerCount()).toBe(0);
    await first.head('room');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(61_000);
    expect(vi.getTimerCount()).toBe(0);
    await second.head('room');
    await first.close();
    expect(vi.getTimerCount()).toBe(1);
    await second.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps what is stored when the last broker is closed', async () => {
    const engine = new MemoryEngine();
    const first = engine.connect();
    const { position } = await first.publish('room', { id: 'm1', member: 'ann', data: '1' });
    await first.close();
    const second = engine.connect();
    expect(await second.head('room')).toEqual(position);
    await second.close();
  });

  it('never shows an expired message, even before the timer swept it', async () => {
    let now = 0;
    const engine = new MemoryEngine({ history: { maxMessages: 10, maxAgeMs: 1_000 }, now: () => now });
    const broker = engine.connect();
    await broker.publish('room', { id: 'm1', member: 'ann', data: '1' });
    now = 1_000;
    expect((await broker.page('room', null, 10)).messages).toEqual([]);
    await broker.close();
  });

  it('tells all listeners in the same order when one publishes while it is told', async () => {
    const engine = new MemoryEngine();
    const brokers = [engine.connect(), engine.connect()] as const;
    const answering = new RecordingListener();
    const second = new RecordingListener();
    await brokers[0].subscribe('room', {
      message: (message) => {
        answering.message(message);
        if (message.id === 'question') void brokers[0].publish('room', { id: 'answer', member: 'bot', data: '1' });
      },
      event: () => {},
      presence: () => {},
    });
    await brokers[1].subscribe('room', second);
    await brokers[1].publish('room', { id: 'question', member: 'ann', data: '1' });
    expect([answering.ids, second.ids]).toEqual([
      ['question', 'answer'],
      ['question', 'answer'],
    ]);
    for (const broker of brokers) await broker.close();
  });
});
