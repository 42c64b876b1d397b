import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { ChatClient } from '../../../client/index.ts';
import { ANNOTATIONS, LABELS } from '../../../operator/api/names.ts';
import type { ResourceStatus } from '../../../operator/status/resource-status.ts';
import { CliProcess, type Ended, ROOT, runCli } from '../../fakes/cli-process.ts';
import { GatewayProcess } from '../../fakes/gateway-process.ts';
import { condition, decision, drain, settled } from '../../fakes/kube-resources.ts';
import { AddressBlock, podAddress } from '../../kube/addresses.ts';
import type { Item } from '../../kube/api.ts';
import { kubeBinaries } from '../../kube/binaries.ts';
import { ControlPlane } from '../../kube/control-plane.ts';

const PLUGIN = `${ROOT}bin/kubectl-chatcluster.js`;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ROLES = '/apis/rbac.authorization.k8s.io/v1/namespaces/shop';
const CLIENTS = 6;
vi.setConfig({ testTimeout: 90_000 });

let plane: ControlPlane;
let block: AddressBlock;
let beforeTheCrd: Ended;
/** May read ChatClusters and Pods, and nothing else. */
let reader: string;
/** May do nothing. */
let stranger: string;
const gateways: GatewayProcess[] = [];
const clients: ChatClient[] = [];
const running: CliProcess[] = [];

beforeAll(async () => {
  [plane, block] = await Promise.all([ControlPlane.start({ controllerManager: false, scheduler: false }), AddressBlock.take()]);
  beforeTheCrd = await plugin('status');
  await plane.api.create(CRDS, parse(readFileSync(join(ROOT, 'crds/chatcluster.io_chatclusters.yaml'), 'utf8')));
  for (const name of ['shop', 'two', 'empty']) await plane.createNamespace(name);
  await vi.waitFor(() => plane.api.get(chats('shop')), { timeout: 20_000, interval: 50 });
  await Promise.all([createCluster('shop', 'chat', settled), createCluster('two', 'live'), createCluster('two', 'support')]);
  await Promise.all([createGateway('chat-1'), createGateway('chat-2'), createAccounts()]);
  await createPod('chat-3', { phase: 'Pending', containerStatuses: [stuck] });
  for (let i = 0; i < CLIENTS; i++) {
    const client = new ChatClient({ url: gateways[0]?.url('') ?? '', name: `c${i}`, transports: ['websocket'], webSocket: WebSocket });
    clients.push(client);
    client.connect();
    await client.channel('room').subscribe();
  }
}, 180_000);

afterEach(async () => {
  for (const cli of running.splice(0)) {
    cli.kill('SIGKILL');
    await cli.ended;
  }
});
afterAll(async () => {
  for (const client of clients) client.close();
  for (const gateway of gateways) await gateway.kill();
  await block?.release();
  await plane?.stop();
});

const stuck = {
  name: 'gateway',
  image: 'none',
  imageID: '',
  ready: false,
  restartCount: 0,
  state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "none"' } },
};
const chats = (namespace: string) => `/apis/chatcluster.io/v1alpha1/namespaces/${namespace}/chatclusters`;
const podsPath = '/api/v1/namespaces/shop/pods';

async function createCluster(namespace: string, name: string, status?: Partial<ResourceStatus>): Promise<void> {
  const spec = { broker: { url: 'redis://redis.example:6379/0' } };
  await plane.api.create(chats(namespace), { apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', metadata: { name }, spec });
  if (status !== undefined) await say({ ...status, observedGeneration: 1 });
}

/** As the operator. */
async function say(status: Partial<ResourceStatus>): Promise<void> {
  await plane.api.patch(`${chats('shop')}/chat/status`, { status });
}

async function createPod(name: string, status: object, labels: object = {}): Promise<void> {
  await plane.api.create(podsPath, {
    metadata: { name, labels: { [LABELS.cluster]: 'chat', [LABELS.revision]: 'aaaaaaaaaa', [LABELS.accepting]: 'true', ...labels } },
    spec: { nodeName: 'node-a', containers: [{ name: 'gateway', image: 'none' }] },
  });
  await plane.api.patch(`${podsPath}/${name}/status`, { status });
}

const ready = (podIP?: string) => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
});

