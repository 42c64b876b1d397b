import { homedir } from 'node:os';
import { text } from 'node:stream/consumers';
import { GATEWAY_PORTS } from '../../operator/api/names.ts';
import { KubeApi } from '../../operator/kube/api.ts';
import type { Configuration } from '../../operator/kube/configuration.ts';
import { Credentials } from '../../operator/kube/credentials.ts';
import { KubeError } from '../../operator/kube/error.ts';
import { kubeconfigsNeed } from '../../operator/kube/node-version.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../../operator/kube/object.ts';
import { SERVICE_ACCOUNT_FOLDER, serviceAccount } from '../../operator/kube/service-account.ts';
import { Transport } from '../../operator/kube/transport.ts';
import { Failure } from '../failure.ts';
import { kubeconfigFiles } from './kubeconfig-files.ts';
import type { KubeChoice } from './target.ts';

/** As whom Kubernetes remembers what these commands wrote. */
const FIELD_MANAGER = 'kubectl-chatcluster';
const TIME_LIMIT_MS = 15_000;
/** One gateway that hangs must not hold the others up, ms. */
const POD_TIME_LIMIT_MS = 5_000;

/** A Kubernetes that commands read and write: annotations are all that they write. Calls reject with a KubeError. */
export class Connection {
  readonly api: KubeApi;
  /** The one that was named, or the context's. */
  readonly namespace: string;
  /** The context's name in the kubeconfig; in a Pod without one, what stands for it. */
  readonly context: string;
  readonly #transport: Transport;

  private constructor(found: Found, namespace: string | undefined) {
    const credentials = new Credentials(found.read);
    this.context = found.context;
    this.api = new KubeApi(credentials);
    this.#transport = new Transport(credentials);
    this.namespace = namespace ?? credentials.namespace;
  }

  /** Rejects with a Failure when nothing says where Kubernetes is. Connects with the first call. */
  static async open(choice: KubeChoice): Promise<Connection> {
    return new Connection(await find(choice), choice.namespace);
  }

  /** Sets annotations, and takes away those that are null. With a resource version it rejects with a conflict when the object was changed since. */
  async annotate(
    type: ResourceType,
    object: KubeObject,
    annotations: Readonly<Record<string, string | null>>,
    onlyIfUnchanged = false,
  ): Promise<void> {
    const { name, namespace = this.namespace, uid, resourceVersion } = object.metadata;
    await this.#transport.call({
      method: 'PATCH',
      path: `/${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}/namespaces/${namespace}/${type.plural}/${name}?fieldManager=${FIELD_MANAGER}`,
      tried: `annotate ${type.kind} ${namespace}/${name}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid, ...(onlyIfUnchanged ? { resourceVersion } : {}), annotations } },
      timeLimitMs: TIME_LIMIT_MS,
    });
  }

  /** The text of a gateway's /metrics, by way of the API server: from anywhere, without the gateway's token. */
  async metricsOf(namespace: string, pod: string, signal: AbortSignal): Promise<string> {
    const call = {
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/pods/${pod}:${GATEWAY_PORTS.admin}/proxy/metrics`,
      tried: `ask ${pod} for its metrics`,
      timeLimitMs: POD_TIME_LIMIT_MS,
    } as const;
    const limit = AbortSignal.timeout(POD_TIME_LIMIT_MS);
    const answer = await this.#transport.stream(call, AbortSignal.any([signal, limit]));
    try {
      return await text(answer);
    } catch (cause) {
      throw new KubeError(`${call.tried}: its answer broke off`, { status: 0, kind: 'unavailable', cause });
    }
  }

  close(): void {
    this.api.close();
    this.#transport.close();
  }
}

interface Found {
  readonly context: string;
  readonly read: () => Configuration;
}

/** Only a kubeconfig loads the library that reads it. */
async function find({ kubeconfig, context }: KubeChoice): Promise<Found> {
  const { env } = process;
  const files = kubeconfigFiles(kubeconfig, { env, home: homedir(), serviceAccountFolder: SERVICE_ACCOUNT_FOLDER });
  if (files === null) return { context: 'in-cluster', read: () => serviceAccount(SERVICE_ACCOUNT_FOLDER, env) };
  const need = kubeconfigsNeed(process.versions.node);
  if (need !== null) throw new Failure(need);
  const [{ readKubeconfigs }, { configurationOf }] = await Promise.all([
    import('./kubeconfig.ts'),
    import('../../operator/kube/kubeconfig.ts'),
  ]);
  const read = () => readKubeconfigs(files, context);
  return { context: read().getCurrentContext(), read: () => configurationOf(read()) };
}
