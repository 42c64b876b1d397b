import { describe, expect, it } from 'vitest';
import { Checker } from '../../../load/checker.ts';
import { ObservationReader, ObservationWriter } from '../../../load/observations.ts';

describe('observations', () => {
  it('enter the books as they were seen, though two threads number their lines differently', () => {
    const checker = new Checker([
      { channel: 0, slow: false },
      { channel: 1, slow: false },
    ]);
    const [a, b] = [new ObservationWriter(), new ObservationWriter()];
    const [readA, readB] = [new ObservationReader(checker), new ObservationReader(checker)];

    a.began(0, 0);
    a.opened(0, 1, 'first');
    a.subscribed(0, a.line(0, 'e'), 0, 2);
    a.up(0, 2);
    a.sent(3);
    a.acknowledged({ message: 0, publisher: 0, line: a.line(0, 'e'), offset: 1 }, 4);
    readA.read(a.take());
    a.delivered(0, { message: 0, publisher: 0, line: a.line(0, 'e'), offset: 1 }, 5, 2);
    a.down(0, 10);
    a.tried(0, 15);
    a.tried(0, 18);
    a.opened(0, 20, 'reconnect');
    a.up(0, 25);
    readA.read(a.take());

    b.began(1, 0);
    b.subscribed(1, b.line(1, 'f'), 7, 2);
    b.up(1, 2);
    b.sent(3);
    b.failed(4);
    b.sent(5);
    b.acknowledged({ message: 3, publisher: 1, line: b.line(1, 'f'), offset: 8 }, 6);
    b.gapTold(1, 6);
    b.tried(1, 28);
    b.opened(1, 30, 'migrate');
    readB.read(b.take());

    expect(checker.verdict(100)).toMatchObject({
      clients: 2,
      sent: 3,
      failed: 1,
      acknowledged: 2,
      delivered: 1,
      lost: 1,
      gaps: 1,
      reconnects: 1,
      migrations: 1,
      peakReconnectsPerSecond: 3,
      neverCameBack: 0,
      longestSilenceMs: { max: 15 },
    });
  });

  it('come once: a second batch holds only what is new', () => {
    const writer = new ObservationWriter();
    writer.sent(1);
    expect(writer.take().records.length).toBeGreaterThan(0);
    expect(writer.take()).toEqual({ records: new Float64Array(0), newLines: [] });
  });
});
