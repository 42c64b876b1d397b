import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../../gateway/connection/connection.ts';
import { ConnectionTable } from '../../../../gateway/connection/table.ts';

const connection = (transport: Connection['transport']): Connection => ({
  id: 1,
  transport,
  migrating: false,
  migrate: () => undefined,
  degraded: () => undefined,
  close: () => undefined,
});

describe("a gateway's capacity is used by", () => {
  it('each WebSocket', () => {
    const table = new ConnectionTable();
    const [one, two] = [connection('websocket'), connection('websocket')];
    for (const each of [one, two, two]) table.add(each);
    expect(table.occupied(0)).toBe(2);
    table.remove(one);
    table.remove(one);
    expect([table.occupied(0), table.size]).toEqual([1, 1]);
  });

  it('a client that polls only as far as its polls are here; 0 is said when nobody is', () => {
    const table = new ConnectionTable();
    table.add(connection('websocket'));
    const polling = Array.from({ length: 10 }, () => connection('longpoll'));
    for (const each of polling) {
      table.add(each);
      table.polls.begun(0);
    }
    expect(table.occupied(10)).toBe(11);
    for (const _ of polling) table.polls.ended(1_000);
    expect(table.occupied(1_000)).toBe(11);
    expect(table.occupied(1_700)).toBe(4);
    expect(table.occupied(3_000)).toBe(2);
    for (const each of polling) table.remove(each);
    expect(table.occupied(3_000)).toBe(1);
  });
});
