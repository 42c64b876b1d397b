import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child, type Launch } from '../../servers/child.ts';
import { ApiError } from '../api.ts';
import type { Container, PodSpec } from './pod.ts';
import { keepProbing } from './probing.ts';
import { ConfigError } from './sources.ts';
import type { ContainerState, ContainerView, Ended } from './status.ts';

/** What a container needs of the Pod around it. */
export interface ContainerParts {
  readonly container: Container;
  readonly restartPolicy: NonNullable<PodSpec['restartPolicy']>;
  /** Where it listens. */
  readonly host: string;
  /** The first pause before a restart, ms; each further one is twice as long, up to 32 times. */
  readonly backoffMs: number;
  /** On SIGTERM because it is unhealthy, ms. */
  readonly graceMs: number;
  /** How to start it; `undefined` when there is no such image. Rejects with `ConfigError` when its spec can't be met now. */
  launch(): Promise<Launch | undefined>;
  readonly changed: () => void;
}

const LONGEST_BACKOFF = 32;
/** Who ran for so long starts anew with the shortest pause. */
const GOOD_RUN_MS = 60_000;
const LOOK_AGAIN_MS = 500;

/** One container of a Pod, as a local process that is started again by the Pod's restart policy. */
export class ContainerProcess {
  readonly #parts: ContainerParts;
  readonly #stopping = new AbortController();
  #child: Child | undefined;
  /** How it was started the last time. */
  #known: Launch | undefined;
  #killing: NodeJS.Timeout | undefined;
  #view: ContainerView;

  constructor(parts: ContainerParts) {
    this.#parts = parts;
    const { name, image } = parts.container;
    const state: ContainerState = { kind: 'waiting', reason: 'ContainerCreating', message: '' };
    this.#view = { name, image, state, pid: null, last: null, restartCount: 0, started: false, ready: false };
  }

  get view(): ContainerView {
    return this.#view;
  }

  /** Its process, while it runs. */
  get child(): Child | undefined {
    return this.#child?.running ? this.#child : undefined;
  }

  /** Runs it until it is over for good: stopped, or ended and not to be started again. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    const { restartPolicy } = this.#parts;
    for (let crashes = 0; ; ) {
      const launch = await this.#launch();
      if (launch === undefined) return this.#neverRan();
      const startedAt = performance.now();
      const ended = await this.#runOnce(launch);
      const over = signal.aborted || restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && ended.exitCode === 0);
      if (over) return this.#change({ state: { kind: 'terminated', ...ended }, started: false, ready: false });
      crashes = performance.now() - startedAt > GOOD_RUN_MS ? 0 : crashes;
      await this.#backOff(ended, crashes++);
    }
  }

  /** Asks it to end, and kills it after so long, ms. May be called again with a shorter time. */
  stop(graceMs: number): void {
    const first = !this.#stopping.signal.aborted;
    this.#stopping.abort();
    if (first) this.#child?.kill('SIGTERM');
    this.#killWithin(graceMs);
  }

  #killWithin(graceMs: number): void {
    clearTimeout(this.#killing);
    const child = this.child;
    if (child === undefined) return;
    this.#killing = setTimeout(() => child.kill('SIGKILL'), graceMs);
    void child.ended.then(() => clearTimeout(this.#killing));
  }

  /** How to start it, as soon as that is known; `undefined` when it is stopped first. */
  async #launch(): Promise<Launch | undefined> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const launch = await this.#parts.launch();
        if (signal.aborted) return undefined;
        if (launch !== undefined) {
          this.#known = launch;
          return launch;
        }
        this.#wait('ImagePullBackOff', `Back-off pulling image "${this.#view.image}": there is no such image`);
      } catch (error) {
        if (error instanceof ConfigError) this.#wait('CreateContainerConfigError', error.message);
        // The API server is away: a node knows what it once read.
        else if (error instanceof ApiError && this.#known !== undefined) return this.#known;
        else if (!(error instanceof ApiError)) throw error;
      }
      await pause(LOOK_AGAIN_MS, signal);
    }
    return undefined;
  }

  async #runOnce(launch: Launch): Promise<Ended> {
    const { container, host, graceMs } = this.#parts;
    const child = new Child(launch);
    this.#child = child;
    const startedAt = now();
    this.#change({ state: { kind: 'running', startedAt }, pid: child.pid, started: false, ready: false });
    const probes = new AbortController();
    const findings = {
      started: () => this.#change({ started: true }),
      ready: (ready: boolean) => this.#change({ ready }),
      unhealthy: () => {
        child.kill('SIGTERM');
        this.#killWithin(graceMs);
      },
    };
    const probing = keepProbing(container, host, findings, probes.signal);
    const how = await child.ended;
    probes.abort();
    await probing;
    return { ...exitOf(how), startedAt, finishedAt: now() };
  }

  /** The first restart comes at once, as the kubelet's does. */
  async #backOff(ended: Ended, crashes: number): Promise<void> {
    const { backoffMs } = this.#parts;
    const { restartCount } = this.#view;
    const pauseMs = crashes === 0 ? 0 : backoffMs * Math.min(2 ** (crashes - 1), LONGEST_BACKOFF);
    const message = `back-off ${pauseMs}ms restarting failed container ${this.#view.name}`;
    const state: ContainerState = { kind: 'waiting', reason: 'CrashLoopBackOff', message };
    this.#change({ state, last: ended, restartCount: restartCount + 1, started: false, ready: false });
    await pause(pauseMs, this.#stopping.signal);
  }

  /** Stopped before it could start, or between two runs. */
  #neverRan(): void {
    const at = now();
    const never = { exitCode: 137, signal: 0, startedAt: at, finishedAt: at };
    this.#change({ state: { kind: 'terminated', ...(this.#view.last ?? never) }, started: false, ready: false });
  }

  #wait(reason: string, message: string): void {
    this.#change({ state: { kind: 'waiting', reason, message } });
  }

  #change(change: Partial<ContainerView>): void {
    const before = JSON.stringify(this.#view);
    this.#view = { ...this.#view, ...change };
    if (JSON.stringify(this.#view) !== before) this.#parts.changed();
  }
}

/** Kubernetes' times have whole seconds. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+/, '');
}

function exitOf(how: string): { readonly exitCode: number; readonly signal: number } {
  const code = /exit code (\d+)/.exec(how)?.[1];
  if (code !== undefined) return { exitCode: Number(code), signal: 0 };
  const name = /signal (\w+)/.exec(how)?.[1];
  const signal = Object.entries(constants.signals).find(([signal]) => signal === name)?.[1];
  return signal === undefined ? { exitCode: 128, signal: 0 } : { exitCode: 128 + signal, signal };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
