/** One line of `CLUSTER NODES`: what a node says of itself or another. */
export interface SeenNode {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly flags: readonly string[];
  /** The id of its primary, when it is a replica. */
  readonly primaryId: string | undefined;
  readonly configEpoch: number;
  readonly connected: boolean;
  /** First and last slot of each range. */
  readonly slots: readonly (readonly [number, number])[];
}

export const SLOTS = 16_384;

/** Reads the reply of `CLUSTER NODES`. Slots on their way to another node are left to the one that still has them. */
export function parseClusterNodes(reply: string): readonly SeenNode[] {
  return reply
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseLine);
}

function parseLine(line: string): SeenNode {
  const [id = '', address = '', flags = '', primary = '-', , , configEpoch = '0', link = '', ...slots] = line.trim().split(' ');
  const [hostAndPort = ''] = (address.split(',')[0] ?? '').split('@');
  const colon = hostAndPort.lastIndexOf(':');
  return {
    id,
    host: hostAndPort.slice(0, colon),
    port: Number(hostAndPort.slice(colon + 1)),
    flags: flags.split(','),
    primaryId: primary === '-' ? undefined : primary,
    configEpoch: Number(configEpoch),
    connected: link === 'connected',
    slots: slots.filter((range) => !range.startsWith('[')).map(parseRange),
  };
}

function parseRange(range: string): readonly [number, number] {
  const [first = '', last = first] = range.split('-');
  return [Number(first), Number(last)];
}

/** Whether this node says that it has the slot. */
export function hasSlot(node: SeenNode, slot: number): boolean {
  return node.slots.some(([first, last]) => first <= slot && slot <= last);
}

/** Shares all slots out to this many primaries, first and last slot of each. */
export function shareSlots(primaries: number): readonly (readonly [number, number])[] {
  const start = (at: number) => Math.floor((SLOTS * at) / primaries);
  return Array.from({ length: primaries }, (_, at) => [start(at), start(at + 1) - 1] as const);
}
