import type { Verdict } from '../../load/verdict.ts';
import { inReach, until } from './tools.ts';

/** What scenarios run with. */
export interface Settings {
  /** Of operator and gateways: `repository:tag`. */
  readonly image: string;
  /** `repository:tag`; null: the chart's. */
  readonly valkeyImage: string | null;
  readonly helm: string;
  readonly kubectl: string;
}

export interface ChatCluster {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly broker: object };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly desiredReplicas?: number;
    readonly draining?: number;
    readonly connections?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
  };
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export const RELEASE = 'chatcluster';
export const SYSTEM = 'chat-system';
export const CHAT = 'chat';

const SETTLE_MS = 180_000;
/** Load is on the node that is never drained, cut or lost, and so is the broker. */
const SAFE = { 'chatcluster-e2e/safe': 'true' } as const;

/** The cluster under test, and the load on it. */
export class World {
  readonly settings: Settings;
  #loads = 0;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return inReach(this.settings.kubectl, args);
  }

  helm(...args: readonly string[]): Promise<string> {
    return inReach(this.settings.helm, args);
  }

  apply(object: object): Promise<string> {
    return inReach(this.settings.kubectl, ['apply', '--filename', '-'], JSON.stringify(object));
  }

  /** Changes the spec of the ChatCluster. */
  async change(spec: object): Promise<void> {
    await this.kubectl('patch', 'chatcluster', CHAT, '-n', CHAT, '--type=merge', '-p', JSON.stringify({ spec }));
  }

  async chat(): Promise<ChatCluster> {
    return JSON.parse(await this.kubectl('get', 'chatcluster', CHAT, '-n', CHAT, '-o', 'json')) as ChatCluster;
  }

  async pods(namespace: string, selector: string): Promise<readonly Pod[]> {
    const list = await this.kubectl('get', 'pods', '-n', namespace, '-l', selector, '-o', 'json');
    return (JSON.parse(list) as { items: Pod[] }).items;
  }

  gateways(): Promise<readonly Pod[]> {
    return this.pods(CHAT, `chatcluster.io/cluster=${CHAT}`);
  }

  /** The names of the nodes that may be drained, cut or lost. */
  async otherNodes(): Promise<readonly string[]> {
    const names = await this.kubectl('get', 'nodes', '-l', '!chatcluster-e2e/safe', '-o', 'jsonpath={.items[*].metadata.name}');
    return names.split(' ').filter((name) => name !== '');
  }

  /** Marks the one node that stays. */
  async chooseSafeNode(): Promise<void> {
    const list = await this.kubectl('get', 'nodes', '-o', 'json');
    const { items } = JSON.parse(list) as { items: { metadata: { name: string }; spec: { taints?: { effect: string }[] } }[] };
    const usable = items.filter(({ spec }) => !spec.taints?.some(({ effect }) => effect === 'NoSchedule'));
    const [first] = usable;
    if (first === undefined) throw new Error('No node takes Pods.');
    await this.kubectl('label', 'nodes', '--all', 'chatcluster-e2e/safe-');
    await this.kubectl('label', 'node', first.metadata.name, 'chatcluster-e2e/safe=true');
  }

  safeNode(): typeof SAFE {
    return SAFE;
  }

  /** Resolves when the ChatCluster is at rest: all gateways ready and current, none on its way out, as many as wanted (or as many as given). */
  async rest(replicas?: number): Promise<void> {
    await until(`at rest${replicas === undefined ? '' : ` with ${replicas} gateways`}`, SETTLE_MS, async () => {
      const { metadata, status = {} } = await this.chat();
      const gateways = await this.gateways();
      const found = `${JSON.stringify({ ...status, conditions: undefined, drains: undefined, decisions: undefined, lastDecision: undefined, state: undefined })}, ${gateways.length} Pods`;
      const wanted = replicas ?? status.desiredReplicas;
      const rests =
        status.observedGeneration === metadata.generation &&
        [status.replicas, status.readyReplicas, status.updatedReplicas, gateways.length].every((count) => count === wanted);
      if (!rests) throw new Error(found);
      return true;
    });
  }

  /** Runs clients in a Pod of the cluster, through the Service, for as long as `during` lasts; answers their verdict. */
  async underLoad(clients: number, during: () => Promise<void>): Promise<Verdict> {
    const pod = await this.startLoad(clients);
    try {
      await during();
    } catch (error) {
      await this.kubectl('delete', 'pod', pod, '-n', CHAT, '--now');
      throw error;
    }
    return this.endLoad(pod);
  }

  /** Starts clients, and resolves when all have connected. */
  async startLoad(clients: number): Promise<string> {
    this.#loads += 1;
    const name = `load-${this.#loads}`;
    const options = {
      url: `http://${CHAT}.${CHAT}.svc`,
      clients,
      channels: Math.ceil(clients / 10),
      rate: 20,
      duration: '1h',
      'connect-rate': 50,
      output: 'json',
    };
    await this.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: CHAT },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        nodeSelector: SAFE,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'load',
            image: this.settings.image,
            args: ['load', ...Object.entries(options).map(([option, value]) => `--${option}=${value}`)],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    });
    await until(`${clients} clients are connected`, SETTLE_MS, async () => {
      const log = await this.kubectl('logs', name, '-n', CHAT, '--tail=20');
      if (!log.includes(`${clients}/${clients} connected`)) throw new Error(log.trim().split('\n').at(-1) ?? '');
      return true;
    });
    return name;
  }

  /** Tells the clients to stop, and answers what they saw. */
  async endLoad(pod: string): Promise<Verdict> {
    await this.kubectl('exec', pod, '-n', CHAT, '--', 'node', '-e', 'process.kill(1, "SIGINT")');
    await until('the clients have ended', SETTLE_MS, async () => {
      const phase = await this.kubectl('get', 'pod', pod, '-n', CHAT, '-o', 'jsonpath={.status.phase}');
      return phase === 'Succeeded' || phase === 'Failed' || undefined;
    });
    const log = await this.kubectl('logs', pod, '-n', CHAT);
    await this.kubectl('delete', 'pod', pod, '-n', CHAT, '--wait=false');
    // What it tells of its way stands in the same log.
    const start = log.search(/^\{$/m);
    if (start < 0) throw new Error(`The load ended without a verdict: ${log.slice(-500)}`);
    return JSON.parse(log.slice(start)) as Verdict;
  }
}