/** A real gateway at the address of a Pod. */
async function createGateway(name: string): Promise<void> {
  const ip = block.next();
  const settings = { name, adminHost: podAddress(ip), adminPort: '9090', maxConnections: '10' };
  await GatewayProcess.start((gateway) => gateways.push(gateway), settings);
  await createPod(name, ready(ip));
}

async function createAccounts(): Promise<void> {
  for (const name of ['reader', 'stranger']) await plane.api.create('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name } });
  await plane.api.create(`${ROLES}/roles`, {
    metadata: { name: 'reader' },
    rules: [
      { apiGroups: ['chatcluster.io'], resources: ['chatclusters'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    ],
  });
  await plane.api.create(`${ROLES}/rolebindings`, {
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'shop' }],
  });
  reader = await plane.serviceAccountKubeconfig('shop', 'reader');
  stranger = await plane.serviceAccountKubeconfig('shop', 'stranger');
}

function plugin(...args: readonly string[]): Promise<Ended> {
  return runCli(args, { launcher: PLUGIN, env: { KUBECONFIG: plane.kubeconfig } });
}

function start(...args: readonly string[]): CliProcess {
  const cli = new CliProcess(args, { launcher: PLUGIN, env: { KUBECONFIG: plane.kubeconfig } });
  running.push(cli);
  return cli;
}

async function annotationsOf(path: string): Promise<Readonly<Record<string, string>>> {
  return (await plane.api.get<Item>(path)).metadata.annotations ?? {};
}

const chat = () => annotationsOf(`${chats('shop')}/chat`);
const annotate = (name: string, annotations: Readonly<Record<string, string | null>>) =>
  plane.api.patch(`${podsPath}/${name}`, { metadata: { annotations } });

describe('status', () => {
  it('is what kubectl calls, in the namespace that is named', async () => {
    const folder = join(plane.folder, 'path');
    mkdirSync(folder, { recursive: true });
    symlinkSync(PLUGIN, join(folder, 'kubectl-chatcluster'));
    const { kubectl } = await kubeBinaries();
    const env = { ...process.env, HOME: plane.folder, KUBECONFIG: plane.kubeconfig, PATH: `${folder}${delimiter}${process.env.PATH}` };
    const { stdout, stderr } = await promisify(execFile)(kubectl, ['chatcluster', 'status', '-n', 'shop'], { env });
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, 7)).toEqual([
      'shop/chat  3 gateways, 2 ready, 2 desired',
      '700 connections · room for 1,000 · 70% used',
      '',
      expect.stringMatching(/^GATEWAY +STATE +AGE +NODE +NOTE$/),
      expect.stringMatching(/^chat-1 +ready +\d+ \w+ +node-a$/),
      expect.stringMatching(/^chat-2 +ready +\d+ \w+ +node-a$/),
      expect.stringMatching(/^chat-3 +starting +\d+ \w+ +node-a +ImagePullBackOff: Back-off pulling image "none"$/),
    ]);
  });

  it('is the same by "chatcluster", when it is told that Kubernetes is meant', async () => {
    const ended = await runCli(['-n', 'shop', 'status', 'chat', '--kubeconfig', plane.kubeconfig, '-o', 'json']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject({
      namespace: 'shop',
      name: 'chat',
      observed: true,
      connections: 700,
      gateways: [{ name: 'chat-1', state: 'ready', node: 'node-a' }, { name: 'chat-2' }, { name: 'chat-3', state: 'starting' }],
    });
  });

  it('has a line for each of all namespaces', async () => {
    const { code, stdout } = await plugin('status', '-A');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^NAMESPACE +NAME +READY +CONNECTIONS/);
    expect(lines.slice(1).toSorted()).toEqual([
      expect.stringMatching(/^shop +chat +2\/2 +700 +70% +0 +\d+ \w+$/),
      expect.stringMatching(/^two +live +0\/- +- +- +- +\d+ \w+ +not seen by an operator$/),
      expect.stringMatching(/^two +support /),
    ]);
  });
});

