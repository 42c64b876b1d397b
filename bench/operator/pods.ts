import type { Api, Item } from '../../test/kube/api.ts';

interface Pod extends Item {
  readonly status?: { readonly phase?: string };
}

/** Plays the nodes: each Pod runs at once, has an address of its own and is Ready. Until the signal. */
export async function runPods(api: Api, signal: AbortSignal): Promise<void> {
  let given = 0;
  const put = (pod: Pod) => {
    if (pod.status?.phase !== 'Pending') return;
    given += 1;
    const now = new Date().toISOString().replace(/\.\d+/, '');
    const ip = `10.1.${given >> 8}.${given & 255}`;
    const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: now,
    }));
    const container = { name: 'gateway', image: 'bench', imageID: 'bench', ready: true, started: true, restartCount: 0 };
    const status = {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      startTime: now,
      conditions,
      containerStatuses: [{ ...container, containerID: `bench://${given}`, state: { running: { startedAt: now } } }],
    };
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/status`;
    api.patch(path, { status }).catch(() => undefined);
  };
  await api.follow<Pod>('/api/v1/pods', 'labelSelector=chatcluster.io%2Fcluster', signal, { put, remove: () => undefined });
}
