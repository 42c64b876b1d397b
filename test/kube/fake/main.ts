import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Access, Api, ApiError } from '../api.ts';
import { nodeLease, nodeObject, nodeStatus } from '../node-objects.ts';
import type { Pod } from '../pod/pod.ts';
import { FakePods } from './pods.ts';

/** What the process is given in `FAKE_NODES`. */
export interface FakeNodesConfig {
  readonly access: Access;
  readonly nodes: number;
  /** For its own control: `GET /` says how many Pods it has, `POST /` sets connections (`{ "namespace/cluster": 1000 }`). */
  readonly port: number;
  readonly connectionsPerCluster: number;
  readonly heartbeatMs: number;
}

const HOST_IP = '10.89.254.1';

const config = JSON.parse(process.env.FAKE_NODES ?? '{}') as FakeNodesConfig;
const api = new Api(config.access);
const pods = new FakePods(api, config.connectionsPerCluster);
const names = Array.from({ length: config.nodes }, (_, at) => `fake-${at}`);

for (const name of names) {
  const traits = { name, zone: `zone-${Number(name.slice('fake-'.length)) % 3}` };
  await api.create('/api/v1/nodes', nodeObject(traits));
  await api.patch(`/api/v1/nodes/${name}/status`, { status: nodeStatus(traits, HOST_IP, new Date()) }, 'strategic');
}
await beat();

const ours = new Set(names);
const isOurs = ({ spec: { nodeName = '' } }: Pod) => ours.has(nodeName);
void api.follow<Pod>('/api/v1/pods', 'fieldSelector=spec.nodeName!%3D', new AbortController().signal, {
  put: (pod) => isOurs(pod) && pods.put(pod),
  remove: (pod) => isOurs(pod) && pods.remove(pod),
});

createServer(async (request, response) => {
  if (request.method === 'POST') {
    const wanted = (await json(request)) as Readonly<Record<string, number>>;
    for (const [cluster, connections] of Object.entries(wanted)) pods.setConnections(cluster, connections);
  }
  response.end(JSON.stringify({ pods: pods.size }));
}).listen(config.port, '127.0.0.1');

for (;;) {
  await sleep(config.heartbeatMs);
  await beat();
}

async function beat(): Promise<void> {
  for (const name of names) {
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
    await api.apply(path, nodeLease(name, new Date())).catch((error) => {
      if (!(error instanceof ApiError)) throw error;
    });
  }
}
