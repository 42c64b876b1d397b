import { describe, expect, it } from 'vitest';
import { kubeTargetOf, type Target, type TargetOptions, targetOf } from '../../../../cli/kube/target.ts';
import type { Program } from '../../../../cli/program.ts';

const local = (url: string): Target => ({ kind: 'local', url });
const kubernetes = (choice: object = {}, allNamespaces = false): Target => ({ kind: 'kubernetes', choice, allNamespaces });

describe('targetOf', () => {
  it.each<[string, Program, TargetOptions, Target]>([
    ['without options, this machine', 'chatcluster', {}, local('http://127.0.0.1:8080')],
    ['with an address, this machine', 'chatcluster', { url: 'http://127.0.0.1:1' }, local('http://127.0.0.1:1')],
    ['with --kube, Kubernetes', 'chatcluster', { kube: true }, kubernetes()],
    ['with a namespace, Kubernetes', 'chatcluster', { namespace: 'shop' }, kubernetes({ namespace: 'shop' })],
    [
      'with a context and a file, Kubernetes',
      'chatcluster',
      { context: 'far', kubeconfig: '/k' },
      kubernetes({ kubeconfig: '/k', context: 'far' }),
    ],
    ['with -A, Kubernetes', 'chatcluster', { allNamespaces: true }, kubernetes({}, true)],
    ['for kubectl always Kubernetes', 'kubectl chatcluster', {}, kubernetes()],
    ['for kubectl also with --kube', 'kubectl chatcluster', { kube: true }, kubernetes()],
  ])('is %s', (_, program, options, want) => {
    expect(targetOf(options, program)).toEqual(want);
  });

  it.each<[string, TargetOptions, RegExp]>([
    ['an address and --kube', { url: 'http://a', kube: true }, /^--url is for a cluster on this machine, --kube for one on Kubernetes/],
    ['an address, a namespace and a context', { url: 'http://a', namespace: 'b', context: 'c' }, /, -n and --context for one/],
    ['an empty namespace', { namespace: '' }, /^-n is empty/],
    ['an empty context', { kube: true, context: '' }, /^--context is empty/],
  ])('refuses %s', (_, options, message) => {
    expect(() => targetOf(options, 'chatcluster')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message), exitCode: 2 }),
    );
  });
});

describe('kubeTargetOf', () => {
  it('takes what kubectl calls without a word', () => expect(kubeTargetOf({}, 'kubectl chatcluster', 'pause')).toEqual({}));
  it('wants to be told otherwise, so that nobody pauses what he did not mean', () => {
    expect(() => kubeTargetOf({}, 'chatcluster', 'pause')).toThrow(/^"pause" is for clusters on Kubernetes: add --kube/);
    expect(() => kubeTargetOf({ url: 'http://a' }, 'chatcluster', 'pause')).toThrow(/add --kube/);
  });
});
