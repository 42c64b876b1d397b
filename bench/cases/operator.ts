import type { Benchmark, Subject } from '../benchmark.ts';
import { operatorAtRest } from '../operator/world.ts';

const GATEWAYS_EACH = 10;
const REST_MS = 60_000;
const QUICK_REST_MS = 15_000;
const BOUNDS = { cpuPercent: 25, memoryMb: 300, requests: 0 } as const;

const nameOf = (figure: keyof typeof BOUNDS, gateways: number): string => {
  const what = { cpuPercent: 'CPU, % of a core', memoryMb: 'memory, MB', requests: 'API requests' }[figure];
  return `${what}, ${gateways} gateways`;
};

export const operator: Benchmark = {
  name: 'operator',
  title: 'an operator at rest for a minute: 10 and 100 ChatClusters of 10 gateways each, on a real API server',
  run: async ({ quick, progress }) => {
    const sizes = quick ? [10] : [10, 100];
    const subjects: Subject[] = [];
    for (const clusters of sizes) {
      const gateways = clusters * GATEWAYS_EACH;
      const rest = await operatorAtRest(clusters, quick ? QUICK_REST_MS : REST_MS, (text) => progress(`${gateways} gateways: ${text}`));
      for (const figure of ['cpuPercent', 'memoryMb', 'requests'] as const) {
        subjects.push({ name: nameOf(figure, gateways), runs: [rest[figure]] });
      }
    }
    const most = (sizes.at(-1) ?? 0) * GATEWAYS_EACH;
    return {
      unit: 'as named',
      subjects,
      bounds: (['cpuPercent', 'memoryMb', 'requests'] as const).map((figure) => ({
        subject: nameOf(figure, most),
        kind: 'at most' as const,
        value: BOUNDS[figure],
      })),
      notes: [
        'API requests: reads, lists and writes; the renewals of the Lease and open watches aside.',
        "Memory: resident, of which about 60 MB are the program itself, shared with every other Node. As in a Pod with the chart's limit of 512Mi.",
        ...(quick ? ['With --quick: 10 ChatClusters and 15 s only.'] : []),
      ],
      incomparable: true,
    };
  },
};