describe('what can be wrong', () => {
  const mistakes: readonly (readonly [name: string, args: () => readonly string[], line: RegExp])[] = [
    ['several ChatClusters', () => ['status', '-n', 'two'], /^There are 2 ChatClusters in namespace two: say which, live or support\.$/],
    ['no ChatCluster', () => ['explain', '-n', 'empty'], /^There is no ChatCluster in namespace empty: /],
    ['a name that is nearly right', () => ['status', 'suport', '-n', 'two'], /"suport" in namespace two; did you mean support\?$/],
    [
      'an unknown gateway',
      () => ['drain', 'chat-33', '-n', 'shop'],
      /^There is no gateway "chat-33" in namespace shop; did you mean chat-3\?$/,
    ],
    ['an unknown context', () => ['status', '--context', 'tset'], /has no context "tset"; did you mean test\?$/],
    [
      'a missing right',
      () => ['status', '--kubeconfig', stranger],
      /^List chatclusters in shop: system:serviceaccount:shop:stranger has no right to list chatclusters\.chatcluster\.io in namespace shop\. A Role or ClusterRole must allow it\.$/,
    ],
    [
      'a right to read and none to write',
      () => ['pause', '--kubeconfig', reader],
      /reader has no right to patch chatclusters\.chatcluster\.io in namespace shop\./,
    ],
    [
      'an API server that is not there',
      () => ['status', '--kubeconfig', nowhere()],
      /no answer from the API server 127\.0\.0\.1:2: .*ECONNREFUSED.* Is "test" the right context\?$/,
    ],
    [
      'a token that is none',
      () => ['status', '--kubeconfig', badToken()],
      /does not accept our credentials\. Log in again, or choose another context than "test"/,
    ],
  ];
  it.each(mistakes)('says in one line what to do about %s', async (_, args, line) => {
    const ended = await plugin(...args());
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)]);
  });

  it('says that the CRD is not installed', () => {
    expect(beforeTheCrd).toMatchObject({ code: 1, stdout: '' });
    expect(beforeTheCrd.stderr).toMatch(/This Kubernetes knows no ChatClusters: .* chatclusters\.chatcluster\.io .* isn't installed\.\n$/);
  });
});

function changed(name: string, change: (config: string) => string): string {
  const file = join(plane.folder, `${name}.kubeconfig`);
  writeFileSync(file, change(readFileSync(plane.kubeconfig, 'utf8')));
  return file;
}

const nowhere = () => changed('nowhere', (config) => config.replace(plane.server, 'https://127.0.0.1:2'));
const badToken = () => changed('bad-token', (config) => config.replace(/"token": "[^"]+"/, '"token": "nonsense"'));

describe('top', () => {
  it('shows what real gateways tell, asked through the API server', async () => {
    const { code, stdout, stderr } = await plugin('top', '-n', 'shop');
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[3]).toMatch(/^GATEWAY +STATE +CONNECTIONS +USED +MOVED\/S +DELIVERED\/S +CPU +MEMORY$/);
    expect(lines.slice(4)).toEqual([
      expect.stringMatching(/^chat-1 +ready +6\/10 +██████░░░░ +60 % +0 +0 +\d+ % +\d+ MiB$/),
      expect.stringMatching(/^chat-2 +ready +0\/10 +░░░░░░░░░░ +0 % +0 +0 +\d+ % +\d+ MiB$/),
      expect.stringMatching(/^chat-3 +starting +-( +-){5}$/),
      expect.stringMatching(/^all +6\/20 /),
    ]);
  });

  it('shows the rest without the right to ask them, and says which it is', async () => {
    const { code, stdout } = await plugin('top', '--kubeconfig', reader);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^700 connections · room for 1,000 · 70% used$/m);
    expect(stdout).toMatch(/^chat-1 +ready +-( +-){5}$/m);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /No figures of single gateways: system:serviceaccount:shop:reader has no right to get pods\/proxy in namespace shop\. A Role with the verb get on pods\/proxy in namespace shop gives them\. $/,
    );
  });

  it('tells of a gateway that does not answer', async () => {
    await createPod('chat-4', ready(block.next()));
    const { stdout } = await plugin('top', '-n', 'shop', '-o', 'json');
    const { gateways: lines } = JSON.parse(stdout) as { gateways: { name: string; connections: number | null }[] };
    expect(lines.map(({ name, connections }) => [name, connections])).toEqual([
      ['chat-1', 6],
      ['chat-2', 0],
      ['chat-3', null],
      ['chat-4', null],
    ]);
    expect((await plugin('top', '-n', 'shop')).stdout.replace(/\s+/g, ' ')).toMatch(/No figures of chat-4\. Ask chat-4 for its metrics: /);
    await plane.api.delete(`${podsPath}/chat-4`, { gracePeriodSeconds: 0 });
  });
});

