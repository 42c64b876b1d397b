import { defineConfig } from 'vitest/config';

/** Tests with a real Kubernetes control plane, or with what only Go can build: a suite of its own, for it takes as long as all the others. */
const KUBERNETES = ['test/integration/kube/**/*.test.ts', 'test/contract/fleet-kubernetes*.test.ts', 'test/chart/**/*.test.ts'];
const BROWSER = ['test/browser/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', './test/setup/summary-reporter.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'node', include: ['test/**/*.test.ts'], exclude: [...BROWSER, ...KUBERNETES], sequence: { groupOrder: 0 } },
      },
      // Afterwards: tests that make networks of their own are a change of the network to Chromium, which then drops what it is loading.
      { extends: true, test: { name: 'browser', include: BROWSER, sequence: { groupOrder: 1 } } },
      {
        extends: true,
        // The programs that aren't there yet are built before any test's time runs.
        test: { name: 'kubernetes', include: KUBERNETES, globalSetup: ['./test/kube/binaries.ts'], sequence: { groupOrder: 2 } },
      },
    ],
  },
});
