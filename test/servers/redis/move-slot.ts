import type { RedisServer } from './server.ts';

/** A slot's way from one primary to another. */
export interface SlotMove {
  readonly slot: number;
  readonly from: RedisServer;
  readonly to: RedisServer;
  readonly fromId: string;
  readonly toId: string;
  /** The other primaries, which are told at once instead of by gossip. */
  readonly others: readonly RedisServer[];
  readonly whileOpen: () => Promise<void>;
}

const KEYS_AT_ONCE = 100;
const MIGRATE_TIMEOUT_MS = 5_000;

/** Moves a slot as the Cluster's own tools do: open it on both sides, move the keys, tell all whose it is now. */
export async function moveSlot({ slot, from, to, fromId, toId, others, whileOpen }: SlotMove): Promise<void> {
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
  await whileOpen();
  for (;;) {
    const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, KEYS_AT_ONCE)) as string[];
    if (keys.length === 0) break;
    const { host, port, password } = to.connection;
    const login = password === undefined ? [] : ['AUTH', password];
    await from.command('MIGRATE', host, port, '', 0, MIGRATE_TIMEOUT_MS, ...login, 'KEYS', ...keys);
  }
  // The one that gets it first: so there is no moment in which the slot has no owner.
  for (const node of [to, from, ...others]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
}