describe('pause and resume', () => {
  it('write what the operator reads, each direction by itself', async () => {
    const steps: readonly (readonly [args: readonly string[], annotation: string | undefined, told: RegExp])[] = [
      [['pause', '--down'], 'down', /^Scaling of chat is paused downwards/],
      [['pause', '--up'], 'both', /^Scaling of chat is paused: /],
      [['resume', 'chat', '--down'], 'up', /^Scaling of chat is paused upwards/],
      [['resume'], undefined, /^Scaling of chat goes on/],
    ];
    for (const [args, annotation, told] of steps) {
      expect(await plugin(...args, '-n', 'shop')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(told) });
      expect((await chat())[ANNOTATIONS.pauseScaling]).toBe(annotation);
    }
  });

  it('loses no wish of two people at once', async () => {
    await Promise.all([plugin('pause', '--up', '-n', 'shop'), plugin('pause', '--down', '-n', 'shop')]);
    expect((await chat())[ANNOTATIONS.pauseScaling]).toBe('both');
    expect((await plugin('status', '-n', 'shop')).stdout).toContain('\nScaling is paused.\n');
    await plugin('resume', '-n', 'shop');
  });
});

describe('rebalance', () => {
  it('asks anew each time, in the name of the plugin', async () => {
    expect((await plugin('rebalance', '-n', 'shop')).stdout).toMatch(/^The connections of chat are evened out\./);
    const first = (await chat())[ANNOTATIONS.rebalance];
    expect(Math.abs(Date.now() - Date.parse(first ?? ''))).toBeLessThan(60_000);
    await plugin('rebalance', '-n', 'shop');
    expect((await chat())[ANNOTATIONS.rebalance]).not.toBe(first);
    const { metadata } = await plane.api.get<{ metadata: { managedFields: { manager: string }[] } }>(`${chats('shop')}/chat`);
    expect(metadata.managedFields.map(({ manager }) => manager)).toContain('kubectl-chatcluster');
  });
});

