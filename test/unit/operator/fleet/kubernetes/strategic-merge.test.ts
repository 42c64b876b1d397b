import { expect, it } from 'vitest';
import { strategicMerge } from '../../../../../operator/fleet/kubernetes/strategic-merge.ts';

const env = (...items: readonly object[]) => ({ spec: { containers: [{ name: 'gateway', env: items }] } });

const cases: readonly { name: string; base: object; patch: object; want: object }[] = [
  { name: 'nothing changes nothing', base: { spec: { a: 1 } }, patch: {}, want: { spec: { a: 1 } } },
  {
    name: 'objects are merged field by field',
    base: { spec: { a: 1, b: { c: 1 } } },
    patch: { spec: { b: { d: 2 } } },
    want: { spec: { a: 1, b: { c: 1, d: 2 } } },
  },
  { name: 'null takes a field away', base: { spec: { a: 1, b: 2 } }, patch: { spec: { a: null } }, want: { spec: { b: 2 } } },
  { name: 'null in what is new is nothing', base: {}, patch: { spec: { a: null, b: { c: null } } }, want: { spec: { b: {} } } },
  {
    name: 'a list without names is replaced',
    base: { spec: { tolerations: [{ key: 'a' }] } },
    patch: { spec: { tolerations: [{ key: 'b' }] } },
    want: { spec: { tolerations: [{ key: 'b' }] } },
  },
  {
    name: 'containers are merged by name, in their places; new ones come last',
    base: { containers: [{ name: 'gateway', image: 'a', ports: [] }] },
    patch: {
      containers: [
        { name: 'proxy', image: 'p' },
        { name: 'gateway', resources: { limits: { cpu: 1 } } },
      ],
    },
    want: {
      containers: [
        { name: 'gateway', image: 'a', ports: [], resources: { limits: { cpu: 1 } } },
        { name: 'proxy', image: 'p' },
      ],
    },
  },
  {
    name: 'a variable takes the place of one of its name',
    base: env({ name: 'A', value: '1' }, { name: 'B', value: '2' }),
    patch: env({ name: 'A', valueFrom: { fieldRef: {} } }),
    want: env({ name: 'A', valueFrom: { fieldRef: {} } }, { name: 'B', value: '2' }),
  },
  {
    name: 'a variable is taken away',
    base: env({ name: 'A', value: '1' }, { name: 'B', value: '2' }),
    patch: env({ name: 'A', $patch: 'delete' }),
    want: env({ name: 'B', value: '2' }),
  },
  { name: 'what is not there is taken away without a trace', base: env(), patch: env({ name: 'A', $patch: 'delete' }), want: env() },
  {
    name: 'ports are merged by their number',
    base: { ports: [{ containerPort: 1, name: 'a' }] },
    patch: { ports: [{ containerPort: 1, hostPort: 9 }, { containerPort: 2 }] },
    want: { ports: [{ containerPort: 1, name: 'a', hostPort: 9 }, { containerPort: 2 }] },
  },
  {
    name: 'mounts are merged by their path',
    base: { volumeMounts: [{ mountPath: '/tmp', name: 'tmp' }] },
    patch: { volumeMounts: [{ mountPath: '/tmp', name: 'disk' }] },
    want: { volumeMounts: [{ mountPath: '/tmp', name: 'disk' }] },
  },
  {
    name: 'a volume has one source: the later',
    base: { volumes: [{ name: 'tmp', emptyDir: {} }] },
    patch: { volumes: [{ name: 'tmp', hostPath: { path: '/x' } }] },
    want: { volumes: [{ name: 'tmp', hostPath: { path: '/x' } }] },
  },
  {
    name: 'an object is replaced when that is asked for',
    base: { spec: { affinity: { a: 1 }, b: 1 } },
    patch: { spec: { affinity: { $patch: 'replace', c: 2 } } },
    want: { spec: { affinity: { c: 2 }, b: 1 } },
  },
  {
    name: 'a named item is replaced when that is asked for',
    base: { containers: [{ name: 'a', image: 'x' }] },
    patch: { containers: [{ name: 'a', $patch: 'replace', command: ['y'] }] },
    want: { containers: [{ name: 'a', command: ['y'] }] },
  },
  {
    name: 'labels may be called like fields',
    base: { labels: { containers: 'a' } },
    patch: { labels: { containers: 'b', env: 'c' } },
    want: { labels: { containers: 'b', env: 'c' } },
  },
  { name: 'a field may be called like what objects inherit', base: {}, patch: { constructor: ['x'] }, want: { constructor: ['x'] } },
  {
    name: 'another kind of value takes the place of one',
    base: { spec: { a: { b: 1 } } },
    patch: { spec: { a: 'text' } },
    want: { spec: { a: 'text' } },
  },
];

it.each(cases)('$name', ({ base, patch, want }) => {
  const before = JSON.stringify([base, patch]);
  expect(strategicMerge(base, patch)).toEqual(want);
  expect(JSON.stringify([base, patch]), 'what was given').toBe(before);
});
