import { setTimeout as sleep } from 'node:timers/promises';
import { CHART, EXAMPLE } from './places.ts';
import { lab, until } from './tools.ts';
import { CHAT, RELEASE, SYSTEM, type World } from './world.ts';

export interface Scenario {
  readonly name: string;
  /** What must be there, beside one node. */
  readonly needs?: 'another node' | 'the lab';
  /** Under load: what is done while clients are connected. */
  readonly during?: (world: World) => Promise<void>;
  /** Without load. */
  readonly alone?: (world: World) => Promise<void>;
}

/** Gateways small enough for few clients to fill several, and quick decisions. */
const SMALL = {
  gateway: { connectionsPerGateway: 100 },
  scaling: { minReplicas: 2, maxReplicas: 5, behavior: { scaleDown: { stabilizationWindowSeconds: 10 } } },
  drain: { timeout: '60s', maxConnectionsPerSecond: 20 },
};
const LONG_MS = 300_000;
/** Longer than the operator waits for an answer, shorter than Pods are given up. */
const CUT_MS = 20_000;

/** In this order: each begins where the one before ended, at rest with two gateways. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'install', alone: install },
  { name: 'scale', during: scale },
  { name: 'settings', during: (world) => rollOut(world, { gateway: { messageBytes: 16_384 } }) },
  { name: 'image', during: imageRollout },
  { name: 'kubectl-scale', during: kubectlScale },
  { name: 'operator-killed', during: operatorKilled },
  { name: 'node-drain', needs: 'another node', during: nodeDrain },
  { name: 'node-cut', needs: 'the lab', during: nodeCut },
  { name: 'node-lost', needs: 'the lab', during: nodeLost },
  { name: 'remove', alone: remove },
];

/** Of a gateway that is there before each scenario, so that one crowd of clients fits. */
export const CLIENTS = 60;

async function install(world: World): Promise<void> {
  await world.chooseSafeNode();
  for (const name of [SYSTEM, CHAT]) {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }
  const { image, valkeyImage } = world.settings;
  const [repository = '', tag = ''] = split(image);
  const settings = [
    `image.repository=${repository}`,
    `image.tag=${tag}`,
    'valkey.enabled=true',
    'operator.leaseDuration=6s',
    `networkPolicy.gatewayNamespaces={${CHAT}}`,
  ];
  const node = Object.entries(world.safeNode()).map(([key, value]) => `valkey.nodeSelector.${key.replaceAll('.', '\\.')}=${value}`);
  if (valkeyImage !== null) {
    const [valkeyRepository, valkeyTag] = split(valkeyImage);
    settings.push(`valkey.image.repository=${valkeyRepository}`, `valkey.image.tag=${valkeyTag}`);
  }
  const sets = settings.flatMap((setting) => ['--set', setting]).concat(node.flatMap((setting) => ['--set-string', setting]));
  await world.helm('upgrade', '--install', RELEASE, CHART, '--namespace', SYSTEM, '--wait', '--timeout', '5m', ...sets);
  await world.helm('test', RELEASE, '--namespace', SYSTEM, '--timeout', '2m');
  await world.kubectl('apply', '--namespace', CHAT, '--filename', EXAMPLE);
  // The example stands in one namespace with its Valkey.
  await world.change({ ...SMALL, broker: { url: `redis://${RELEASE}-valkey.${SYSTEM}:6379/0` } });
  await world.rest(2);
}

/** A crowd comes, and goes again: more gateways, a share of connections for each, fewer gateways. */
async function scale(world: World): Promise<void> {
  const crowd = await world.startLoad(220);
  await world.rest(4);
  await until('the connections are even', LONG_MS, async () => {
    const counts = await connections(world);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    // Above the mean by 20 % a gateway moves some away, which the default of spec.rebalance is.
    if (Math.max(...counts) > mean * 1.25) throw new Error(counts.join(' '));
    return true;
  });
  await world.endLoad(crowd);
  await world.rest(2);
}

async function rollOut(world: World, spec: object): Promise<void> {
  const before = (await world.gateways()).map(({ metadata }) => metadata.uid);
  await world.change(spec);
  await world.rest(2);
  const after = await world.gateways();
  if (after.some(({ metadata }) => before.includes(metadata.uid))) throw new Error('A gateway with the old settings is left.');
}

