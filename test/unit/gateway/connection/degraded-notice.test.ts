import { expect, test } from 'vitest';
import type { Connection } from '../../../../gateway/connection/connection.ts';
import { DegradedNotice } from '../../../../gateway/connection/degraded-notice.ts';
import { ConnectionTable } from '../../../../gateway/connection/table.ts';

/** A connection that keeps what it is told. */
class Told implements Connection {
  readonly id = 0;
  readonly transport = 'websocket';
  readonly migrating = false;
  readonly told: boolean[] = [];
  migrate(): void {}
  close(): void {}
  degraded(degraded: boolean): void {
    this.told.push(degraded);
  }
}

function crowd(size: number): { table: ConnectionTable; notice: DegradedNotice; all: Told[] } {
  const table = new ConnectionTable();
  const all = Array.from({ length: size }, () => new Told());
  for (const connection of all) table.add(connection);
  return { table, notice: new DegradedNotice(table), all };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const told = (all: readonly Told[], value: boolean) => all.filter((one) => one.told.at(-1) === value).length;

test('a crowd is told in several turns, each once', async () => {
  const { notice, all } = crowd(1_200);
  notice.tell(true);
  expect(told(all, true)).toBe(500);
  for (let turns = 0; turns < 3; turns++) await turn();
  expect(all.every((one) => one.told.length === 1)).toBe(true);
});

test('a telling that is overtaken ends: the last of all is told the newest', async () => {
  const { notice, all } = crowd(1_200);
  notice.tell(true);
  notice.tell(false);
  for (let turns = 0; turns < 3; turns++) await turn();
  expect([told(all, false), all.at(-1)?.told]).toEqual([1_200, [false]]);
});

test('those who go meanwhile are not told, and nothing is told after close', async () => {
  const { table, notice, all } = crowd(1_200);
  notice.tell(true);
  for (const connection of all.slice(600, 700)) table.remove(connection);
  await turn();
  notice.close();
  await turn();
  expect(all.filter((one) => one.told.length > 0).length).toBe(1_000);
  expect(all.slice(600, 700).every((one) => one.told.length === 0)).toBe(true);
});
