import { describe, expect, it } from 'vitest';
import { ConnectionBooks, type Opening } from '../../../load/connection-books.ts';

const all = () => true;

describe('the connection books', () => {
  it.each<[string, readonly (readonly [number, Opening])[], { peak: number; reconnects: number; migrations: number }]>([
    [
      'no first connection',
      [
        [0, 'first'],
        [1, 'first'],
      ],
      { peak: 0, reconnects: 0, migrations: 0 },
    ],
    [
      'losses and moves alike',
      [
        [0, 'reconnect'],
        [1, 'migrate'],
      ],
      { peak: 2, reconnects: 1, migrations: 1 },
    ],
    [
      'a second that does not begin at a whole one',
      [
        [900, 'migrate'],
        [1100, 'migrate'],
        [1899, 'migrate'],
        [2500, 'migrate'],
      ],
      { peak: 3, reconnects: 0, migrations: 4 },
    ],
    [
      'not what is a whole second apart',
      [
        [0, 'migrate'],
        [1000, 'migrate'],
      ],
      { peak: 1, reconnects: 0, migrations: 2 },
    ],
    [
      'in any order, for threads tell in batches',
      [
        [2500, 'migrate'],
        [100, 'migrate'],
        [2600, 'migrate'],
        [3600, 'migrate'],
      ],
      { peak: 2, reconnects: 0, migrations: 4 },
    ],
  ])('count in their highest second %s', (_name, openings, want) => {
    const books = new ConnectionBooks(1);
    for (const [at, why] of openings) {
      if (why !== 'first') books.tried(at);
      books.opened(why);
    }
    expect({ peak: books.peakPerSecond(), reconnects: books.reconnects, migrations: books.migrations }).toEqual(want);
  });

  it('take each client’s longest silence, also one that goes on', () => {
    const books = new ConnectionBooks(3);
    for (let i = 0; i < 3; i++) books.began();
    for (const client of [0, 1]) books.up(client, 100);
    books.down(0, 200);
    books.up(0, 250);
    books.down(0, 300);
    books.up(0, 600);
    books.down(1, 900);
    expect(books.longestSilence(1100, all)).toEqual({ p99: 300, max: 300 });
    expect(books.longestSilence(1100, (client) => client !== 0)).toEqual({ p99: 200, max: 200 });
    expect(books).toMatchObject({ connected: 1, neverCame: 1, away: 2 });
  });

  it('do not count twice what is told twice', () => {
    const books = new ConnectionBooks(1);
    books.up(0, 100);
    books.up(0, 150);
    books.down(0, 200);
    books.down(0, 250);
    expect(books.longestSilence(300, all)).toEqual({ p99: 100, max: 100 });
    expect(books).toMatchObject({ connected: 0 });
  });
});
