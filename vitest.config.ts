import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests with a real Kubernetes control plane, or with what only Go can build: a suite of its own, for it takes as long as all the others. */
const KUBERNETES = ['test/integration/kube/**/*.test.ts', 'test/contract/fleet-kubernetes*.test.ts', 'test/chart/**/*.test.ts'];
/** Each has a control plane of its own, and mostly waits: for drains, leases and probes. */
const CONTROL_PLANES = Math.max(2, Math.floor(availableParallelism() / 2));
/** Most tests wait: for processes, and for times that they are about. */
const WORKERS = Math.max(2, availableParallelism() - 1);
/** Other people's ingress controllers, which take minutes to build: run when their examples in docs/operations.md change. */
const INGRESS = ['test/ingress/**/*.test.ts'];
const BROWSER = ['test/browser/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', './test/setup/summary-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...BROWSER, ...KUBERNETES, ...INGRESS],
          maxWorkers: WORKERS,
          sequence: { groupOrder: 0 },
        },
      },
      // Afterwards: tests that make networks of their own are a change of the network to Chromium, which then drops what it is loading.
      { extends: true, test: { name: 'browser', include: BROWSER, sequence: { groupOrder: 1 } } },
      {
        extends: true,
        // The programs that aren't there yet are built before any test's time runs.
        test: {
          name: 'kubernetes',
          include: KUBERNETES,
          globalSetup: ['./test/kube/binaries.ts'],
          maxWorkers: CONTROL_PLANES,
          // Operators, gateways and commands start a hundred times.
          env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node') },
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'ingress', include: INGRESS, globalSetup: ['./test/kube/binaries.ts'], maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
