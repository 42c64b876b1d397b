import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingHead, Snapshot } from '../../../operator/simulate/trace/recording.ts';
import { CliProcess, ROOT, runCli } from '../../fakes/cli-process.ts';
import { FleetClients } from '../../fakes/fleet-clients.ts';
import { OperatorWorld, type Subject } from '../../kube/operator-world.ts';
import { until } from '../../servers/until.ts';

const PLUGIN = `${ROOT}bin/kubectl-chatcluster.js`;
const TEST_MS = 300_000;
const CLIENTS = 300;
/** Looks at the cluster come every 2 s; after two of them what is so now has been recorded. */
const TWO_LOOKS_MS = 5_000;
/** Who moves between two looks at gateways, or has both connections for a moment, is counted twice. */
const MOVING = 20;

let world: OperatorWorld;
let chat: Subject;
let folder: string;
const running: CliProcess[] = [];
const crowds: FleetClients[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  world = await OperatorWorld.open();
  chat = await world.subject();
  const operator = await world.operator('one', [chat]);
  await operator.ready();
  await chat.apply('scaling: {panic: {windowSeconds: 10}}');
  await chat.settled(2);
}, 2_400_000);

afterAll(async () => {
  await Promise.all(crowds.map((crowd) => crowd.close()));
  for (const cli of running) {
    cli.kill('SIGKILL');
    await cli.ended;
  }
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Recorded {
  readonly stderr: string;
  readonly head: RecordingHead;
  readonly snapshots: readonly Snapshot[];
}

/** Records until it is ended; `kubeconfig`: whose rights it has. */
async function recording(name: string, kubeconfig: string): Promise<{ readonly path: string; end(): Promise<Recorded> }> {
  const path = join(folder, `${name}.jsonl`);
  const cli = new CliProcess(['record', 'chat', '-n', chat.namespace, '-o', path], { launcher: PLUGIN, env: { KUBECONFIG: kubeconfig } });
  running.push(cli);
  await cli.until(/until Ctrl-C/);
  const end = async (): Promise<Recorded> => {
    cli.kill('SIGINT');
    const { stderr, ...ended } = await cli.ended;
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    const [head, ...snapshots] = readFileSync(path, 'utf8').trimEnd().split('\n');
    return { stderr, head: JSON.parse(head ?? ''), snapshots: snapshots.map((line) => JSON.parse(line)) };
  };
  return { path, end };
}

/** Somebody who may look at ChatClusters and Pods, but not ask gateways. */
async function reader(): Promise<string> {
  const { api } = world.plane;
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${chat.namespace}`;
  await api.create(`/api/v1/namespaces/${chat.namespace}/serviceaccounts`, { metadata: { name: 'reader' } });
  const rules = [
    { apiGroups: ['chatcluster.io'], resources: ['chatclusters'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
  ];
  await api.create(`${rbac}/roles`, { metadata: { name: 'reader' }, rules });
  await api.create(`${rbac}/rolebindings`, {
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: chat.namespace }],
  });
  return world.plane.serviceAccountKubeconfig(chat.namespace, 'reader');
}

/** Comes and goes: 300 clients need more gateways; when they have left, two are enough. */
async function rush(): Promise<number> {
  const clients = new FleetClients(async () => [], chat.url);
  crowds.push(clients);
  for (let left = CLIENTS; left > 0; left -= 50) await clients.connect(Math.min(50, left));
  const { status } = await chat.until(
    'more gateways',
    (now) => (now.desiredReplicas ?? 0) >= 4 && now.readyReplicas === now.desiredReplicas,
  );
  await new Promise((resolve) => setTimeout(resolve, TWO_LOOKS_MS));
  await clients.close();
  await chat.settled(2);
  return status?.desiredReplicas ?? 0;
}

const most = (values: readonly (number | null)[]): number => Math.max(...values.map((value) => value ?? 0));

describe('what a ChatCluster on a real API server goes through', () => {
  it('is recorded second by second, with or without the right to ask gateways, and simulate replays it', { timeout: TEST_MS }, async () => {
    const { kubeconfig } = world.plane;
    const all = await recording('all', kubeconfig);
    const sums = await recording('sums', await reader());
    const desired = await rush();
    await until('no connection is left', TEST_MS, async () => ((await chat.resource()).status?.connections === 0 ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, TWO_LOOKS_MS));

    const { stderr, head, snapshots } = await all.end();
    expect(stderr).toMatch(/^Records .*chat in .*\.jsonl until Ctrl-C\.\n\d+ changes in .*\. Replay them: [^\n]*\n$/);
    expect(head).toMatchObject({ recording: 1, cluster: expect.stringContaining('chat') });
    const [first, last] = [snapshots[0], snapshots.at(-1)];
    expect(first).toMatchObject({ connections: 0, desired: 2, capacity: 200 });
    expect(last).toMatchObject({ connections: 0, desired: 2, capacity: 200 });
    expect(last?.gateways.map(({ state }) => state)).toEqual(['ready', 'ready']);
    expect(snapshots.map(({ connections }) => connections)).toContain(CLIENTS);
    expect(most(snapshots.map(({ connections }) => connections))).toBeLessThanOrEqual(CLIENTS + MOVING);
    expect(most(snapshots.map((snapshot) => snapshot.desired))).toBeGreaterThanOrEqual(desired);
    expect(most(snapshots.map(({ capacity }) => capacity))).toBeGreaterThanOrEqual(100 * desired);
    const states = new Set(snapshots.flatMap(({ gateways }) => gateways.map(({ state }) => state)));
    expect([...states]).toEqual(expect.arrayContaining(['ready', 'draining']));

    const { stderr: toldOfSums, snapshots: summed } = await sums.end();
    expect(toldOfSums.match(/Records the operator's sum, .* has no right to get pods\/proxy in namespace .*\n/g)).toHaveLength(1);
    expect(Math.abs(most(summed.map(({ connections }) => connections)) - CLIENTS)).toBeLessThanOrEqual(MOVING);
    expect(summed.flatMap(({ gateways }) => gateways.filter(({ connections }) => connections !== null))).toEqual([]);

    // As people have it who want to try another setting.
    const file = join(folder, 'chat.yaml');
    writeFileSync(file, await world.plane.kubectl('-n', chat.namespace, 'get', 'chat', 'chat', '-o', 'yaml'));
    for (const { path } of [all, sums]) {
      const replay = await runCli(['simulate', '-f', file, '--trace', path, '-o', 'json']);
      expect(replay).toMatchObject({ code: 0, stderr: '' });
      const { contenders, clients, durationMs } = JSON.parse(replay.stdout);
      expect(Math.abs(clients - CLIENTS)).toBeLessThanOrEqual(MOVING);
      expect(durationMs).toBeGreaterThan(TWO_LOOKS_MS);
      expect(contenders.chatcluster).toMatchObject({ droppedConnections: 0, forcedConnections: 0 });
      expect(contenders.chatcluster.peakGateways).toBeGreaterThanOrEqual(4);
    }
  });
});