describe('drain and uncordon', () => {
  it('ask for a drain, once, and take it back', async () => {
    expect((await plugin('drain', 'chat-1', '-n', 'shop')).stdout).toMatch(/^chat-1 drains\. /);
    expect((await annotationsOf(`${podsPath}/chat-1`))[ANNOTATIONS.drain]).toBe('requested');
    expect((await plugin('drain', 'pod/chat-1', '-n', 'shop')).stdout).toMatch(/^chat-1 drains already\. /);
    expect((await plugin('status', '-n', 'shop')).stdout).toMatch(/^chat-1 .* drain asked for$/m);
    expect((await plugin('uncordon', 'chat-1', '-n', 'shop')).stdout).toMatch(/^chat-1 takes connections again/);
    expect(await annotationsOf(`${podsPath}/chat-1`)).toEqual({});
    expect((await plugin('uncordon', 'chat-1', '-n', 'shop')).stdout).toMatch(/^chat-1 takes connections: there is nothing to take back\./);
  });

  it('can not take back what the operator decided, and says why it did', async () => {
    await createPod('chat-5', ready(), { [LABELS.accepting]: 'false' });
    await say({ ...settled, drains: [drain({ gateway: 'chat-5', reason: 'it has the fewest connections' })] });
    const { code, stderr } = await plugin('uncordon', 'chat-5', '-n', 'shop');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Nobody asked for the drain of chat-5, its operator decided it: it has the fewest connections\. .*pause --down"\.\n$/,
    );
    await plane.api.delete(`${podsPath}/chat-5`, { gracePeriodSeconds: 0 });
  });

  it('wait until it is gone, with its progress', async () => {
    await createPod('chat-6', ready());
    const cli = start('drain', 'chat-6', '--wait', '-n', 'shop');
    await vi.waitFor(async () => expect(await annotationsOf(`${podsPath}/chat-6`)).toHaveProperty([ANNOTATIONS.drain]), {
      timeout: 30_000,
    });
    await say({ ...settled, drains: [drain({ gateway: 'chat-6' })] });
    await cli.until(/chat-6: 700 of 1,400 connections left, 50\/s, empty in 14 s\n/);
    await plane.api.delete(`${podsPath}/chat-6`, { gracePeriodSeconds: 0 });
    expect(await cli.ended).toMatchObject({ code: 0, stdout: 'chat-6 is gone.\n' });
  });

  it('wait no longer when somebody takes it back, or with Ctrl-C, which leaves it', async () => {
    await createPod('chat-7', ready());
    const [first, second] = [start('drain', 'chat-7', '--wait', '-n', 'shop'), start('drain', 'chat-7', '--wait', '-n', 'shop')];
    await Promise.all([first.until(/not begun/), second.until(/not begun/)]);
    second.kill('SIGINT');
    expect(await second.ended).toMatchObject({ code: 130, stdout: expect.stringMatching(/^chat-7 drains on\. /) });
    expect(first.child.exitCode).toBeNull();
    await annotate('chat-7', { [ANNOTATIONS.drain]: null });
    expect(await first.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/\nSomebody took the drain of chat-7 back\.\n$/) });
    await plane.api.delete(`${podsPath}/chat-7`, { gracePeriodSeconds: 0 });
  });
});

describe('explain', () => {
  it('tells why this many, and why this one', async () => {
    await say({
      ...settled,
      lastDecision: decision({ reasons: ['700 connections / 400 per gateway', 'minReplicas is 2, the load needs 1'] }),
      drains: [drain()],
      conditions: [condition({ type: 'Progressing', message: '3 gateways, on the way to 2.' })],
    });
    const { code, stdout } = await plugin('explain', '-n', 'shop');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^WHY THIS MANY\n {2}2 gateways: 700 connections \/ 400 per gateway \(decided .* ago\)\n {2}· minReplicas is 2, the load needs 1\n/m,
    );
    expect(stdout).toMatch(/^ON THE WAY\n {2}3 gateways, on the way to 2\.\n {2}· chat-3 is not ready: ImagePullBackOff/m);
    expect(stdout).toMatch(/^WHY THESE GO\n {2}chat-2 {2}700 of 1,400 left, 50\/s.*: it\s+has the fewest\s+connections/ms);
  });
});

describe('watching', () => {
  it('outlives an API server that is away, and ends well with Ctrl-C', async () => {
    const cli = start('status', '--watch', '-o', 'json', '-n', 'shop');
    await cli.until(/\n/);
    await plane.kill9('apiserver');
    await cli.until(/no answer from the API server .* Asks again\.\n/);
    await plane.start('apiserver');
    const before = cli.stdout.split('\n').length;
    await vi.waitFor(() => expect(cli.stdout.split('\n').length).toBeGreaterThan(before + 1), { timeout: 30_000, interval: 100 });
    for (const line of cli.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ name: 'chat' });
    cli.kill('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 0, signal: null });
  });
});
