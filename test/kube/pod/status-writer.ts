import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, ApiError } from '../api.ts';
import type { Pod } from './pod.ts';
import type { PodStatus } from './status.ts';

const AGAIN_MS = 200;

/** Writes the status of one Pod, the newest as soon as the API server takes it, and none that was outdated meanwhile. */
export class StatusWriter {
  readonly #api: Api;
  readonly #path: string;
  readonly #uid: string;
  readonly #connected: () => boolean;
  #next: PodStatus | undefined;
  #writing: Promise<void> | undefined;
  #ended = false;

  constructor(api: Api, { metadata }: Pod, connected: () => boolean) {
    this.#api = api;
    this.#path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    this.#uid = metadata.uid;
    this.#connected = connected;
  }

  /** Whether all that was to be written is. */
  get idle(): boolean {
    return this.#writing === undefined;
  }

  write(status: PodStatus): void {
    this.#next = status;
    this.#writing ??= this.#writeAll();
  }

  /** After the last status: the Pod itself goes, as the kubelet's last word. */
  async remove(): Promise<void> {
    await this.#writing;
    await this.#persist(() => this.#api.delete(this.#path, { gracePeriodSeconds: 0, preconditions: { uid: this.#uid } }));
  }

  /** Nothing more is written. */
  end(): void {
    this.#ended = true;
  }

  async #writeAll(): Promise<void> {
    while (this.#next !== undefined && !this.#ended) {
      const metadata = { uid: this.#uid };
      await this.#persist(async () => {
        const status = this.#next;
        this.#next = undefined;
        if (status === undefined) return;
        try {
          await this.#api.patch(`${this.#path}/status`, { metadata, status }, 'strategic');
        } catch (error) {
          this.#next ??= status;
          throw error;
        }
      });
    }
    this.#writing = undefined;
  }

  /** Tries until it is done or the Pod is gone (404) or another's (409). */
  async #persist(work: () => Promise<void>): Promise<void> {
    while (!this.#ended) {
      if (this.#connected()) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          if (error.status === 404 || error.status === 409) {
            this.#next = undefined;
            return;
          }
        }
      }
      await sleep(AGAIN_MS);
    }
  }
}