/** Another name of the image is another image. */
async function imageRollout(world: World): Promise<void> {
  await rollOut(world, { pods: { image: `${split(world.settings.image)[0]}:next` } });
}

async function kubectlScale(world: World): Promise<void> {
  await world.change({ replicas: 2, scaling: { mode: 'External' } });
  await world.kubectl('scale', `chatcluster/${CHAT}`, '-n', CHAT, '--replicas=4');
  await world.rest(4);
  await world.kubectl('scale', `chatcluster/${CHAT}`, '-n', CHAT, '--replicas=2');
  await world.rest(2);
  await world.change({ replicas: null, scaling: { mode: 'Auto' } });
  await world.rest(2);
}

/** Again and again while it rolls out. */
async function operatorKilled(world: World): Promise<void> {
  const rollout = rollOut(world, { gateway: { messageBytes: 32_768 } });
  let over = false;
  const ended = rollout.finally(() => {
    over = true;
  });
  for (let killed = 0; killed < 5 && !over; killed++) {
    await world.kubectl('delete', 'pods', '-n', SYSTEM, '-l', 'app.kubernetes.io/component=operator', '--grace-period=0', '--force');
    await sleep(10_000);
  }
  await ended;
}

async function nodeDrain(world: World): Promise<void> {
  const node = await nodeWithGateway(world);
  await world.kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=300s');
  await world.rest(2);
  if ((await world.gateways()).some(({ spec }) => spec.nodeName === node)) throw new Error(`A gateway is left on ${node}.`);
  await world.kubectl('uncordon', node);
}

async function nodeCut(world: World): Promise<void> {
  const node = await nodeWithGateway(world);
  await lab('cut-node', node.replace(/\D/g, ''));
  await sleep(CUT_MS);
  await lab('heal-node', node.replace(/\D/g, ''));
  await world.rest(2);
}

async function nodeLost(world: World): Promise<void> {
  const node = await nodeWithGateway(world);
  await lab('kill-node', node.replace(/\D/g, ''));
  await until('gateways are ready elsewhere', LONG_MS, async () => {
    const elsewhere = (await world.gateways()).filter(({ spec, status }) => spec.nodeName !== node && isReady(status));
    return elsewhere.length >= 2 || undefined;
  });
  await lab('start-node', node.replace(/\D/g, ''));
  await world.rest(2);
}

async function remove(world: World): Promise<void> {
  await world.kubectl('delete', 'chatcluster', CHAT, '-n', CHAT, '--timeout=180s');
  await world.helm('uninstall', RELEASE, '--namespace', SYSTEM, '--wait', '--timeout', '5m');
  await until('no gateway is left', LONG_MS, async () => (await world.gateways()).length === 0 || undefined);
  await world.kubectl('delete', 'namespace', SYSTEM, CHAT, '--timeout=120s');
}

const isReady = (status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }) =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

/** A node that may go and has a gateway; new gateways are spread, so a rollout brings one there. */
async function nodeWithGateway(world: World): Promise<string> {
  const others = await world.otherNodes();
  const find = async () => (await world.gateways()).map(({ spec }) => spec.nodeName ?? '').find((node) => others.includes(node));
  const found = await find();
  if (found !== undefined) return found;
  const annotations = { 'chatcluster-e2e/spread': new Date().toISOString() };
  await rollOut(world, { pods: { template: { metadata: { annotations } } } });
  const spread = await find();
  if (spread === undefined) throw new Error(`No gateway is on ${others.join(' or ')}.`);
  return spread;
}

/** Of each gateway, as it tells itself. */
async function connections(world: World): Promise<readonly number[]> {
  const ask =
    'fetch("http://127.0.0.1:9090/metrics").then((r) => r.text()).then((t) => console.log(/^chatcluster_gateway_connections (\\d+)$/m.exec(t)[1]))';
  const gateways = await world.gateways();
  return Promise.all(
    gateways.map(async ({ metadata }) =>
      Number(await world.kubectl('exec', metadata.name, '-n', CHAT, '-c', 'gateway', '--', 'node', '-e', ask)),
    ),
  );
}

function split(image: string): readonly [string, string] {
  const colon = image.lastIndexOf(':');
  return [image.slice(0, colon), image.slice(colon + 1)];
}
