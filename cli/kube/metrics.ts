/** What `top` reads of a gateway's metrics. Counters count from its start. */
export interface Figures {
  readonly connections: number;
  readonly capacity: number;
  readonly movedTotal: number;
  readonly deliveredTotal: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

const NAMES = {
  connections: 'connections',
  capacity: 'capacity',
  movedTotal: 'migrated_total',
  deliveredTotal: 'delivered_total',
  cpuSeconds: 'cpu_seconds_total',
  memoryBytes: 'resident_memory_bytes',
} as const satisfies Record<keyof Figures, string>;

const SAMPLE = /^chatcluster_gateway_(\w+) (\S+)$/gm;

/** Reads Prometheus' text format; null when it isn't that of a gateway. */
export function figuresOf(text: string): Figures | null {
  const samples = new Map<string, number>();
  for (const [, name = '', value = ''] of text.matchAll(SAMPLE)) samples.set(name, Number(value));
  const entries = Object.entries(NAMES).map(([key, name]) => [key, samples.get(name)] as const);
  return entries.every(([, value]) => value !== undefined) ? (Object.fromEntries(entries) as unknown as Figures) : null;
}
