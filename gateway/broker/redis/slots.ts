/** How many slots a Cluster has. */
export const SLOTS = 16_384;

/** For each slot the address (host:port) of its primary, or undefined. */
export type SlotTable = readonly (string | undefined)[];

/**
 * Reads the answer to CLUSTER SLOTS. A node that doesn't know its own host says so with an empty one: then it is the host that was asked.
 * Null when it is no such answer.
 */
export function parseSlots(answer: unknown, askedHost: string): SlotTable | null {
  if (!Array.isArray(answer)) return null;
  const table: (string | undefined)[] = new Array(SLOTS).fill(undefined);
  for (const range of answer) {
    if (!Array.isArray(range)) return null;
    const [from, to, primary] = range as unknown[];
    if (typeof from !== 'number' || typeof to !== 'number' || !Array.isArray(primary)) return null;
    const [host, port] = primary as [string | null, number];
    table.fill(`${host || askedHost}:${port}`, from, to + 1);
  }
  return table;
}
