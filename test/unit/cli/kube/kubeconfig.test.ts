import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKubeconfigs } from '../../../../cli/kube/kubeconfig.ts';
import { kubeconfigFiles } from '../../../../cli/kube/kubeconfig-files.ts';

let home: string;
/** The same files, in a home that has no ~/.kube/config. */
let elsewhere: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  elsewhere = join(home, 'elsewhere');
  mkdirSync(join(home, '.kube'));
  mkdirSync(elsewhere);
  writeFileSync(join(home, '.kube', 'config'), kubeconfig('home', ['home', 'work']));
  writeFileSync(join(home, 'one'), kubeconfig('one', ['one', 'both'], 'https://first'));
  writeFileSync(join(home, 'two'), kubeconfig('two', ['two', 'both'], 'https://second'));
  writeFileSync(join(home, 'no-current'), kubeconfig('', ['one', 'two']));
  writeFileSync(
    join(home, 'no-cluster'),
    JSON.stringify({ contexts: [{ name: 'a', context: { cluster: 'gone', user: 'u' } }], 'current-context': 'a' }),
  );
  writeFileSync(join(home, 'broken'), 'a: [');
});
afterAll(() => rmSync(home, { recursive: true }));

function kubeconfig(current: string, names: readonly string[], server = 'https://somewhere'): string {
  return JSON.stringify({
    'current-context': current,
    clusters: names.map((name) => ({ name, cluster: { server } })),
    users: names.map((name) => ({ name, user: { token: name } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name, namespace: `ns-${name}` } })),
  });
}

const filesOf = (chosen: string | undefined, KUBECONFIG: string | undefined, at: string, serviceAccountFolder = join(home, 'nowhere')) =>
  kubeconfigFiles(chosen === undefined ? undefined : join(home, chosen), { env: { KUBECONFIG }, home: at, serviceAccountFolder });
const find = ({ kubeconfig, context }: { kubeconfig?: string; context?: string }, KUBECONFIG?: string, at = home) =>
  readKubeconfigs(filesOf(kubeconfig, KUBECONFIG, at) ?? [], context);
const files = (...names: readonly string[]) => names.map((name) => join(home, name)).join(':');

describe('a kubeconfig', () => {
  it.each<[string, () => ReturnType<typeof find>, string, string]>([
    ['the file at home', () => find({}), 'home', 'https://somewhere'],
    ['another context of it', () => find({ context: 'work' }), 'work', 'https://somewhere'],
    ['the file of KUBECONFIG before it', () => find({}, files('one')), 'one', 'https://first'],
    ['the file that is named before all others', () => find({ kubeconfig: 'two' }, files('one')), 'two', 'https://second'],
    ['several files, the first of which says the context', () => find({}, files('one', 'two')), 'one', 'https://first'],
    ['several files, with a context of the second', () => find({ context: 'two' }, files('one', 'two')), 'two', 'https://second'],
    ['the first of two contexts of one name', () => find({ context: 'both' }, files('one', 'two')), 'both', 'https://first'],
    ['what of several files there is', () => find({}, files('nowhere', 'two')), 'two', 'https://second'],
  ])('takes %s', (_, found, context, server) => {
    expect([found().getCurrentContext(), found().getCurrentCluster()?.server]).toEqual([context, server]);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'no file at all',
      () => find({}, undefined, elsewhere),
      /^There is no kubeconfig: .*elsewhere\/\.kube\/config does not exist, and KUBECONFIG is not set\. Name one by --kubeconfig\.$/,
    ],
    ['a named file that is not there', () => find({ kubeconfig: 'nowhere' }), /^--kubeconfig .*nowhere: there is no such file\.$/],
    [
      'files of KUBECONFIG that are not there',
      () => find({}, files('no', 'nor')),
      /^KUBECONFIG names .*no and .*nor, which do not exist\.$/,
    ],
    ['a file that is broken', () => find({ kubeconfig: 'broken' }), /broken is no kubeconfig: /],
    ['a context that is nearly right', () => find({ context: 'hoem' }), /config has no context "hoem"; did you mean home\?$/],
    ['a context that is not there', () => find({ context: 'production' }), /config has no context "production"; it has home, work\.$/],
    [
      'no current context',
      () => find({ kubeconfig: 'no-current' }),
      /no-current has no current context: choose one with .*; it has one, two\.$/,
    ],
    ['a context whose cluster is not there', () => find({ kubeconfig: 'no-cluster' }), /^The context "a" of .* names no cluster/],
  ])('says what to do about %s', (_, attempt, message) => {
    expect(attempt).toThrow(expect.objectContaining({ name: 'Failure', message: expect.stringMatching(message) }));
  });

  it('is not needed in a Pod, but wins over its service account', () => {
    const pod = join(home, 'serviceaccount');
    mkdirSync(pod);
    writeFileSync(join(pod, 'token'), 'of the Pod');
    expect(filesOf(undefined, undefined, elsewhere, pod)).toBeNull();
    expect(filesOf(undefined, undefined, home, pod)).toEqual([join(home, '.kube', 'config')]);
    expect(filesOf(undefined, files('one'), elsewhere, pod)).toEqual([files('one')]);
  });
});
