import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Launch } from '../../servers/child.ts';
import { podAddress } from '../addresses.ts';
import type { Api } from '../api.ts';
import { ContainerProcess, now } from './container.ts';
import { environmentOf, expand, type PodPlace } from './environment.ts';
import type { Container, Image, Pod } from './pod.ts';
import { isReady, type PodStatus, podStatus } from './status.ts';
import { StatusWriter } from './status-writer.ts';
import { layOut, moveMounts } from './volumes.ts';

/** What a Pod needs of its node. */
export interface PodWorld {
  readonly api: Api;
  readonly place: PodPlace;
  readonly images: ReadonlyMap<string, Image>;
  /** Gets a folder of each Pod, and what its containers print. */
  readonly folder: string;
  readonly crashBackoffMs: number;
  /** Whether the node reaches the API server. */
  connected(): boolean;
  /** A kubeconfig file of the Pod's ServiceAccount. */
  kubeconfig(namespace: string, serviceAccount: string): Promise<string>;
  /** It is over: its processes have ended, and nothing more is written. */
  gone(): void;
}

const LOOPBACK = pathToFileURL(join(import.meta.dirname, '../loopback.ts')).href;
/** Where programs are told to listen; whatever a Pod says, its process listens on its own loopback address. */
const HOST_VARIABLES = ['HOST', 'CHATCLUSTER_HOST', 'CHATCLUSTER_ADMIN_HOST', 'CHATCLUSTER_HTTP_HOST'];
const DEFAULT_GRACE_S = 30;

/** A Pod whose containers are local processes. It is Pending, then Running; it ends when it is deleted, or when its containers did and don't start again. */
export class ProcessPod {
  readonly #world: PodWorld;
  readonly #containers: readonly ContainerProcess[];
  readonly #writer: StatusWriter;
  readonly #startTime = now();
  #pod: Pod;
  #status: PodStatus | undefined;
  #over: Promise<unknown> | undefined;
  #leaving = false;
  #ended = false;

  constructor(pod: Pod, world: PodWorld) {
    this.#pod = pod;
    this.#world = world;
    this.#writer = new StatusWriter(world.api, pod, world.connected);
    const { containers, restartPolicy = 'Always' } = pod.spec;
    this.#containers = containers.map(
      (container) =>
        new ContainerProcess({
          container,
          restartPolicy,
          host: podAddress(world.place.ip),
          backoffMs: world.crashBackoffMs,
          graceMs: this.#graceMs(),
          launch: () => this.#launch(container),
          changed: () => this.#report(),
        }),
    );
  }

  get pod(): Pod {
    return this.#pod;
  }

  get containers(): readonly ContainerProcess[] {
    return this.#containers;
  }

  start(): void {
    this.#report();
    this.#over = Promise.all(this.#containers.map((container) => container.run()));
    if (this.#pod.metadata.deletionTimestamp !== undefined) this.#leave();
  }

  /** The API server has it so now. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) this.#leave();
    // Others write the status too, such as the node controller while we were silent.
    else if (this.#writer.idle && this.#status !== undefined && isReady(pod.status) !== isReady(this.#status)) this.repeat();
  }

  /** The API server has it no more: it ends all the same, in its own time. */
  removed(): void {
    this.#leave();
  }

  /** Writes the status again. */
  repeat(): void {
    if (this.#status !== undefined) this.#writer.write(this.#status);
  }

  /** Kills the processes without a word to anybody. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#writer.end();
    for (const { child } of this.#containers) child?.kill('SIGKILL');
    for (const container of this.#containers) container.stop(0);
    await this.#over;
    this.#cleanUp();
  }

  /** SIGTERM, SIGKILL after the grace period, and the last word. Called again, the grace period may be shorter. */
  #leave(): void {
    for (const container of this.#containers) container.stop(this.#graceMs());
    if (this.#leaving) return;
    this.#leaving = true;
    void this.#over?.then(async () => {
      if (this.#ended) return;
      await this.#writer.remove();
      this.#cleanUp();
    });
  }

  #graceMs(): number {
    const { metadata, spec } = this.#pod;
    return (metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S) * 1_000;
  }

  #cleanUp(): void {
    rmSync(this.#folder(), { recursive: true, force: true });
    this.#world.gone();
  }

  #report(): void {
    const views = this.#containers.map(({ view }) => view);
    this.#status = podStatus(views, this.#world.place, this.#startTime, now(), this.#status);
    this.#writer.write(this.#status);
  }

  #folder(): string {
    return join(this.#world.folder, this.#pod.metadata.uid);
  }

  async #launch(container: Container): Promise<Launch | undefined> {
    const { api, images, place, folder } = this.#world;
    const image = images.get(container.image);
    if (image === undefined) return undefined;
    const pod = this.#pod;
    const volumes = this.#folder();
    await layOut(api, pod, volumes);
    const moved = (text: string) => moveMounts(text, container, volumes);
    const own = await environmentOf(api, pod, container, place);
    const [name = '', ...args] = [...(container.command ?? image.entrypoint), ...(container.args ?? [])].map((part) =>
      moved(expand(part, own)),
    );
    const env = { ...image.env, ...mapValues(own, moved), ...(await this.#surroundings(container)) };
    // As the node finds it: a Pod of the same name, once replaced, goes on in the same file.
    const logFile = join(folder, `${pod.metadata.namespace}_${pod.metadata.name}_${container.name}.log`);
    const program = image.programs?.[name] ?? (name === 'node' ? process.execPath : name);
    return { program, args, env, folder: image.folder, log: logFile, bare: true };
  }

  /** What a real node would give by networks and file systems of the Pod's own. */
  async #surroundings({ volumeMounts = [] }: Container): Promise<Record<string, string>> {
    const { metadata, spec } = this.#pod;
    // Only how fast Node starts.
    const { NODE_COMPILE_CACHE } = process.env;
    const host = podAddress(this.#world.place.ip);
    const hasToken = volumeMounts.some(({ mountPath }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount');
    return {
      PATH: process.env.PATH ?? '',
      ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
      HOSTNAME: metadata.name,
      NODE_OPTIONS: `--import ${LOOPBACK}`,
      ...Object.fromEntries(HOST_VARIABLES.map((name) => [name, host])),
      ...(hasToken && { KUBECONFIG: await this.#world.kubeconfig(metadata.namespace, spec.serviceAccountName ?? 'default') }),
    };
  }
}

function mapValues(values: Readonly<Record<string, string>>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
